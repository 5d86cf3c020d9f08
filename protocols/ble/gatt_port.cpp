#include "protocols/ble/gatt_port.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/socket.h>

#include "protocols/await_code.hpp"

namespace penrig::ble {
namespace asio = boost::asio;
namespace {

/// A descriptor often ends a moment before bluetoothd says why.
constexpr std::chrono::milliseconds kCauseFollows{150};
constexpr std::chrono::milliseconds kPiecesFollow{40};
constexpr std::chrono::seconds kLetGoWithin{2};
constexpr std::chrono::milliseconds kAskAgain{20};

Error gone(const std::string& text) { return fail(Errc::link_lost, text); }

/// Shared: whoever waits for a descriptor when the port is destroyed still has to come home.
struct PortState {
  PortState(Timeline& t, std::shared_ptr<Bluez> b, GattPair p)
      : timeline(t), bluez(std::move(b)), pair(std::move(p)), in(t.io()), out(t.io()), arrived(t), left(t) {
    if (pair.notify) in.assign(pair.notify->descriptor.release());
    if (pair.write) out.assign(pair.write->descriptor.release());
  }

  Timeline& timeline;
  std::shared_ptr<Bluez> bluez;
  GattPair pair;
  asio::posix::stream_descriptor in, out;
  std::deque<std::vector<std::byte>> values;  ///< notified, where there is no descriptor
  Event arrived;
  std::optional<Error> cause;
  Event left;
  bool closed = false, let_go = false;

  void end(Error why) {
    if (!cause) cause = std::move(why);
    boost::system::error_code ignored;
    in.cancel(ignored);
    out.cancel(ignored);
    arrived.notify_all();
  }
};
using StatePtr = std::shared_ptr<PortState>;

/// bluetoothd tells what is gone piece by piece, the least first: a device that is removed loses its services before.
Awaitable<void> end_with_cause(StatePtr state, Error first) {
  co_await state->timeline.sleep_for(kPiecesFollow);
  auto last = what_is_gone(*state->bluez, state->pair);
  state->end(last ? std::move(*last) : std::move(first));
}

/// Why a descriptor has ended.
Awaitable<Error> cause_of_end(StatePtr state, std::string what) {
  const TimePoint until = state->timeline.now() + kCauseFollows;
  for (;;) {
    if (state->cause) break;
    if (auto known = what_is_gone(*state->bluez, state->pair)) {
      co_await end_with_cause(state, std::move(*known));
      break;
    }
    const bool told = co_await state->bluez->changed().wait_until(until);
    if (told) continue;
    state->end(gone("bluetoothd ended the pen's stream (" + what + "): the pen's connection or its service is gone"));
    break;
  }
  Error why = *state->cause;
  co_return why;
}

Awaitable<Result<std::vector<std::byte>>> receive_packet(StatePtr state) {
  std::array<std::byte, 1024> room{};
  for (;;) {
    if (state->cause) {
      Error why = *state->cause;
      co_return why;
    }
    const ssize_t count = ::recv(state->in.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (count > 0) co_return std::vector<std::byte>(room.begin(), room.begin() + count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      // What ends it also wakes this; then cause says why.
      co_await state->in.async_wait(asio::posix::stream_descriptor::wait_read, kAwaitCode);
      continue;
    }
    std::string what = count == 0 ? "end of file" : std::strerror(errno);
    Error why = co_await cause_of_end(state, std::move(what));
    co_return why;
  }
}

Awaitable<Result<std::vector<std::byte>>> receive_value(StatePtr state) {
  while (state->values.empty()) {
    if (state->cause) {
      Error why = *state->cause;
      co_return why;
    }
    co_await state->arrived.wait_until(kNever);
  }
  std::vector<std::byte> value = std::move(state->values.front());
  state->values.pop_front();
  co_return value;
}

Awaitable<Result<void>> send_packet(StatePtr state, std::vector<std::byte> chunk) {
  for (;;) {
    if (state->cause) {
      Error why = *state->cause;
      co_return why;
    }
    if (::send(state->out.native_handle(), chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      co_return Result<void>{};
    }
    if (errno == EAGAIN || errno == EINTR) {
      co_await state->out.async_wait(asio::posix::stream_descriptor::wait_write, kAwaitCode);
      continue;
    }
    std::string what = std::strerror(errno);
    Error why = co_await cause_of_end(state, std::move(what));
    co_return why;
  }
}

Awaitable<Result<void>> send_value(StatePtr state, std::vector<std::byte> chunk) {
  const Result<void> written = co_await state->bluez->write_value(state->pair.to_pen_path, std::move(chunk));
  if (written) co_return Result<void>{};
  std::string what = written.error().message;
  Error why = co_await cause_of_end(state, std::move(what));
  co_return why;
}

/// Who leaves the bus before bluetoothd has noticed that its descriptor was closed, takes bluetoothd down with all
/// other links (5.66: src/gatt-client.c frees what its socket still points at). So it is stayed on for as long.
Awaitable<void> stay_on_the_bus(StatePtr state) {
  const TimePoint until = state->timeline.now() + kLetGoWithin;
  while (state->timeline.now() < until && !state->bluez->gone()) {
    const bool held = co_await state->bluez->holds_notify(state->pair.from_pen_path);
    if (!held) break;
    co_await state->timeline.sleep_for(kAskAgain);
  }
}

/// Notices what no descriptor tells, as long as the port is open.
Awaitable<void> watch(StatePtr state) {
  while (!state->closed) {
    if (!state->cause) {
      if (auto known = what_is_gone(*state->bluez, state->pair)) co_await end_with_cause(state, std::move(*known));
    }
    if (!state->closed) co_await state->bluez->changed().wait_until(kNever);
  }
  if (state->pair.notify) co_await stay_on_the_bus(state);
  state->let_go = true;
  state->left.notify_all();
}

Awaitable<void> until_let_go(StatePtr state) {
  while (!state->let_go) co_await state->left.wait_until(kNever);
}

class GattPort final : public ChunkPort {
 public:
  explicit GattPort(StatePtr state) : state_(std::move(state)) {}
  ~GattPort() override { close({}); }

  Awaitable<Result<std::vector<std::byte>>> receive() override {
    return state_->pair.notify ? receive_packet(state_) : receive_value(state_);
  }
  Awaitable<Result<void>> send(std::vector<std::byte> chunk) override {
    return state_->pair.write ? send_packet(state_, std::move(chunk)) : send_value(state_, std::move(chunk));
  }
  void close(std::span<const std::byte> last) noexcept override {
    PortState& state = *state_;
    if (std::exchange(state.closed, true)) return;
    if (!last.empty() && state.pair.write && !state.cause) {
      ::send(state.out.native_handle(), last.data(), last.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    state.end(gone("the link was closed"));
    boost::system::error_code ignored;
    state.in.close(ignored);
    state.out.close(ignored);
    state.bluez->on_value(state.pair.from_pen_path, nullptr);
    const auto device = state.bluez->device(state.pair.device_path);
    if (device && device->connected) state.bluez->disconnect_device(state.pair.device_path);
    state.bluez->changed().notify_all();  // who watches goes home
  }
  Awaitable<void> let_go() override { return until_let_go(state_); }

 private:
  StatePtr state_;
};

}  // namespace

std::optional<Error> what_is_gone(const Bluez& bluez, const GattPair& pair) {
  if (auto why = bluez.gone()) return gone(why->message);
  const auto adapters = bluez.adapters();
  const auto adapter = std::ranges::find(adapters, pair.adapter_path, &AdapterInfo::path);
  if (adapter == adapters.end()) return gone("the Bluetooth adapter was pulled out");
  if (!adapter->powered) {
    return gone("the Bluetooth adapter " + adapter->name + " was switched off, or bluetoothd is being stopped");
  }
  const auto device = bluez.device(pair.device_path);
  if (!device) return gone("the pen was removed from bluetoothd");
  if (!device->connected) return gone("the pen's connection ended");
  const auto characteristics = bluez.characteristics_of(pair.device_path);
  for (const std::string* path : {&pair.to_pen_path, &pair.from_pen_path}) {
    if (std::ranges::find(characteristics, *path, &CharacteristicInfo::path) == characteristics.end()) {
      return gone("the pen changed its services while it was connected");
    }
  }
  return std::nullopt;
}

std::unique_ptr<ChunkPort> make_gatt_port(Timeline& timeline, std::shared_ptr<Bluez> bluez, GattPair pair) {
  auto state = std::make_shared<PortState>(timeline, std::move(bluez), std::move(pair));
  if (!state->pair.notify) {
    const std::weak_ptr<PortState> weak = state;
    state->bluez->on_value(state->pair.from_pen_path, [weak](std::vector<std::byte> value) {
      if (const auto here = weak.lock()) {
        here->values.push_back(std::move(value));
        here->arrived.notify_all();
      }
    });
  }
  timeline.spawn(watch(state));
  return std::make_unique<GattPort>(std::move(state));
}

}  // namespace penrig::ble
