#include "tools/penrig/doctor_records.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "reports/evidence/key_ring.hpp"
#include "reports/number_format.hpp"
#include "reports/store/record_space.hpp"
#include "reports/store/record_store.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/slot_lock.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

constexpr std::uint64_t kFewRuns = 1'000'000'000;
constexpr std::int64_t kSoonDays = 30;

/// The folder itself, or the nearest one above it that is there.
std::filesystem::path nearest(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::path at = std::filesystem::absolute(folder, ignored);
  while (!at.empty() && at != at.root_path() && !std::filesystem::exists(at, ignored)) at = at.parent_path();
  return at;
}

Finding certificate_finding(const RigDescription& rig, std::int64_t utc_ns) {
  const CalibrationHead& head = rig.calibrations.head;
  if (const auto valid = check_calibration(rig, utc_ns); !valid)
    return {Standing::wrong, "calibration", valid.error().message, "calibrate the rig (rig/CALIBRATION.md)"};
  const std::int64_t today = std::chrono::floor<std::chrono::days>(std::chrono::nanoseconds{utc_ns}).count();
  const std::int64_t left = head.due.days - today;
  if (left > kSoonDays) return {Standing::fine, "calibration", fmt::format("{}, due {}", head.id, head.due.text), ""};
  return {Standing::note, "calibration", fmt::format("{} is due in {} days, on {}", head.id, left, head.due.text),
          "from then on the rig cannot run: have it calibrated"};
}

/// Only with a store.
Findings store_findings(RecordStore& store, const RigDescription& rig, std::int64_t utc_ns) {
  Findings found;
  if (const auto chosen = choose_calibrations(store, rig, utc_ns); !chosen) {
    found.push_back(
        {Standing::wrong, "calibration", chosen.error().message, "penrig calibration list shows what is filed"});
  }
  for (const SlotDescription& slot : rig.slots) {
    const auto lock = slot_lock(store, rig.name, slot.name);
    if (!lock) {
      found.push_back({Standing::wrong, "records", lock.error().message, ""});
    } else if (*lock) {
      found.push_back({Standing::note, "slot " + slot.name,
                       fmt::format("locked by {}: {}", (*lock)->run_id, (*lock)->why),
                       "look at the rig; the next run does so first too, and ends there unless the sensors agree"});
    }
  }
  return found;
}

}  // namespace

Finding room_finding(const std::filesystem::path& records, std::uint64_t free_bytes) {
  const std::string room = fmt::format("{}: {:.1f} GB free", records.string(), static_cast<double>(free_bytes) / 1e9);
  constexpr const char* kToDo =
      "free some, move old waveforms away (penrig records archive), or choose another --records";
  const std::uint64_t least = space_of({}, WaveformForm::flac).demanded();  // by a run without a phase
  if (free_bytes < least) return {Standing::wrong, "records", room + ", less than any run needs", kToDo};
  if (free_bytes < kFewRuns) return {Standing::note, "records", room, kToDo};
  return {Standing::fine, "records", room, ""};
}

Finding disk_finding(const std::filesystem::path& records) {
  const std::filesystem::path at = nearest(records);
  struct statvfs status {};
  if (::access(at.c_str(), W_OK | X_OK) != 0 || ::statvfs(at.c_str(), &status) != 0) {
    return {Standing::wrong, "records",
            fmt::format("{}: cannot be written: {}", at.string(), std::generic_category().message(errno)),
            "choose another --records"};
  }
  return room_finding(records, std::uint64_t{status.f_bavail} * status.f_frsize);
}

Finding key_finding(const std::filesystem::path& folder) {
  std::filesystem::path at = folder;
  if (at.empty()) {
    const auto usual = KeyRing::usual_folder();
    if (!usual) return {Standing::note, "key", usual.error().message, "name a folder (--keys)"};
    at = *usual;
  }
  const auto keys = KeyRing::open(at);
  if (!keys) return {Standing::wrong, "key", keys.error().message, "records cannot be signed with it"};
  if (*keys == nullptr) {
    return {Standing::note, "key", fmt::format("{}: none, so no record is signed and no run certifies", at.string()),
            "penrig keys init --name 'M. Okafor'"};
  }
  return {Standing::fine, "key", (*keys)->current().name, ""};
}

Findings record_findings(const std::filesystem::path& records, std::optional<std::int64_t> utc_ns) {
  const auto store = RecordStore::open_existing(records, store_options());
  if (!store && store.error().code == Errc::usage) return {};  // the first run makes them
  const auto newest = store ? (*store)->newest_utc() : store.error();
  if (!newest) return {{Standing::wrong, "records", newest.error().message, "penrig verify says more"}};
  if (!utc_ns || !*newest || (*newest)->utc_ns <= *utc_ns) return {};
  return {{Standing::note, "clock",
           fmt::format("says {}, and {} is of {}: until then no run certifies", format_utc(*utc_ns), (*newest)->what,
                       format_utc((*newest)->utc_ns)),
           "set the clock"}};
}

Findings rig_record_findings(const RigDescription& rig, const std::filesystem::path& records, std::int64_t utc_ns) {
  Findings found{certificate_finding(rig, utc_ns)};
  const auto store = RecordStore::open_existing(records, store_options());
  if (!store) return found;  // as record_findings() says
  for (Finding& one : store_findings(**store, rig, utc_ns)) found.push_back(std::move(one));
  return found;
}

}  // namespace penrig::cli
