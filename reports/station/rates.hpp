#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "rig/base/timeline.hpp"

namespace penrig::station {

/// How often somebody may: a bucket of tokens for each address, filled at a rate. Memory is bounded: of too many
/// addresses those that asked longest ago are forgotten.
class Rates {
 public:
  Rates(double per_second, double at_once) : per_second_(per_second), at_once_(at_once) {}

  bool allows(const std::string& from, TimePoint now) {
    if (buckets_.size() >= kAddresses && !buckets_.contains(from)) {
      buckets_.erase(std::ranges::min_element(buckets_, {}, [](const auto& b) { return b.second.at; }));
    }
    const auto [entry, is_new] = buckets_.try_emplace(from, Bucket{at_once_, now});
    Bucket& bucket = entry->second;
    bucket.tokens = std::min(at_once_, bucket.tokens + TimePoint{now - bucket.at}.seconds() * per_second_);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

 private:
  static constexpr std::size_t kAddresses = 256;
  struct Bucket {
    double tokens;
    TimePoint at;
  };
  double per_second_, at_once_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace penrig::station
