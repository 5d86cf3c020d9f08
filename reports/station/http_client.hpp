#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

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

struct HttpReply {
  unsigned status = 0;
  std::string body;
};

/// Asks other systems, over TLS where they are not on this machine. On the rig's loop; nothing blocks it.
class HttpClient {
 public:
  /// Errc::io: TLS cannot be set up.
  static Result<std::unique_ptr<HttpClient>> open(Timeline& timeline);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// POSTs JSON, and comes back within that time whatever happens. A reply of any status is one; it is not followed
  /// elsewhere. Errc::timeout; ::link_lost: nobody there, another than the address says, or no reply that is HTTP with
  /// a body of at most 64 kB.
  Awaitable<Result<HttpReply>> post(Url url, std::vector<std::pair<std::string, std::string>> headers, std::string body,
                                    Nanoseconds within);

 private:
  struct Impl;
  explicit HttpClient(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with what is asked and given up
};

}  // namespace penrig::station
