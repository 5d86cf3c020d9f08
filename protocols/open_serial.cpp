#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <libserialport.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "protocols/links.hpp"
#include "protocols/port_holder.hpp"
#include "protocols/tty_link.hpp"

namespace penrig {
namespace {
namespace fs = std::filesystem;

std::string reason(int error) { return std::strerror(error); }

Error busy(const std::string& name, const std::string& device) {
  const auto holder = holder_of_port(device);
  return fail(Errc::port_busy, name + ": the port is held by " + holder.value_or("another program") +
                                   "; end that program, or name another port (penrig ports lists them)");
}

Error missing(const std::string& name, const std::string& what) {
  return fail(Errc::port_missing, name + ": " + what + "; penrig ports lists what is there");
}

bool is_pty(const struct stat& node) {
  constexpr unsigned kFirstPtySlaveMajor = 136, kLastPtySlaveMajor = 143;
  return major(node.st_rdev) >= kFirstPtySlaveMajor && major(node.st_rdev) <= kLastPtySlaveMajor;
}

/// Sets a real port's line through libserialport, on a descriptor of its own that is closed again: the settings are the
/// port's. 8N1, no flow control (its default leaves IXON on, which swallows 0x11 and 0x13).
Result<void> configure(const std::string& name, const std::string& device, unsigned baud) {
  sp_port* port = nullptr;
  const auto failed = [&](const char* what) {
    char* text = sp_last_error_message();
    Error error = fail(Errc::io, name + ": " + what + (text == nullptr ? "" : std::string(": ") + text));
    sp_free_error_message(text);
    if (port != nullptr) {
      sp_close(port);
      sp_free_port(port);
    }
    return error;
  };
  if (sp_get_port_by_name(device.c_str(), &port) != SP_OK) return failed("not known as a serial port");
  if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK) return failed("cannot be opened");
  if (sp_set_baudrate(port, static_cast<int>(baud)) != SP_OK) return failed("does not take this baud rate");
  if (sp_set_bits(port, 8) != SP_OK || sp_set_parity(port, SP_PARITY_NONE) != SP_OK ||
      sp_set_stopbits(port, 1) != SP_OK) {
    return failed("does not take 8 data bits, no parity, 1 stop bit");
  }
  if (sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) != SP_OK) return failed("does not switch its flow control off");
  sp_close(port);
  sp_free_port(port);
  return {};
}

}  // namespace

Result<std::string> find_port(const SerialUri& uri, const std::string& name) {
  if (!uri.device.empty()) {
    std::error_code code;
    const auto path = fs::canonical(uri.device, code);  // libserialport rejects symbolic links
    if (code) return missing(name, "no port " + uri.device + " (" + code.message() + ")");
    return path.string();
  }
  const auto ports = list_ports();
  if (!ports) return ports.error();
  std::string found;
  for (const auto& port : *ports) {
    if (port.usb_vid_pid != uri.usb_vid_pid || (!uri.usb_serial.empty() && port.usb_serial != uri.usb_serial)) continue;
    if (!found.empty()) {
      return fail(Errc::usage, fmt::format("{}: both {} and {} have this USB identity; add the serial number: "
                                           "serial:usb=VID:PID/SERIAL",
                                           name, found, port.name));
    }
    found = port.name;
  }
  if (found.empty()) {
    return missing(name, "no port with USB identity " + uri.usb_vid_pid +
                             (uri.usb_serial.empty() ? "" : " and serial number " + uri.usb_serial));
  }
  return found;
}

Result<std::unique_ptr<ByteLink>> open_serial(Timeline& timeline, std::string_view text) {
  const auto uri = parse_serial_uri(text);
  if (!uri) return uri.error();
  const std::string name(text);
  if (timeline.is_virtual()) {
    return fail(Errc::internal, name + ": a real port cannot be driven in virtual time");
  }
  const auto device = find_port(*uri, name);
  if (!device) return device.error();

  FileDescriptor tty(::open(device->c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!tty) {
    const int error = errno;
    if (error == EBUSY) return busy(name, *device);
    if (error == ENOENT || error == ENODEV || error == ENXIO || error == EIO) {
      return missing(name, "no port " + *device + " (" + reason(error) + ")");
    }
    const char* advice = error == EACCES ? "; join the group that owns it (dialout on Debian)" : "";
    return fail(Errc::io, name + ": cannot be opened: " + reason(error) + advice);
  }
  struct stat node {};
  if (::fstat(tty.get(), &node) != 0 || !S_ISCHR(node.st_mode) || ::isatty(tty.get()) == 0) {
    return fail(Errc::usage, name + ": " + *device + " is no serial port");
  }
  // The lock first: a port that another program uses must not be reconfigured under it. A terminal's own exclusivity
  // does not bind root, so it is also asked for.
  if (::flock(tty.get(), LOCK_EX | LOCK_NB) != 0) return busy(name, *device);
  int exclusive = 0;
  if (::ioctl(tty.get(), TIOCGEXCL, &exclusive) == 0 && exclusive != 0) {
    ::flock(tty.get(), LOCK_UN);  // else this program would be named as the holder
    return busy(name, *device);
  }

  const bool pty = is_pty(node);
  if (!pty) {
    if (const auto configured = configure(name, *device, uri->baud); !configured) return configured.error();
  }
  if (!make_raw(tty.get())) return fail(Errc::io, name + ": cannot be set to raw mode: " + reason(errno));
  // Not for a pty: there the mark would outlive this program, as the simulator keeps the terminal open.
  if (!pty && ::ioctl(tty.get(), TIOCEXCL) != 0) return fail(Errc::io, name + ": not exclusive: " + reason(errno));
  ::tcflush(tty.get(), TCIFLUSH);  // what was said to whoever had the port before

  std::optional<double> capacity;
  if (!pty) capacity = uri->baud * 0.8;  // 8N1: 8 of 10 bits are payload
  return make_tty_link(timeline, std::move(tty), FileDescriptor{}, name, capacity);
}

}  // namespace penrig
