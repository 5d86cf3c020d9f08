#include "tools/penrig/slot_lock.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

/// Rows that are read at first; the newest run of a slot nearly always counts.
constexpr std::size_t kReadAtFirst = 20;

/// Whether it was in a position to move anything: it knew its devices, or nobody knows how far it came.
bool reached_devices(const RunRecord& run) { return run.outcome.pen || !run.closed || run.outcome.interrupted; }

std::string subject_of(const std::string& rig_name, const std::string& slot) {
  return fmt::format("slot {} of {}", slot, rig_name);
}

/// Why its safe state is not known, from what it recorded.
std::string why_unconfirmed(const RunRecord& run) {
  if (!run.closed || run.outcome.interrupted) return "its program ended without a word";
  if (!run.phases.empty() && !run.phases.back().error.empty()) return run.phases.back().error;
  return run.outcome.reason;
}

/// The newest run that knows how it left the slot, however far back; none: there is none.
Result<std::optional<RunRecord>> last_at(RecordStore& store, const std::string& rig_name, const std::string& slot) {
  RunFilter filter;
  filter.slot = slot;
  filter.rig_name = rig_name;
  filter.at_a_bench = true;  // a rig in the program's own process is gone with it
  std::size_t looked_at = 0;
  for (filter.newest = kReadAtFirst;; filter.newest *= 10) {
    const Result<std::vector<RunRow>> rows = store.list_runs(filter);
    if (!rows) return rows.error();
    for (; looked_at < rows->size(); ++looked_at) {
      const RunRow& row = (*rows)[rows->size() - 1 - looked_at];  // newest first
      if (row.running) continue;
      Result<RunRecord> run = store.load_run(row.run_id);
      if (!run) return run.error();
      if (reached_devices(*run)) return std::optional<RunRecord>{std::move(*run)};
    }
    if (rows->size() < filter.newest) return std::optional<RunRecord>{};
  }
}

}  // namespace

Result<std::optional<SlotLock>> slot_lock(RecordStore& store, const std::string& rig_name, const std::string& slot) {
  const auto last = last_at(store, rig_name, slot);
  if (!last) return last.error();
  if (!*last || (*last)->outcome.safe_state_confirmed) return std::optional<SlotLock>{};
  const std::optional<SlotLock> lock = SlotLock{(*last)->header.run_id, why_unconfirmed(**last)};
  const auto trail = store.audit_trail();
  if (!trail) return trail.error();
  const bool unlocked = std::any_of(trail->begin(), trail->end(), [&](const TrailEntry& item) {
    return item.fault.empty() && item.entry.action == audit::kSlotUnlocked &&
           item.entry.subject == subject_of(rig_name, slot) && item.entry.old_value.is_object() &&
           item.entry.old_value.value("locked_by", "") == lock->run_id;
  });
  return unlocked ? std::optional<SlotLock>{} : lock;
}

std::string locked_text(const SlotLock& lock, const std::string& rig_name, const std::string& rig_path,
                        const std::string& slot, const std::string& records) {
  return fmt::format(
      "slot '{}' of rig '{}' is locked: {} ended without a confirmed safe state ({}). At the rig: press the e-stop or "
      "switch it off; see that the pen stands, the needles are in and the stage is back; mend what was named; reset "
      "the rig. The next run stops, withdraws and looks before anything moves, and unlocks the slot if the sensors "
      "agree; or say that you have looked: penrig unlock {} --rig {} --records {} --reason TEXT",
      slot, rig_name, lock.run_id, lock.why, shell_word(slot), shell_word(rig_path), shell_word(records));
}

ExitCode unlock_command(const UnlockOptions& options) {
  Result<std::string> text = read_text(options.rig_path);
  if (!text) return complain(fail(Errc::usage, fmt::format("{}: {}", options.rig_path, text.error().message)));
  const Loaded<RigDescription> rig = load_rig(*text, options.rig_path);
  if (!rig.ok()) {
    std::cerr << render_mistakes(rig.mistakes, detect_style(2), "nothing was unlocked.");
    return ExitCode::usage;
  }
  SlotDescription slot;
  if (auto mistake = choose_slot(rig.value, options.slot, slot)) {
    mistake->file = "SLOT";  // what it is called here
    std::cerr << render_mistakes({*mistake}, detect_style(2), "nothing was unlocked.");
    return ExitCode::usage;
  }
  Result<std::unique_ptr<RecordStore>> store = open_signing(options.scope);
  if (!store) return complain(store.error());
  const ActedBy by = acting(options.scope.operator_name);
  // A run whose program is gone locks as well.
  if (const auto closed = (*store)->close_interrupted(by.at_utc_ns); !closed) return complain(closed.error());
  const auto lock = slot_lock(**store, rig.value.name, slot.name);
  if (!lock) return complain(lock.error());
  if (!*lock) {
    return complain(fail(Errc::usage, fmt::format("slot '{}' of rig '{}' is not locked, as the records in {} have it",
                                                  slot.name, rig.value.name, options.scope.records)));
  }
  AuditEntry entry{.at_utc_ns = by.at_utc_ns,
                   .who = by.who,
                   .action = audit::kSlotUnlocked,
                   .subject = subject_of(rig.value.name, slot.name)};
  entry.reason = options.reason;
  entry.old_value = nlohmann::ordered_json{{"locked_by", (*lock)->run_id}, {"because", (*lock)->why}};
  const Result<std::string> id = (*store)->add_audit(entry);
  if (!id) return complain(id.error());
  std::cout << fmt::format("{}  slot {} of {} is unlocked; the next run still stops, withdraws and looks first\n", *id,
                           slot.name, rig.value.name);
  return ExitCode::pass;
}

}  // namespace penrig::cli
