#include "rig/record/waveform_record.hpp"

#include <algorithm>
#include <bit>

namespace penrig {

bool same_to_the_bit(const AnalysisInputs& a, const AnalysisInputs& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    if (x.first != y.first || x.second.index() != y.second.index()) return false;
    const auto* const number = std::get_if<double>(&x.second);
    if (number == nullptr) return x.second == y.second;
    return std::bit_cast<std::uint64_t>(*number) == std::bit_cast<std::uint64_t>(std::get<double>(y.second));
  });
}

}  // namespace penrig
