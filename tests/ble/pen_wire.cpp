#include "tests/ble/pen_wire.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

namespace penrig::ble::fake {
namespace asio = boost::asio;
namespace {

constexpr auto kAwaitCode = asio::as_tuple(asio::use_awaitable);

void to_host(PenWire& wire, const std::vector<std::byte>& chunk) {
  wire.longest_out = std::max(wire.longest_out, chunk.size());
  if (wire.notify_value) return wire.notify_value(chunk);
  ::send(wire.out.native_handle(), chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
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
  to_host(*wire, chunk);
  const auto late = std::exchange(wire->kept_back, {});
  if (!late.empty()) to_host(*wire, late);
}

Awaitable<Result<std::vector<std::byte>>> receive_chunk(PenWirePtr wire, std::shared_ptr<bool> closed) {
  while (wire->chunks.empty()) {
    if (wire->ended || *closed) {
      Error why = fail(Errc::link_lost, "fake pen: the connection ended");
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

std::unique_ptr<ChunkPort> make_pen_port(PenWirePtr wire) { return std::make_unique<PenPort>(std::move(wire)); }

}  // namespace penrig::ble::fake
