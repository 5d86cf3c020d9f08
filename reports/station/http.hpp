#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig::station {

/// A request as the station sees it, whatever brought it.
struct Request {
  std::string method;                          ///< "GET"
  std::string path;                            ///< decoded, without the query
  std::map<std::string, std::string> query;    ///< decoded
  std::map<std::string, std::string> headers;  ///< names in lower case; of several of a name the first
  std::string body;
  std::string from;  ///< the other end's address, for rates

  /// Empty: there is none.
  const std::string& header(const std::string& name) const;
  /// A cookie's value; empty: there is none.
  std::string cookie(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< beside those that every response has
};

/// Path and query of a request's target. Errc::bad_data: not a path, longer than 2 kB, a bad escape, a control
/// character, a backslash, or a segment that climbs.
struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};
Result<Target> parse_target(std::string_view target);

/// The headers that every response carries: no framing, no sniffing, nothing from elsewhere, no caching unless said.
const std::vector<std::pair<std::string, std::string>>& common_headers();

}  // namespace penrig::station
