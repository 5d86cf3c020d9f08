#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// A waveform file as it grows in memory.
class MemoryOutput final : public WaveformOutput {
 public:
  bool write(std::string_view more) override {
    bytes.replace(at_, std::min(more.size(), bytes.size() - at_), more);
    at_ += more.size();
    return true;
  }
  bool seek(std::uint64_t offset) override {
    at_ = static_cast<std::size_t>(offset);
    return at_ <= bytes.size();
  }
  std::optional<std::string> take_back() override {
    at_ = 0;
    return std::exchange(bytes, {});
  }
  std::string bytes;

 private:
  std::size_t at_ = 0;
};

}  // namespace penrig
