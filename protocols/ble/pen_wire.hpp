#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "protocols/ble/chunk_link.hpp"
#include "rig/base/file_descriptor.hpp"

namespace penrig::ble {

/// The pen's end of one connection: chunks to and from bluetoothd, by descriptors or by values, and what goes wrong.
struct PenWire {
  explicit PenWire(Timeline& t) : timeline(t), in(t.io()), out(t.io()), arrived(t) {}

  Timeline& timeline;
  boost::asio::posix::stream_descriptor in, out;
  std::function<void(const std::vector<std::byte>&)> notify_value;  ///< where notifications go by signal
  std::deque<std::vector<std::byte>> chunks;
  Event arrived;
  std::function<void()> on_heard;  ///< at every chunk that the host wrote
  bool ended = false;

  bool silent = false;               ///< takes everything and says nothing
  Nanoseconds slow{0};               ///< every chunk to the host waits so long
  unsigned lose_next = 0;            ///< chunks to the host
  bool swap_pairs = false;           ///< every other chunk to the host overtakes the one before it
  std::vector<std::byte> kept_back;  ///< by that
  std::size_t longest_in = 0, longest_out = 0;

  /// What the host wrote.
  void host_wrote(std::vector<std::byte> chunk);
  /// Ends the descriptors of both directions, and what waits.
  void end();
};
using PenWirePtr = std::shared_ptr<PenWire>;

/// A pair of sockets that keep messages apart: one end into `own`, the other for bluetoothd. None: no descriptor is
/// left.
std::optional<FileDescriptor> open_wire_end(boost::asio::posix::stream_descriptor& own);
/// Hands what comes through the descriptor to host_wrote(), until that ends.
Awaitable<void> read_descriptor(PenWirePtr wire);

/// One stream's port over a connection; closing it does not end the connection.
std::unique_ptr<ChunkPort> make_pen_port(PenWirePtr wire);

/// What speaks as the pen over one stream, until that ends.
using PenFirmware = std::function<Awaitable<void>(std::unique_ptr<ByteLink>)>;
/// Serves one stream after the other, as hosts open them, until the connection ends.
/// @param name  of the links.
Awaitable<void> serve_streams(PenWirePtr wire, ChunkConfig config, std::string name, PenFirmware firmware);

}  // namespace penrig::ble
