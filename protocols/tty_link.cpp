#include "protocols/tty_link.hpp"

#include <cerrno>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "protocols/await_code.hpp"
#include "protocols/stream_pace.hpp"

namespace penrig {
namespace asio = boost::asio;
namespace {

/// Shared: a read that waits when the link is destroyed still has to come home.
struct Terminal {
  Terminal(Timeline& timeline_, FileDescriptor tty, FileDescriptor kept_, std::string name_)
      : timeline(timeline_),
        watched(timeline.io(), tty.release()),
        rounds_end(timeline),
        pace(StreamRounds::of(timeline)),
        kept(std::move(kept_)),
        name(std::move(name_)) {}

  Error ended(const boost::system::error_code& why) const {
    if (closed) return fail(Errc::link_lost, name + ": the link was closed");
    return fail(Errc::link_lost, name + ": the port is gone or its other end was closed (" + why.message() + ")");
  }

  /// When it is read next; none: as it comes.
  std::optional<TimePoint> next_round() const {
    if (!rounds_allowed || writing || closed) return std::nullopt;
    return pace.next_round(timeline.now());
  }
  /// Asio is woken by all that comes on a descriptor that it has, wanted or not: while the terminal is read in rounds
  /// it has none. Nothing waits in Asio then.
  void begin_rounds() {
    if (!unwatched) unwatched.reset(watched.release());
  }
  boost::system::error_code watch() {
    boost::system::error_code code;
    if (!unwatched) return code;
    watched.assign(unwatched.get(), code);
    if (!code) unwatched.release();
    return code;
  }
  int tty() { return unwatched ? unwatched.get() : watched.native_handle(); }
  void came(std::size_t bytes) {
    if (rounds_allowed) pace.came(timeline.now(), bytes);
  }

  Timeline& timeline;
  asio::posix::stream_descriptor watched;  ///< the terminal is this one
  FileDescriptor unwatched;                ///< or that one
  Event rounds_end;                        ///< the reader is to look whether they do
  StreamPace pace;
  FileDescriptor kept;
  std::string name;
  bool rounds_allowed = false, writing = false, closed = false;
};

using TerminalPtr = std::shared_ptr<Terminal>;

/// What a read without waiting gave: bytes, or an error, or neither.
struct Taken {
  std::size_t count = 0;
  boost::system::error_code code;
};

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

/// All that there is. A read that does not give what a terminal holds has left nothing: it is not asked again.
Taken take_waiting(int tty, std::span<std::byte> into) {
  Taken taken;
  while (taken.count < into.size()) {
    const ssize_t n = ::read(tty, into.data() + taken.count, into.size() - taken.count);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) taken.code = last_error();
    if (n == 0) taken.code = asio::error::eof;
    if (n > 0) taken.count += static_cast<std::size_t>(n);
    if (n < static_cast<ssize_t>(kTerminalHolds)) break;
  }
  return taken;
}

/// Looks at the next round, and goes on to the one after it where nothing came.
struct ReadInRounds {
  Terminal& terminal;
  std::span<std::byte> into;
  Taken taken;
  std::optional<TimePoint> look() {
    taken = take_waiting(terminal.tty(), into);
    if (taken.count > 0 || taken.code) return std::nullopt;
    return terminal.next_round();
  }
};

Awaitable<Result<std::size_t>> read_terminal(TerminalPtr terminal, std::span<std::byte> into) {
  while (const auto round = terminal->next_round()) {
    terminal->begin_rounds();
    ReadInRounds read{*terminal, into, {}};
    Look look = [&read] { return read.look(); };
    co_await terminal->rounds_end.wait_until(*round, std::move(look));
    if (read.taken.count > 0) {
      terminal->came(read.taken.count);
      co_return read.taken.count;
    }
    if (read.taken.code) co_return terminal->ended(read.taken.code);
  }
  if (const auto code = terminal->watch()) co_return terminal->ended(code);
  const auto room = asio::buffer(into.data(), into.size());
  const auto [code, count] = co_await terminal->watched.async_read_some(room, kAwaitCode);
  if (code) co_return terminal->ended(code);
  terminal->came(count);
  co_return count;
}

/// What a terminal that Asio does not watch takes at once.
std::size_t put(const Terminal& terminal, std::span<const std::byte> bytes) {
  if (!terminal.unwatched) return 0;
  const ssize_t n = ::write(terminal.unwatched.get(), bytes.data(), bytes.size());
  return n > 0 ? static_cast<std::size_t>(n) : 0;  // the write that waits says what is wrong
}

Awaitable<Result<void>> write_terminal(TerminalPtr terminal, std::span<const std::byte> bytes) {
  bytes = bytes.subspan(put(*terminal, bytes));
  if (bytes.empty()) co_return Result<void>{};
  if (const auto code = terminal->watch()) co_return terminal->ended(code);
  const auto all = asio::buffer(bytes.data(), bytes.size());
  terminal->writing = true;
  terminal->rounds_end.notify_all();
  const auto [code, count] = co_await asio::async_write(terminal->watched, all, kAwaitCode);
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
  void allow_rounds(bool allowed) override {
    terminal_->rounds_allowed = allowed;
    if (!allowed) terminal_->rounds_end.notify_all();
  }
  void close() noexcept override { end(); }
  const std::string& name() const override { return terminal_->name; }
  std::optional<double> payload_bits_per_s() const override { return payload_bits_per_s_; }

 private:
  void end() noexcept {
    if (std::exchange(terminal_->closed, true)) return;
    // A real port waits up to 30 s in close() for output that its other end does not take.
    if (terminal_->writing) ::tcflush(terminal_->tty(), TCOFLUSH);
    // The mark of exclusive use outlives this program where another one has the port open too.
    ::ioctl(terminal_->tty(), TIOCNXCL);
    boost::system::error_code ignored;
    terminal_->watched.close(ignored);
    terminal_->unwatched.reset();
    terminal_->kept.reset();
    terminal_->rounds_end.notify_all();
  }

  TerminalPtr terminal_;
  std::optional<double> payload_bits_per_s_;
};

}  // namespace

std::unique_ptr<ByteLink> make_tty_link(Timeline& timeline, FileDescriptor tty, FileDescriptor kept, std::string name,
                                        std::optional<double> payload_bits_per_s) {
  auto terminal = std::make_shared<Terminal>(timeline, std::move(tty), std::move(kept), std::move(name));
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
