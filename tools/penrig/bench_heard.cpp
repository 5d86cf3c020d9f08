#include "tools/penrig/bench_heard.hpp"

#include <algorithm>

namespace penrig::cli {

bool BenchHeard::interlocks(const std::string& slot, const DaqStatus& status, std::int64_t utc_ns) {
  struct Input {
    const char* name;
    const char* kind;
    bool open;
  };
  const std::array<Input, 4> inputs{{{"e-stop", "estop", status.e_stop},
                                     {"door", "door", status.door_open},
                                     {"over-force", "other", status.over_force},
                                     {"over-travel", "other", status.over_travel}}};
  std::vector<BenchStatus::Interlock>& known = interlocks_[slot];
  const bool first = known.empty();
  bool changed = first;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (first) {
      const std::string name = slots_.size() == 1 ? inputs[i].name : std::string(inputs[i].name) + ", slot " + slot;
      known.push_back({name, slot, inputs[i].kind, !inputs[i].open, utc_ns});
    } else if (known[i].ok == inputs[i].open) {
      known[i].ok = !inputs[i].open;
      known[i].since_utc_ns = utc_ns;
      changed = true;
    }
  }
  return changed;
}

bool BenchHeard::link(const std::string& slot, const std::string& name, bool up, const std::string& detail) {
  const auto [entry, is_new] = links_[slot].try_emplace(name);
  BenchStatus::Link& link = entry->second;
  if (!is_new && link.up == up && link.detail == detail) return false;
  link = {slots_.size() == 1 ? name : name + ", slot " + slot, slot, up, detail};
  return true;
}

bool BenchHeard::any_open(const std::string& slot) const {
  const auto known = interlocks_.find(slot);
  return known != interlocks_.end() &&
         std::ranges::any_of(known->second, [](const auto& interlock) { return !interlock.ok; });
}

BenchStatus BenchHeard::status() const {
  BenchStatus status;
  for (const std::string& slot : slots_) {
    if (const auto known = interlocks_.find(slot); known != interlocks_.end())
      status.interlocks.insert(status.interlocks.end(), known->second.begin(), known->second.end());
    if (const auto known = links_.find(slot); known != links_.end()) {
      for (const auto& [name, link] : known->second) status.links.push_back(link);
    }
  }
  return status;
}

}  // namespace penrig::cli
