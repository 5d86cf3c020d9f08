#pragma once

#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig {

/// Errc::usage: what is wrong with a link as somebody wrote it.
inline Error link_mistake(std::string_view uri, const std::string& what) {
  return fail(Errc::usage, "link '" + std::string(uri) + "': " + what);
}

}  // namespace penrig
