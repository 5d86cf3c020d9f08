#include "tools/penrig/bench_heard.hpp"

#include <algorithm>
#include <array>

namespace penrig::cli {
namespace {

struct InterlockName {
  const char* name;
  const char* kind;
};
/// As DaqStatus::open_interlocks() has them.
constexpr std::array<InterlockName, 4> kInterlocks{
    {{"e-stop", "estop"}, {"door", "door"}, {"over-force", "other"}, {"over-travel", "other"}}};

}  // namespace

bool BenchHeard::interlocks(const std::string& slot, const DaqStatus& status, std::int64_t utc_ns) {
  const auto open = status.open_interlocks();
  std::vector<BenchStatus::Interlock>& known = interlocks_[slot];
  const bool first = known.empty();
  bool changed = first;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (first) {
      known.push_back({name_in_rig(kInterlocks[i].name, slot), slot, kInterlocks[i].kind, !open[i], utc_ns});
    } else if (known[i].ok == open[i]) {
      known[i].ok = !open[i];
      known[i].since_utc_ns = utc_ns;
      changed = true;
    }
  }
  return changed;
}

std::string BenchHeard::name_in_rig(const std::string& name, const std::string& slot) const {
  return slots_.size() == 1 ? name : name + ", slot " + slot;
}

bool BenchHeard::link(const std::string& slot, const std::string& name, bool up, const std::string& detail) {
  const auto [entry, is_new] = links_[slot].try_emplace(name);
  BenchStatus::Link& link = entry->second;
  if (!is_new && link.up == up && link.detail == detail) return false;
  link = {name_in_rig(name, slot), slot, up, detail};
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
