#pragma once

#include <cstddef>

#include "rig/base/unroll.hpp"

namespace penrig {

/// take(0), take(Step), ... as far as whole steps go in n, in order; four of them a round, so that loops that do little
/// do not spend their time on counting. For functions of PENRIG_EACH_PROCESSOR; `take` is to be inlined as well.
/// @return where the rest begins.
template <std::size_t Step, class Take>
[[gnu::always_inline]] inline std::size_t in_rounds(std::size_t n, Take take) {
  constexpr std::size_t kRound = 4 * Step;
  std::size_t i = 0;
  for (; i + kRound <= n; i += kRound) {
    PENRIG_UNROLL(4)
    for (std::size_t of = 0; of < kRound; of += Step) take(i + of);
  }
  for (; i + Step <= n; i += Step) take(i);
  return i;
}

}  // namespace penrig
