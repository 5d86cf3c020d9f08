#include "protocols/ble/bus_probe.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <sys/un.h>
#include <unistd.h>

#include "protocols/await_code.hpp"

namespace penrig::ble {
namespace {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;

constexpr std::chrono::seconds kAnswersWithin{1};
constexpr std::string_view kUsualAddress = "unix:path=/run/dbus/system_bus_socket";

/// Of the first socket that an address of D-Bus names; empty: it is of another kind.
std::string socket_of(std::string_view address) {
  address = address.substr(0, address.find(';'));
  constexpr std::string_view kPath = "unix:path=", kAbstract = "unix:abstract=";
  const bool abstract = address.starts_with(kAbstract);
  if (!abstract && !address.starts_with(kPath)) return "";
  const std::string_view path = address.substr(abstract ? kAbstract.size() : kPath.size());
  return std::string(abstract ? 1 : 0, '\0') + std::string(path.substr(0, path.find(',')));
}

/// The first words of a client, as the D-Bus specification has them: who it is, in hex.
std::string greeting() {
  std::string text("\0AUTH EXTERNAL ", 15);
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : std::to_string(::getuid())) {
    text += kHex[static_cast<unsigned char>(c) >> 4U];
    text += kHex[static_cast<unsigned char>(c) & 15U];
  }
  return text + "\r\n";
}

/// Shared with the coroutine that still waits when nobody waits for it any more.
struct Probe {
  explicit Probe(Timeline& timeline) : socket(timeline.io()), told(timeline) {}
  Local::socket socket;
  Event told;
  bool answered = false;
};

Awaitable<void> greet(std::shared_ptr<Probe> probe, std::string path) {
  const std::string words = greeting();
  std::array<char, 64> room{};
  const Local::endpoint there(path);
  const auto [not_connected] = co_await probe->socket.async_connect(there, kAwaitCode);
  if (!not_connected) {
    const auto [not_written, written] =
        co_await asio::async_write(probe->socket, asio::const_buffer(words.data(), words.size()), kAwaitCode);
    if (!not_written) {
      // Whatever comes, also the end: somebody is there, and the library will hear more.
      co_await probe->socket.async_read_some(asio::mutable_buffer(room.data(), room.size()), kAwaitCode);
    }
  }
  probe->answered = true;
  probe->told.notify_all();
}

}  // namespace

Awaitable<Result<void>> bus_answers(Timeline& timeline) {
  const char* const named = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  std::string path = socket_of(named != nullptr ? std::string_view(named) : kUsualAddress);
  if (path.empty() || path.size() > sizeof(sockaddr_un::sun_path) - 1) co_return Result<void>{};
  const auto probe = std::make_shared<Probe>(timeline);
  timeline.spawn(greet(probe, std::move(path)));
  const TimePoint deadline = timeline.now() + kAnswersWithin;
  while (!probe->answered && timeline.now() < deadline) co_await probe->told.wait_until(deadline);
  const bool answered = probe->answered;
  boost::system::error_code ignored;
  probe->socket.close(ignored);
  if (answered) co_return Result<void>{};
  co_return fail(Errc::port_missing,
                 "the D-Bus system bus takes connections and does not answer: its daemon hangs (sudo systemctl restart "
                 "dbus, or restart the machine)");
}

}  // namespace penrig::ble
