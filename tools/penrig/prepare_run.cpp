#include "tools/penrig/prepare_run.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "protocols/links.hpp"
#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/number_format.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/serial_number.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/stream_capacity.hpp"
#include "tools/penrig/without_option.hpp"

namespace penrig::cli {
namespace {

constexpr const char* kRecordsFolder = "records";

std::optional<Mistake> check_serial_number(const std::string& serial_number, const Product& product) {
  const std::string why = why_no_serial_number(serial_number, product.serial_pattern);
  if (why.empty()) return std::nullopt;
  return option_mistake("--serial-number",
                        fmt::format("'{}' is no serial number of {} ({}: scan it again, or take a plan for the "
                                    "product that it belongs to)",
                                    penrig::shown(serial_number, kLongestSerialNumber), product.name, why));
}

std::string slot_names(const RigDescription& rig) {
  std::string names;
  for (const SlotDescription& slot : rig.slots) names += (names.empty() ? "" : ", ") + slot.name;
  return names;
}

const SourceDocument* find_document(const Inputs& inputs, std::string_view kind) {
  const auto found = std::ranges::find(inputs.documents, kind, &SourceDocument::kind);
  return found == inputs.documents.end() ? nullptr : &*found;
}

/// Why a recent PASS of the golden plan's name does not do; empty: it does.
Result<std::string> why_not_golden(RecordStore& store, const RunRow& row, const GoldenInputs& golden, bool certifies) {
  if (certifies && (row.engineering || row.certifying_unsigned))
    return std::string("which certifies nothing, and this run is to certify");
  const Result<RunRecord> run = store.load_run(row.run_id);
  if (!run) return run.error();
  for (const SourceDocument* demanded : {&golden.plan, &golden.product}) {
    const auto& all = run->header.documents;
    const auto used = std::ranges::find(all, demanded->kind, &SourceDocument::kind);
    if (used == all.end() || used->sha256 != demanded->sha256)
      return fmt::format("by another {} than {}", demanded->kind, demanded->path);
  }
  return std::string();
}

}  // namespace

std::optional<Mistake> choose_slot(const RigDescription& rig, const std::string& wanted, SlotDescription& slot) {
  if (wanted.empty() && rig.slots.size() == 1) {
    slot = rig.slots.front();
    return std::nullopt;
  }
  if (wanted.empty()) {
    return option_mistake("--slot", fmt::format("which slot? rig '{}' has {} (write: --slot {})", rig.name,
                                                slot_names(rig), rig.slots.front().name));
  }
  const auto found = std::ranges::find(rig.slots, wanted, &SlotDescription::name);
  if (found == rig.slots.end()) {
    return option_mistake("--slot",
                          fmt::format("rig '{}' has no slot '{}' (it has {})", rig.name, wanted, slot_names(rig)));
  }
  slot = *found;
  return std::nullopt;
}

std::vector<Mistake> check_links(const Inputs& inputs, const SlotDescription& slot) {
  const SourceDocument* rig = find_document(inputs, "rig");
  if (inputs.simulated || rig == nullptr || rig->path == kSimulatedRigName) return {};
  const bool pen_leads = slot.pen_link.starts_with("serial:") || slot.pen_link.starts_with("ble:");
  if (!pen_leads || !slot.daq_link.starts_with("serial:")) {
    Mistake mistake = option_mistake("--rig", "");
    mistake.file = rig->path;
    mistake.message =
        "its links lead nowhere: they stand for a simulated rig (write --rig sim:seed=1, or let "
        "penrig sim --write-rig FILE make a description with links)";
    return {mistake};
  }
  std::vector<Mistake> mistakes;
  for (const auto& [link, place] : {std::pair{slot.pen_link, slot.pen_place},
                                    {slot.daq_link, slot.daq_place},
                                    {slot.pen_ble_link, slot.pen_ble_place}}) {
    if (link.empty()) continue;  // only the second link of a pen may be
    const Result<void> good = check_link_uri(link);
    if (!good) mistakes.push_back(mistake_at(rig->path, TextLines(rig->bytes), place, good.error().message));
  }
  if (!inputs.has_plan) return mistakes;
  for (const PenLink link : kPenLinks) {
    const bool there = pen_link_of(slot.pen_link) == link || (link == PenLink::ble && !slot.pen_ble_link.empty());
    if (there || !inputs.plan.needs(link)) continue;
    const char* const to_do = link == PenLink::ble
                                  ? "write: pen_ble: ble:name=NAME; penrig ports --ble lists what is near"
                                  : "write: pen: serial:/dev/..., and the link over BLE as pen_ble; penrig ports lists "
                                    "what is there";
    mistakes.push_back(mistake_at(rig->path, TextLines(rig->bytes), slot.pen_place,
                                  fmt::format("plan '{}' drives the pen over {}, and slot '{}' has no such link ({})",
                                              inputs.plan.name, name_of(link), slot.name, to_do)));
  }
  if (auto beyond = check_capacity(inputs.plan, slot, rig->bytes, rig->path)) mistakes.push_back(std::move(*beyond));
  return mistakes;
}

PreparedRun prepare_run(const RunOptions& options) {
  PreparedRun run;
  run.inputs = load_inputs(options.plan_path, options.rig, options.via);
  Inputs& inputs = run.inputs;
  const auto add = [&](std::optional<Mistake> mistake) {
    if (mistake) inputs.mistakes.push_back(std::move(*mistake));
  };
  if (inputs.has_product) add(check_serial_number(options.serial_number, inputs.product));
  run.without = read_without(options.without, inputs.mistakes);
  if (inputs.has_plan) {
    run.answers = read_answers(options.answers, inputs.plan, inputs.mistakes);
    // One that was written wrongly is told of already.
    if (run.answers.size() == options.answers.size())
      check_somebody_answers(inputs.plan, run.answers, options.asks, inputs.mistakes);
  }
  if (!inputs.has_rig) return run;
  if (const auto possible = can_be_without(run.without, inputs.rig.calibrations); !possible) {
    add(option_mistake("--without", possible.error().message));
  }
  std::optional<Mistake> no_slot = choose_slot(inputs.rig, options.slot, run.slot);
  const bool chosen = !no_slot;
  add(std::move(no_slot));
  if (!chosen) return run;
  run.slot_index = static_cast<std::size_t>(std::ranges::find(inputs.rig.slots, run.slot.name, &SlotDescription::name) -
                                            inputs.rig.slots.begin());
  if (run.slot_index < inputs.simulated_slots.size()) {
    const auto& own = inputs.simulated_slots[run.slot_index].documents;
    inputs.documents.insert(inputs.documents.end(), own.begin(), own.end());
  }
  for (Mistake& mistake : check_links(inputs, run.slot)) inputs.mistakes.push_back(std::move(mistake));
  return run;
}

Result<void> check_calibration(const RigDescription& rig, std::int64_t utc_ns) {
  const CalibrationHead& head = rig.calibrations.head;
  const std::int64_t today = std::chrono::floor<std::chrono::days>(std::chrono::nanoseconds{utc_ns}).count();
  const std::string date = format_iso8601(utc_ns).substr(0, 10);
  if (head.due.days <= today) {
    return fail(
        Errc::calibration,
        fmt::format("calibration {} of rig '{}' is due since {}, and today is {}: calibrate the rig and enter the "
                    "new certificate into its description",
                    head.id, rig.name, head.due.text, date));
  }
  if (head.date.days > today) {
    return fail(Errc::calibration,
                fmt::format("calibration {} of rig '{}' is dated {}, and today is {}: check the clock of this machine, "
                            "or the date in the description",
                            head.id, rig.name, head.date.text, date));
  }
  return {};
}

Result<CalibrationChoice> choose_calibrations(RecordStore& store, const RigDescription& rig, std::int64_t utc_ns) {
  const Result<std::vector<Calibration>> filed = store.list_calibrations();
  if (!filed) return filed.error();
  return apply_filed(rig, *filed, date_of_utc(utc_ns));
}

Result<CalibrationChoice> calibrations_of_capture(const std::string& records, const RigDescription& rig,
                                                  const std::string& date, std::int64_t utc_ns) {
  const CivilDate today = date_of_utc(utc_ns);
  CivilDate day = today;
  if (!date.empty()) {
    const auto written = parse_date(date);
    if (!written || written->days > day.days) {
      return fail(Errc::usage, fmt::format("--date: '{}' is no day up to today, {} (write: --date 2026-01-31)",
                                           penrig::shown(date), day.text));
    }
    day = *written;
  }
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  if (auto valid = check_calibration(rig, day.days * kDayNs); !valid) return valid.error();
  const std::string folder = records.empty() ? kRecordsFolder : records;
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(folder);
  // Nobody named a store, and none is there.
  if (!store && records.empty() && store.error().code == Errc::usage) return apply_filed(rig, {}, day);
  if (!store) return store.error();
  Result<std::vector<Calibration>> filed = (*store)->list_calibrations();
  if (!filed) return filed.error();
  // What was measured since then was not there on that day; a date that is still to come is a mistake on any.
  std::erase_if(*filed, [&](const Calibration& c) { return c.date.days > day.days && c.date.days <= today.days; });
  return apply_filed(rig, *filed, day);
}

Result<void> check_golden(RecordStore& store, const PreparedRun& prepared, bool certifies, std::int64_t utc_ns) {
  const Plan& plan = prepared.inputs.plan;
  if (!plan.golden_check) return {};
  if (!prepared.inputs.golden) return fail(Errc::internal, "a golden check without its plan");
  const GoldenCheck& golden = *plan.golden_check;
  RunFilter filter;
  filter.plan_name = golden.plan;
  const Result<std::vector<RunRow>> runs = store.list_runs(filter);
  if (!runs) return runs.error();
  const RunRow* last = nullptr;
  for (const RunRow& run : *runs) {
    // Whatever became of it counts: else a check that looks bad could be stopped. One that ended before any pen
    // answered has looked at nothing.
    const bool no_pen = run.closed && run.verdict >= Verdict::aborted && run.firmware.empty();
    if (!no_pen && !run.voided && run.rig_name == prepared.inputs.rig.name && run.slot == prepared.slot.name)
      last = &run;
  }
  std::string found = "there is none";
  if (last != nullptr) {
    const std::int64_t age_ns = utc_ns - last->started_utc_ns;
    found =
        fmt::format("the last is {}, {}, of {}", last->run_id, verdict_word(*last), format_utc(last->started_utc_ns));
    if (last->closed && last->verdict == Verdict::pass && age_ns >= 0 &&
        static_cast<double>(age_ns) <= golden.within_h * 3600e9) {
      const Result<std::string> why_not = why_not_golden(store, *last, *prepared.inputs.golden, certifies);
      if (!why_not) return why_not.error();
      if (why_not->empty()) return {};
      found += ", " + *why_not;
    }
  }
  return fail(
      Errc::refused,
      fmt::format("plan '{}' demands a PASS of golden plan '{}' on rig '{}', slot '{}', within {:g} h, and {}: "
                  "clamp in the golden pen and run that plan",
                  plan.name, golden.plan, prepared.inputs.rig.name, prepared.slot.name, golden.within_h, found));
}

RunSize run_size(const PreparedRun& prepared) {
  const Inputs& inputs = prepared.inputs;
  const PlanCounts counts = count_plan(inputs.plan, inputs.product, pen_link_of(prepared.slot.pen_link));
  RunSize size;
  for (const PlanStep& step : lay_out(inputs.plan, inputs.rig)) {
    if (step.kind != PlanStep::Kind::between_captures) size.planned_s += step.planned_s;  // nothing is kept of those
  }
  size.sample_rate_hz = inputs.plan.sample_rate_hz;
  // Each may be repeated after a lost link, and every attempt is kept.
  const std::uint64_t attempts = 1 + std::uint64_t{inputs.plan.link_retries};
  size.planned_s *= static_cast<double>(attempts);
  size.settings = counts.settings * attempts;
  size.decisions = counts.decisions;
  for (const SourceDocument& document : inputs.documents) size.document_bytes += document.bytes.size();
  return size;
}

RunHeader make_header(const RunOptions& options, const PreparedRun& prepared, const PlanCounts& counts,
                      const std::vector<Calibration>& calibrations) {
  const Inputs& inputs = prepared.inputs;
  RunHeader header;
  header.serial_number = options.serial_number;
  header.operator_name = options.operator_name;
  header.slot = prepared.slot.name;
  header.plan_name = inputs.plan.name;
  header.plan_revision = inputs.plan.revision;
  header.product_name = inputs.product.name;
  header.product_revision = inputs.product.revision;
  header.rig_name = inputs.rig.name;
  header.rig_revision = inputs.rig.revision;
  header.documents = inputs.documents;
  for (const Calibration& c : calibrations) {
    SourceDocument document;
    document.kind = "calibration";
    document.name = fmt::format("{} {}", c.id, c.target);
    document.bytes = calibration_json_text(c);
    document.sha256 = sha256_hex(document.bytes);
    header.documents.push_back(std::move(document));
  }
  header.software_version = kVersion;
  header.software_commit = kCommit;
  header.simulated = inputs.rig.simulated;
  header.simulation = inputs.simulated ? inputs.simulated->text : "";
  header.cartridge_lot = inputs.rig.cartridge_lot;
  header.cartridge_needles = inputs.rig.cartridge_needles;
  header.simulant_lot = inputs.rig.simulant.lot;
  header.decisions_planned = counts.decisions;
  header.settings_planned = counts.settings;
  return header;
}

sim::PlantParameters plant_for(const PreparedRun& prepared, const std::string& serial_number) {
  const std::size_t slot = prepared.slot_index;
  sim::PlantParameters plant = slot < prepared.inputs.simulated_slots.size()
                                   ? prepared.inputs.simulated_slots[slot].plant
                                   : prepared.inputs.plant;
  if (!prepared.inputs.simulated || !prepared.inputs.simulated->plant_path.empty()) return plant;
  const Product& product = prepared.inputs.product;
  plant.electronics.serial_number = serial_number;
  plant.electronics.product = product.name;
  plant.electronics.depth_from_mm = product.depth_from_mm;
  plant.electronics.depth_to_mm = product.depth_to_mm;
  plant.electronics.rate_from_per_min = product.rate_from_per_min;
  plant.electronics.rate_to_per_min = product.rate_to_per_min;
  return plant;
}

}  // namespace penrig::cli
