#include "rig/run/standing_needles.hpp"

#include <cmath>
#include <cstddef>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr double kCreptMm = 0.02;  ///< what comes to rest, and what shakes the bench, stays below
constexpr double kSigmas = 6;

}  // namespace

void StandingNeedles::stand_at(double reading_mm) {
  stood_mm_ = reading_mm;
  crept_to_mm_.reset();
}

void StandingNeedles::samples(const SampleBlock& block) {
  if (!stood_mm_ || block.position.size() < 2) return;
  double sum = block.position[0], differences = 0;
  for (std::size_t i = 1; i < block.position.size(); ++i) {
    const double d = static_cast<double>(block.position[i]) - block.position[i - 1];
    sum += block.position[i];
    differences += d * d;
  }
  const auto n = static_cast<double>(block.position.size());
  const double now_mm = sum / n * mm_per_count_;
  const double noise_mm = std::sqrt(differences / (2 * (n - 1))) * mm_per_count_;
  const double off_mm = std::abs(now_mm - *stood_mm_);
  // The place is a block's mean as well.
  if (off_mm <= kCreptMm + kSigmas * noise_mm * std::sqrt(2 / n)) return;
  if (!crept_to_mm_ || off_mm > std::abs(*crept_to_mm_ - *stood_mm_)) crept_to_mm_ = now_mm;
}

Result<void> StandingNeedles::stood(double zero_mm) const {
  if (!stood_mm_ || !crept_to_mm_) return {};
  return fail(Errc::device_fault,
              fmt::format("the needles crept from {:+.3f} mm to {:+.3f} mm after they seemed to stand, so they did not "
                          "(look at the pen's brake and parking, and whether the needle encoder stuck or slipped)",
                          *stood_mm_ - zero_mm, *crept_to_mm_ - zero_mm));
}

}  // namespace penrig
