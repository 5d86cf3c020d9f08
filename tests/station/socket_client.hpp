#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "rig/base/timeline.hpp"

namespace penrig::testing {

/// What a server answered.
struct Answered {
  unsigned status = 0;                         ///< 0: nothing that is a response
  std::map<std::string, std::string> headers;  ///< names in lower case; of several of a name joined by ", "
  std::string body;
};

/// A client of a server on this computer, by Beast: each request over a connection of its own, with a deadline. It
/// keeps the cookie, and repeats the token of its session.
class SocketClient {
 public:
  SocketClient(Timeline& timeline, std::uint16_t port) : timeline_(timeline), port_(port) {}

  using Headers = std::map<std::string, std::string>;
  Awaitable<Answered> ask(std::string method, std::string target, std::string body = {}, Headers headers = {});
  /// Signs in, and keeps cookie and token.
  Awaitable<Answered> sign_in(std::string name, std::string password);
  /// Sends these bytes, and gives back everything that comes until the other side ends it, or for so long.
  Awaitable<std::string> raw(std::string bytes, Nanoseconds at_most = std::chrono::seconds{5});

  std::string cookie, csrf;
  std::uint16_t port() const { return port_; }
  Timeline& timeline() { return timeline_; }

 private:
  Timeline& timeline_;
  std::uint16_t port_;
};

/// A page that listens, by Beast's WebSocket.
class SocketListener {
 public:
  SocketListener(Timeline& timeline, std::uint16_t port);
  ~SocketListener();
  SocketListener(const SocketListener&) = delete;
  SocketListener& operator=(const SocketListener&) = delete;

  /// @return 101, or what was answered in its place; 0: nothing.
  Awaitable<unsigned> open(std::string target, SocketClient::Headers headers);
  /// The next text that tells something; none: the other side has ended it, or nothing came for so long.
  Awaitable<std::optional<std::string>> next(Nanoseconds at_most = std::chrono::seconds{10});
  /// The same, of a station with nothing to tell that it is there as well.
  Awaitable<std::optional<std::string>> next_of_all(Nanoseconds at_most = std::chrono::seconds{10});
  Awaitable<void> send(std::string text);
  /// Bytes beside the protocol, on the same connection.
  Awaitable<void> send_raw(std::string bytes);
  /// The code with which the other side closed; 0: it did not say.
  unsigned close_code() const;
  void drop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // of the watch over its deadline as well
};

}  // namespace penrig::testing
