#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocols/ble/chunk_core.hpp"
#include "protocols/byte_link.hpp"

namespace penrig::ble {

/// What carries chunks to one peer and back: a GATT pair, or two queues in memory. A chunk arrives whole or not at all.
/// One receiver and one sender at a time.
class ChunkPort {
 public:
  ChunkPort() = default;
  virtual ~ChunkPort() = default;
  ChunkPort(const ChunkPort&) = delete;
  ChunkPort& operator=(const ChunkPort&) = delete;

  /// Waits for the next chunk. Errc::link_lost with the cause when there will be none.
  virtual Awaitable<Result<std::vector<std::byte>>> receive() = 0;
  /// Returns when the chunk is taken. Errc::link_lost.
  virtual Awaitable<Result<void>> send(std::vector<std::byte> chunk) = 0;
  /// Sends a last chunk, if that needs no waiting, and ends both directions. Idempotent.
  virtual void close(std::span<const std::byte> last) noexcept = 0;
  /// As ByteLink has it.
  virtual Awaitable<void> let_go() { co_return; }
};

/// The host's end of a stream over a port: opens it. Errc::link_lost or ::protocol with the cause, within kOpenWithin.
/// @param nonce  another one for every stream.
Awaitable<Result<std::unique_ptr<ByteLink>>> open_chunk_link(Timeline& timeline, std::unique_ptr<ChunkPort> port,
                                                             std::string name, ChunkConfig config, std::uint32_t nonce);

/// The pen's end: reads wait until a host opens the stream. It ends with that stream; a new one takes a new link.
std::unique_ptr<ByteLink> make_pen_chunk_link(Timeline& timeline, std::unique_ptr<ChunkPort> port, std::string name,
                                              ChunkConfig config);

}  // namespace penrig::ble
