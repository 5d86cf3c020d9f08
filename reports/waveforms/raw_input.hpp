#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reports/capture/byte_source.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// Bytes of a raw waveform file that were read and not used yet, and how more of them come.
class RawInput {
 public:
  /// begin: outlives this; of it nothing is copied that is used before more is read.
  RawInput(std::string_view begin, const ByteSource& source) : held_(begin), source_(source) {}

  std::string_view held() const { return held_; }
  void drop(std::size_t bytes) { held_.remove_prefix(bytes); }
  /// Reads on; false: that was the end, or error() is set.
  bool more();
  /// Reads on until that many are held; false: as more().
  bool has(std::size_t bytes) {
    while (held_.size() < bytes) {
      if (!more()) return false;
    }
    return true;
  }
  const std::optional<Error>& error() const { return error_; }
  /// Why has() was false: error(), or that the file is cut off.
  Error cut_off(std::size_t samples) const;

 private:
  std::string kept_;
  std::string_view held_;
  const ByteSource& source_;
  std::optional<Error> error_;
};

/// A whole number of two bytes.
inline std::size_t raw_number_at(const char* from) {
  return std::size_t{static_cast<unsigned char>(from[0])} | std::size_t{static_cast<unsigned char>(from[1])} << 8U;
}

/// The largest count of so many bits.
constexpr std::int32_t most_counts(int bits) { return (1 << (bits - 1)) - 1; }

/// @param counts  of which one is beyond; the first of them is that sample of the channel.
Error beyond_bits(std::span<const std::int32_t> counts, std::uint64_t first_sample, std::size_t channel, int bits);

/// More samples than a file is read for.
Error too_many_samples();

}  // namespace penrig
