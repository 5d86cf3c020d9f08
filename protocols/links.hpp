#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig {

struct PairingOperator;

/// Two ends of one stream in memory. latency: what a byte needs from write to read.
std::pair<std::unique_ptr<ByteLink>, std::unique_ptr<ByteLink>> make_memory_link(Timeline& timeline, std::string name,
                                                                                 Nanoseconds latency = Nanoseconds{0});

/// A link URI, taken apart. `serial:/dev/ttyUSB0?baud=3000000`, `serial:usb=0403:6001/SERIAL?baud=921600`.
struct SerialUri {
  std::string device;  ///< path, empty if by USB identity
  std::string usb_vid_pid, usb_serial;
  unsigned baud = 3'000'000;
};
/// Errc::usage with the reason: unknown scheme (the known ones are named), missing path, bad baud.
Result<SerialUri> parse_serial_uri(std::string_view uri);

/// The path of the port that a URI names, found by its USB identity where it has one, without symbolic links. name: for
/// messages. Errc::port_missing; ::usage where several have the identity.
Result<std::string> find_port(const SerialUri& uri, const std::string& name);

/// Opens a tty. Real ports through libserialport (listing, identity, configuration, exclusivity), ptys as plain ttys;
/// Asio moves the bytes in both cases. Errc::port_missing, ::port_busy (names the holder's pid where it can be seen),
/// ::io.
Result<std::unique_ptr<ByteLink>> open_serial(Timeline& timeline, std::string_view uri);

/// Opens a link by its URI, whatever its scheme: open_serial(), or open_ble() (protocols/ble/ble_link.hpp) with its
/// errors and its time.
Awaitable<Result<std::unique_ptr<ByteLink>>> open_link(Timeline& timeline, std::string uri, PairingOperator pairing);
/// Whether open_link() would understand it; Errc::usage with the reason.
Result<void> check_link_uri(std::string_view uri);

/// A new pseudo-terminal: the master end as a link, and the path of the slave for the other program.
Result<std::pair<std::unique_ptr<ByteLink>, std::string>> open_pty(Timeline& timeline);

struct PortInfo {
  std::string name, description, usb_vid_pid, usb_serial, usb_product;
};
Result<std::vector<PortInfo>> list_ports();

/// What a fault-injecting link does to the bytes that pass. Seeded: the same seed breaks the same bytes.
struct LinkFaults {
  double drop_per_byte = 0, corrupt_per_byte = 0, duplicate_per_write = 0;
  Nanoseconds extra_delay{0};
  std::uint64_t stall_after_bytes = 0;  ///< 0 = never; then nothing passes any more, the link stays open
  std::uint64_t close_after_bytes = 0;  ///< 0 = never
  bool split_writes = false;            ///< one byte at a time
  std::uint64_t seed = 1;
};
std::unique_ptr<ByteLink> make_faulty_link(Timeline& timeline, std::unique_ptr<ByteLink> inner, LinkFaults faults);

}  // namespace penrig
