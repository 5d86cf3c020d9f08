#pragma once

#include <variant>

#include "rig/spec/plan.hpp"

namespace penrig {

/// Every phase that drives the pen, over this link. Watched: asked over the other one as well.
inline void drive_over(Plan& plan, PenLink link, bool watched = false) {
  for (PhaseSpec& phase : plan.phases) {
    std::visit(
        [&](auto& p) {
          if constexpr (requires { p.via; }) {
            p.via = link;
            p.watched = watched;
          }
        },
        phase);
  }
}

}  // namespace penrig
