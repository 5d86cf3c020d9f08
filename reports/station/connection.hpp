#pragma once

#include <memory>
#include <string>

#include "reports/station/station.hpp"
#include "reports/station/transport.hpp"

namespace penrig::station {

/// Bounds of what one connection may take.
struct ConnectionBounds {
  std::uint32_t header_bytes = 16 << 10;
  std::uint64_t body_bytes = 64 << 10;
  unsigned requests = 1000;
  Nanoseconds idle = std::chrono::seconds{30};     ///< between requests, and for one to come whole
  Nanoseconds writing = std::chrono::seconds{20};  ///< for a response, or a text, to be taken
};

/// Serves one connection to its end: HTTP/1.1, and a WebSocket where a request asks for it and may have it. Every wait
/// has a deadline. What comes in may be anything.
/// @param from  the other end's address.
Awaitable<void> serve_connection(Timeline& timeline, Station& station, std::shared_ptr<Transport> transport,
                                 std::string from, ConnectionBounds bounds = {});

}  // namespace penrig::station
