#include "protocols/tty_link.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/ioctl.h>
#include <termios.h>

namespace penrig {
namespace asio = boost::asio;
namespace {

constexpr auto kAwaitCode = asio::as_tuple(asio::use_awaitable);

/// Shared: a read that waits when the link is destroyed still has to come home.
struct Terminal {
  Terminal(asio::io_context& io, FileDescriptor tty, FileDescriptor kept_, std::string name_)
      : descriptor(io, tty.release()), kept(std::move(kept_)), name(std::move(name_)) {}

  Error ended(const boost::system::error_code& why) const {
    if (closed) return fail(Errc::link_lost, name + ": the link was closed");
    return fail(Errc::link_lost, name + ": the port is gone or its other end was closed (" + why.message() + ")");
  }

  asio::posix::stream_descriptor descriptor;
  FileDescriptor kept;
  std::string name;
  bool writing = false, closed = false;
};

using TerminalPtr = std::shared_ptr<Terminal>;

Awaitable<Result<std::size_t>> read_terminal(TerminalPtr terminal, std::span<std::byte> into) {
  const auto room = asio::buffer(into.data(), into.size());
  const auto [code, count] = co_await terminal->descriptor.async_read_some(room, kAwaitCode);
  if (code) co_return terminal->ended(code);
  co_return count;
}

Awaitable<Result<void>> write_terminal(TerminalPtr terminal, std::span<const std::byte> bytes) {
  const auto all = asio::buffer(bytes.data(), bytes.size());
  terminal->writing = true;
  const auto [code, count] = co_await asio::async_write(terminal->descriptor, all, kAwaitCode);
  terminal->writing = false;
  if (code) co_return terminal->ended(code);
  co_return Result<void>{};
}

class TtyLink final : public ByteLink {
 public:
  TtyLink(TerminalPtr terminal, std::optional<double> payload_bits_per_s)
      : terminal_(std::move(terminal)), payload_bits_per_s_(payload_bits_per_s) {}
  ~TtyLink() override { end(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    return read_terminal(terminal_, into);
  }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    return write_terminal(terminal_, bytes);
  }
  void close() noexcept override { end(); }
  const std::string& name() const override { return terminal_->name; }
  std::optional<double> payload_bits_per_s() const override { return payload_bits_per_s_; }

 private:
  void end() noexcept {
    if (std::exchange(terminal_->closed, true)) return;
    // A real port waits up to 30 s in close() for output that its other end does not take.
    if (terminal_->writing) ::tcflush(terminal_->descriptor.native_handle(), TCOFLUSH);
    // The mark of exclusive use outlives this program where another one has the port open too.
    ::ioctl(terminal_->descriptor.native_handle(), TIOCNXCL);
    boost::system::error_code ignored;
    terminal_->descriptor.close(ignored);
    terminal_->kept.reset();
  }

  TerminalPtr terminal_;
  std::optional<double> payload_bits_per_s_;
};

}  // namespace

std::unique_ptr<ByteLink> make_tty_link(Timeline& timeline, FileDescriptor tty, FileDescriptor kept, std::string name,
                                        std::optional<double> payload_bits_per_s) {
  auto terminal = std::make_shared<Terminal>(timeline.io(), std::move(tty), std::move(kept), std::move(name));
  return std::make_unique<TtyLink>(std::move(terminal), payload_bits_per_s);
}

bool make_raw(int tty) {
  termios settings{};
  if (::tcgetattr(tty, &settings) != 0) return false;
  ::cfmakeraw(&settings);
  settings.c_iflag &= ~static_cast<tcflag_t>(IXON | IXOFF | IXANY);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS | HUPCL);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  return ::tcsetattr(tty, TCSANOW, &settings) == 0;
}

}  // namespace penrig
