#include "protocols/ble/bus.hpp"

#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sdbus-c++/Error.h>
#include <sdbus-c++/IConnection.h>

#include "protocols/await_code.hpp"

namespace penrig::ble {
namespace asio = boost::asio;

/// Shared: a wait for the descriptor may outlive the connection.
struct BusState {
  BusState(Timeline& t, std::unique_ptr<sdbus::IConnection> c, int fd)
      : timeline(t), connection(std::move(c)), descriptor(t.io(), fd) {}

  Timeline& timeline;
  std::unique_ptr<sdbus::IConnection> connection;
  asio::posix::stream_descriptor descriptor;
  std::function<void()> on_lost;
  std::optional<Error> lost;
  bool writing = false, kicked = false, closed = false;
};

namespace {

constexpr std::chrono::milliseconds kDaemonAnswers{1500};

using BusStatePtr = std::shared_ptr<BusState>;

Awaitable<void> flush(BusStatePtr state);

/// Handles what has come and sends what waits.
void process(const BusStatePtr& state) {
  if (state->closed || state->lost) return;
  try {
    while (!state->closed && state->connection->processPendingRequest()) {
    }
    if (state->closed) return;
    const auto wanted = state->connection->getEventLoopPollData();
    if ((wanted.events & POLLOUT) != 0 && !std::exchange(state->writing, true)) state->timeline.spawn(flush(state));
  } catch (const sdbus::Error& e) {
    state->lost = fail(Errc::link_lost, "the D-Bus system bus is gone (" + e.getMessage() +
                                            "): when it runs again, so does everything that needs it");
    if (state->on_lost) state->on_lost();
  }
}

Awaitable<void> flush(BusStatePtr state) {
  const auto [code] = co_await state->descriptor.async_wait(asio::posix::stream_descriptor::wait_write, kAwaitCode);
  state->writing = false;
  if (!code) process(state);
}

Awaitable<void> serve(BusStatePtr state) {
  while (!state->closed && !state->lost) {
    process(state);
    if (state->closed || state->lost) break;
    const auto [code] = co_await state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, kAwaitCode);
    if (code) break;
  }
}

}  // namespace

Result<std::unique_ptr<Bus>> Bus::open_system(Timeline& timeline) {
  try {
    auto connection = sdbus::createSystemBusConnection();
    connection->setMethodCallTimeout(kDaemonAnswers);
    const int fd = ::fcntl(connection->getEventLoopPollData().fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return fail(Errc::io, "no descriptor is left for the D-Bus system bus");
    auto state = std::make_shared<BusState>(timeline, std::move(connection), fd);
    timeline.spawn(serve(state));
    return std::unique_ptr<Bus>(new Bus(std::move(state)));
  } catch (const sdbus::Error& e) {
    return fail(Errc::port_missing, "there is no D-Bus system bus (" + e.getMessage() +
                                        "): install dbus and bluez and start them (sudo systemctl start dbus "
                                        "bluetooth); in a container, hand the host's bus in");
  }
}

Bus::Bus(std::shared_ptr<BusState> state) : state_(std::move(state)) {}

Bus::~Bus() {
  state_->closed = true;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

Timeline& Bus::timeline() { return state_->timeline; }
sdbus::IConnection& Bus::connection() { return *state_->connection; }
const std::optional<Error>& Bus::lost() const { return state_->lost; }
void Bus::on_lost(std::function<void()> handler) { state_->on_lost = std::move(handler); }

void Bus::kick() {
  if (std::exchange(state_->kicked, true)) return;
  asio::post(state_->timeline.io(), [state = state_] {
    state->kicked = false;
    process(state);
  });
}

}  // namespace penrig::ble
