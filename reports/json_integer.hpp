#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "rig/base/result.hpp"

namespace penrig {

/// The integer that stands there. A conversion by the JSON library takes any number and cuts it, which is undefined for
/// one that Integer cannot hold; here that is an ErrorException, Errc::bad_data.
template <class Integer>
Integer integer_of(const nlohmann::ordered_json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.get<std::uint64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  }
  using Limits = std::numeric_limits<Integer>;
  throw ErrorException(
      {Errc::bad_data, fmt::format("{} stands where an integer from {} to {} belongs",
                                   json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                                   Limits::min(), Limits::max())});
}

}  // namespace penrig
