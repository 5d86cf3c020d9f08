#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>

#include "protocols/links.hpp"
#include "protocols/tty_link.hpp"

namespace penrig {

Result<std::pair<std::unique_ptr<ByteLink>, std::string>> open_pty(Timeline& timeline) {
  const auto failed = [](const char* what) {
    return fail(Errc::io, std::string("no pseudo-terminal: ") + what + ": " + std::strerror(errno));
  };
  FileDescriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!master) return failed("posix_openpt");
  if (::grantpt(master.get()) != 0) return failed("grantpt");
  if (::unlockpt(master.get()) != 0) return failed("unlockpt");
  std::array<char, 128> path{};
  if (::ptsname_r(master.get(), path.data(), path.size()) != 0) return failed("ptsname_r");
  // As long as nobody has the slave open, the master reads EIO: before the first client, and after each. This keeps one
  // open; that a client has left is then seen by its silence, as on a real line.
  FileDescriptor slave(::open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!slave) return failed(path.data());
  if (!make_raw(slave.get())) return failed(path.data());
  std::string name(path.data());
  auto link = make_tty_link(timeline, std::move(master), std::move(slave), "pty:" + name, std::nullopt);
  return std::pair<std::unique_ptr<ByteLink>, std::string>(std::move(link), std::move(name));
}

}  // namespace penrig
