#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace sdbus {
class IConnection;
}

namespace penrig::ble {

struct BusState;

/// A connection to the system bus that the timeline's io_context serves: no thread of its own, and no clock: deadlines
/// are the timeline's (bus_call.hpp). Handlers of signals and methods run on the io_context; none may block.
class Bus {
 public:
  /// Errc::port_missing if there is no system bus, ::io if it does not let this program in; both say what to do.
  /// Blocks for the handshake with the bus daemon, some milliseconds of one that bus_answers().
  static Result<std::unique_ptr<Bus>> open_system(Timeline& timeline);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  Timeline& timeline();
  sdbus::IConnection& connection();
  /// To be called after everything that was sent or registered by hand.
  void kick();
  /// Why the connection is gone, if it is.
  const std::optional<Error>& lost() const;
  /// Called once when the connection is lost.
  void on_lost(std::function<void()> handler);

 private:
  explicit Bus(std::shared_ptr<BusState> state);
  std::shared_ptr<BusState> state_;
};

}  // namespace penrig::ble
