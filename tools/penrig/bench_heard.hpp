#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rig/ports/rig_slots.hpp"

namespace penrig::cli {

/// What was heard of the interlocks and links of a rig's slots, and since when it is so.
class BenchHeard {
 public:
  explicit BenchHeard(std::vector<std::string> slots) : slots_(std::move(slots)) {}

  /// @return whether anything is otherwise than before.
  bool interlocks(const std::string& slot, const DaqStatus& status, std::int64_t utc_ns);
  bool link(const std::string& slot, const std::string& name, bool up, const std::string& detail);
  /// Whether an interlock of this slot is open, as far as is known.
  bool any_open(const std::string& slot) const;
  /// In the order of the slots.
  BenchStatus status() const;

 private:
  /// Where the rig has several slots, the slot stands behind it.
  std::string name_in_rig(const std::string& name, const std::string& slot) const;

  std::vector<std::string> slots_;
  std::map<std::string, std::vector<BenchStatus::Interlock>> interlocks_;
  std::map<std::string, std::map<std::string, BenchStatus::Link>> links_;
};

}  // namespace penrig::cli
