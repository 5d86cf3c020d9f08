#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "reports/station/connection.hpp"

namespace penrig::station {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any that is free
  /// PEM files. Without them only a loopback address is listened at.
  std::string certificate, key;
  std::size_t connections = 200;  ///< at most, at the same time
  ConnectionBounds bounds{};
};

/// Listens, and serves each connection in a coroutine of its own on the rig's loop.
class Server {
 public:
  /// Errc::usage: no address, one beyond loopback without TLS, no certificate; ::port_busy; ::io.
  static Result<std::unique_ptr<Server>> open(Timeline& timeline, Station& station, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;
  /// Takes no more, ends those that are there, and waits until they are gone (3 s at most).
  Awaitable<void> close();

 private:
  struct Impl;
  explicit Server(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the coroutines that it started
};

/// Whether TLS has to be spoken at this address. Errc::usage: it is none.
Result<bool> is_loopback(const std::string& address);

}  // namespace penrig::station
