#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reports/station/url.hpp"
#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::station {

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
