#include "rig/run/start_pattern.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace penrig {
namespace {

constexpr double kHalf = 0.5, kFull = 1;
constexpr double kNearLevel = 0.2;  ///< of the stroke: a crank's half stroke is not quite its half
constexpr Nanoseconds kKept = std::chrono::seconds{20};

}  // namespace

StartPattern StartPattern::of_slot(std::size_t slot, std::size_t slots) {
  // Two bits a turn: whether it rests half-way out, and half-way in. From 1 on: a pattern that rests nowhere looks like
  // one that rests everywhere and began a little later.
  const std::size_t word = slot + 1;
  const auto bits = std::max(2, static_cast<int>(std::bit_width(slots)));
  StartPattern pattern;
  pattern.levels = {0};
  for (std::size_t turn = 0; turn < static_cast<std::size_t>(bits + 1) / 2; ++turn) {
    const bool out = (word >> (2 * turn) & 1U) != 0, in = (word >> (2 * turn + 1) & 1U) != 0;
    for (const double level : {out ? kHalf : 0, kFull, in ? kHalf : kFull, 0.0}) pattern.levels.push_back(level);
  }
  return pattern;
}

bool shows(const std::vector<double>& read_mm, const StartPattern& pattern, double least_mm) {
  if (read_mm.size() != pattern.levels.size() || read_mm.size() < 3) return false;
  const double stroke_mm = read_mm[2] - read_mm[0];
  if (!(stroke_mm > least_mm)) return false;
  for (std::size_t i = 0; i < read_mm.size(); ++i) {
    const double share = (read_mm[i] - read_mm[0]) / stroke_mm;
    if (!(std::abs(share - pattern.levels[i]) < kNearLevel)) return false;
  }
  return true;
}

void StartPatterns::Place::note(TimePoint at, double mm) {
  streams = true;
  readings.push_back({at, mm});
  while (at - readings.front().at > kKept) readings.pop_front();
}

std::optional<double> StartPatterns::Place::read_at(TimePoint t) const {
  const auto after = std::ranges::upper_bound(readings, t, {}, &NeedleReading::at);
  // A block lasts 50 ms at most: who has said nothing for longer did not stream.
  if (after == readings.begin() || t - std::prev(after)->at > std::chrono::milliseconds{150}) return std::nullopt;
  return std::prev(after)->mm;
}

const StartPatterns::Place* StartPatterns::scanned_for(const std::string& serial_number) const {
  const auto found =
      std::ranges::find_if(places_, [&](const auto& p) { return !p->over && p->serial_number == serial_number; });
  return found == places_.end() ? nullptr : found->get();
}

std::shared_ptr<StartPatterns::Place> StartPatterns::begin(const std::string& slot, const std::string& serial_number) {
  auto place = std::make_shared<Place>();
  place->slot = slot;
  place->serial_number = serial_number;
  const auto before = std::ranges::find(places_, slot, [](const auto& p) { return p->slot; });
  if (before == places_.end()) {
    places_.push_back(place);
  } else {
    *before = place;
  }
  return place;
}

}  // namespace penrig
