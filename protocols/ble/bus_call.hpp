#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <sdbus-c++/sdbus-c++.h>

#include "protocols/ble/bus.hpp"

namespace penrig::ble {

using Dict = std::map<std::string, sdbus::Variant>;

/// Whom to call, and what.
struct BusMethod {
  std::string destination, path, interface, method;
};

/// What came back: values, or the name of a D-Bus error with its text.
template <class... R>
struct BusReply {
  std::optional<std::tuple<R...>> values;
  std::string error, text;
};
/// Names beside those of D-Bus.
inline constexpr const char* kNoReply = "penrig.NoReply";    ///< before the deadline
inline constexpr const char* kBusGone = "penrig.BusIsGone";  ///< so there will be none

template <class... R>
struct PendingCall {
  explicit PendingCall(Timeline& timeline) : answered(timeline) {}
  Event answered;
  bool done = false;
  BusReply<R...> reply;
};

/// Calls and waits for the reply, at most until the deadline. Every call has a proxy of its own, so none is ever stale.
/// @param bus  outlives the call.
template <class... R, class... A>
Awaitable<BusReply<R...>> call_bus(Bus& bus, BusMethod method, TimePoint deadline, A... arguments) {
  auto call = std::make_shared<PendingCall<R...>>(bus.timeline());
  std::unique_ptr<sdbus::IProxy> proxy;
  try {
    proxy = sdbus::createProxy(bus.connection(), method.destination, method.path);
    constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();  // the deadline is the timeline's
    auto answered = [call](const sdbus::Error* error, R... results) {
      call->done = true;
      if (error != nullptr) {
        call->reply.error = error->getName();
        call->reply.text = error->getMessage();
      } else {
        call->reply.values.emplace(std::move(results)...);
      }
      call->answered.notify_all();
    };
    proxy->callMethodAsync(method.method)
        .onInterface(method.interface)
        .withTimeout(kForEver)
        .withArguments(std::move(arguments)...)
        .uponReplyInvoke(std::move(answered));
    bus.kick();
  } catch (const sdbus::Error& e) {
    call->done = true;
    call->reply.error = kBusGone;
    call->reply.text = e.getMessage();
  }
  while (!call->done) {
    if (bus.lost()) {
      call->reply.error = kBusGone;
      call->reply.text = bus.lost()->message;
      break;
    }
    const bool told = co_await call->answered.wait_until(deadline);
    if (told || call->done) continue;
    call->reply.error = kNoReply;
    break;
  }
  co_return std::move(call->reply);
}

}  // namespace penrig::ble
