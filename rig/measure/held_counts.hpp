#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "rig/base/extremes.hpp"
#include "rig/base/unset_vector.hpp"

namespace penrig {

/// The newest samples of a channel, counts, by their index in the record. Two thousand at a time take two bytes a
/// sample where they lie within 65,535 of each other (a needle's travel, what a load cell sees of it), four where they
/// do not, and none while they stand still (a stage under a running pen).
class HeldCounts {
 public:
  void append(const SeenCounts& seen);
  /// Samples before this one are not asked for any more.
  void let_go(std::size_t index);
  void clear() { *this = {}; }

  /// One past the newest.
  std::size_t end() const { return end_; }
  std::size_t size() const { return end_ - parts_from_; }
  /// Those from one to before another.
  UnsetVector<std::int32_t> samples(std::size_t from, std::size_t to) const;
  double sum(std::size_t from, std::size_t to) const;

 private:
  static constexpr std::size_t kPart = 2048;

  struct Part {
    std::int32_t low = 0;
    std::unique_ptr<std::uint16_t[]> above;  ///< low, if that is enough
    std::unique_ptr<std::int32_t[]> each;    ///< if it is not; neither: all are low
  };
  /// Neighbours, as a part has them.
  struct Stretch {
    std::size_t n = 0;
    std::int32_t low = 0;
    const std::uint16_t* above = nullptr;
    const std::int32_t* each = nullptr;
  };
  static Part packed(std::span<const std::int32_t> counts, const Extremes& extremes);
  /// No more than makes a part whole.
  void append_to_newest(std::span<const std::int32_t> counts, const Extremes& extremes);
  /// From one sample to the end of its part, or to before `to`.
  Stretch stretch(std::size_t from, std::size_t to) const;

  std::size_t parts_from_ = 0, end_ = 0;
  std::deque<Part> parts_;
  // Fewer than a part: as long as they stand, none of them is written down.
  std::size_t newest_size_ = 0;
  Extremes newest_extremes_;
  std::vector<std::int32_t> newest_;
};

}  // namespace penrig
