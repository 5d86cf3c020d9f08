#pragma once

#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig::station {

/// Where another system is asked: "https://mes.example:8443/penrig".
struct Url {
  bool secure = true;
  std::string host, port;
  std::string target = "/";  ///< path and query
  std::string text;          ///< as it was written
};
/// Errc::usage: no http or https address, one with a name or password in it, or http to another machine than this.
Result<Url> parse_url(std::string_view text);

}  // namespace penrig::station
