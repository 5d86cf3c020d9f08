#include "protocols/ble/pen_wire.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "protocols/await_code.hpp"

namespace penrig::ble {
namespace asio = boost::asio;
namespace {

/// False: its socket is full.
bool to_host(PenWire& wire, const std::vector<std::byte>& chunk) {
  if (wire.ended) return true;
  wire.longest_out = std::max(wire.longest_out, chunk.size());
  if (wire.notify_value) {
    wire.notify_value(chunk);
    return true;
  }
  if (::send(wire.out.native_handle(), chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  return errno != EAGAIN && errno != EINTR;  // whatever else it is, the other end is gone, and who reads it knows
}

Awaitable<void> until_taken(PenWirePtr wire, std::vector<std::byte> chunk) {
  while (!to_host(*wire, chunk)) {
    co_await wire->out.async_wait(asio::posix::stream_descriptor::wait_write, kAwaitCode);
  }
}

Awaitable<void> send_chunk(PenWirePtr wire, std::vector<std::byte> chunk) {
  if (wire->slow > Nanoseconds{0}) co_await wire->timeline.sleep_for(wire->slow);
  if (wire->ended || wire->silent) co_return;
  if (wire->lose_next > 0) {
    --wire->lose_next;
    co_return;
  }
  if (wire->swap_pairs && wire->kept_back.empty()) {
    wire->kept_back = std::move(chunk);
    co_return;
  }
  co_await until_taken(wire, std::move(chunk));
  auto late = std::exchange(wire->kept_back, {});
  if (!late.empty()) co_await until_taken(wire, std::move(late));
}

Awaitable<Result<std::vector<std::byte>>> receive_chunk(PenWirePtr wire, std::shared_ptr<bool> closed) {
  while (wire->chunks.empty()) {
    if (wire->ended || *closed) {
      Error why = fail(Errc::link_lost, "the connection to the host ended");
      co_return why;
    }
    co_await wire->arrived.wait_until(kNever);
  }
  std::vector<std::byte> chunk = std::move(wire->chunks.front());
  wire->chunks.pop_front();
  co_return chunk;
}

class PenPort final : public ChunkPort {
 public:
  explicit PenPort(PenWirePtr wire) : wire_(std::move(wire)) {}
  ~PenPort() override { close({}); }
  Awaitable<Result<std::vector<std::byte>>> receive() override { return receive_chunk(wire_, closed_); }
  Awaitable<Result<void>> send(std::vector<std::byte> chunk) override {
    co_await send_chunk(wire_, std::move(chunk));
    co_return Result<void>{};
  }
  void close(std::span<const std::byte> last) noexcept override {
    if (std::exchange(*closed_, true)) return;
    if (!last.empty() && !wire_->ended && !wire_->silent) to_host(*wire_, {last.begin(), last.end()});
    wire_->arrived.notify_all();
  }

 private:
  PenWirePtr wire_;
  std::shared_ptr<bool> closed_ = std::make_shared<bool>(false);
};

}  // namespace

void PenWire::host_wrote(std::vector<std::byte> chunk) {
  longest_in = std::max(longest_in, chunk.size());
  if (on_heard) on_heard();
  if (silent || ended) return;
  chunks.push_back(std::move(chunk));
  arrived.notify_all();
}

void PenWire::end() {
  if (std::exchange(ended, true)) return;
  boost::system::error_code ignored;
  in.close(ignored);
  out.close(ignored);
  notify_value = nullptr;
  arrived.notify_all();
}

Awaitable<void> read_descriptor(PenWirePtr wire) {
  std::array<std::byte, 1024> room{};
  while (!wire->ended) {
    const auto [code] = co_await wire->in.async_wait(asio::posix::stream_descriptor::wait_read, kAwaitCode);
    if (code) break;
    const ssize_t count = ::recv(wire->in.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (count == 0) break;
    if (count > 0) wire->host_wrote({room.begin(), room.begin() + count});
  }
}

std::optional<FileDescriptor> open_wire_end(asio::posix::stream_descriptor& own) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return std::nullopt;
  own.assign(ends[0]);
  return FileDescriptor(ends[1]);
}

std::unique_ptr<ChunkPort> make_pen_port(PenWirePtr wire) { return std::make_unique<PenPort>(std::move(wire)); }

Awaitable<void> serve_streams(PenWirePtr wire, ChunkConfig config, std::string name, PenFirmware firmware) {
  while (!wire->ended) {
    auto link = make_pen_chunk_link(wire->timeline, make_pen_port(wire), name, config);
    co_await firmware(std::move(link));
  }
}

}  // namespace penrig::ble
