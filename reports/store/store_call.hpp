#pragma once

#include <filesystem>
#include <mutex>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "rig/base/result.hpp"

namespace penrig {

/// The edge of the store: runs the body with the store to itself; what it throws comes back as an error.
template <class Body>
auto guarded(std::mutex& mutex, const std::filesystem::path& file, Body body) -> Result<decltype(body())> {
  try {
    const std::lock_guard lock(mutex);
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const ErrorException& e) {
    return e.error;
  } catch (const nlohmann::json::exception& e) {
    return fail(Errc::bad_data, fmt::format("{}: a record in it is damaged: {}", file.string(), e.what()));
  }
}

}  // namespace penrig
