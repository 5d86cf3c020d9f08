#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "rig/base/result.hpp"

namespace penrig {

/// What happened beside measuring: who did what to what, when, why, and what it was before and after.
struct AuditEntry {
  std::string id{};  ///< "A-000003"; given by the store
  std::int64_t at_utc_ns{};
  std::string who{};
  std::string action{};   ///< one of audit:: below
  std::string subject{};  ///< "plan eol-pro rev 4", "R-000391", "C-000012"
  std::string reason{};
  nlohmann::ordered_json old_value = nullptr, new_value = nullptr;  ///< null: there is none
  std::string key{};                                                ///< fingerprint of the signer; empty: not signed
};

/// What is entered into the trail. Words of the file format: never changed.
namespace audit {
inline constexpr const char* kKeyEntered = "key entered";
inline constexpr const char* kKeyRotated = "key rotated";
inline constexpr const char* kApproved = "approval given";
inline constexpr const char* kApprovalWithdrawn = "approval withdrawn";
inline constexpr const char* kCalibrationFiled = "calibration filed";
inline constexpr const char* kRunVoided = "run voided";
inline constexpr const char* kComment = "comment";
inline constexpr const char* kClockStep = "clock step";
inline constexpr const char* kArchived = "waveforms archived";
inline constexpr const char* kSlotUnlocked = "slot unlocked";
inline constexpr const char* kSuiteBegun = "suite begun";
inline constexpr const char* kSuiteRun = "suite run";
inline constexpr const char* kSuiteResumed = "suite resumed";
inline constexpr const char* kSuiteEnded = "suite ended";
inline constexpr const char* kBaselinePinned = "baseline pinned";
}  // namespace audit

/// Namespace of the SSHSIGs over entries, and over records.
inline constexpr std::string_view kAuditSpace = "penrig-audit";
inline constexpr std::string_view kRecordSpace = "penrig-record";

/// An entry as it is filed, hashed and signed: one JSON object and a line feed, keys in a fixed order.
std::string audit_json_text(const AuditEntry& entry);
/// Errc::bad_data: not such an object, or not exactly what audit_json_text() writes.
Result<AuditEntry> audit_entry_of(const std::string& text);

}  // namespace penrig
