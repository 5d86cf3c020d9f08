#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace penrig::ble {

enum class ChunkKind : std::uint8_t { data = 0, status = 1, open = 2, opened = 3, close = 4 };

/// Why an end of a stream closes it.
enum class CloseReason : std::uint8_t {
  done = 0,
  not_open = 1,
  version = 2,
  gap = 3,
  broken_chunk = 4,
  silent = 5,
  unacknowledged = 6,
  going_off = 7,
};
/// For a person: "done", "a chunk was lost", ...; "reason 42" has no words here.
const char* words_of(CloseReason reason);

/// One chunk: what one write or one notification carries.
struct Chunk {
  ChunkKind kind = ChunkKind::status;
  std::uint8_t stream = 0;        ///< low 5 bits of the stream's nonce
  std::uint8_t sequence = 0;      ///< data: its number; else: the number of the next data chunk
  std::uint8_t acknowledged = 0;  ///< the number of the next data chunk that is expected
  std::uint8_t window = 0;        ///< data chunks that may come from there on
  std::vector<std::byte> payload;
};

/// @param chunk  payload at most kChunkMax - kChunkHeader bytes.
std::vector<std::byte> encode_chunk(const Chunk& chunk);
/// None: too short or long, an unknown kind, a window beyond kWindowMax, data without bytes.
std::optional<Chunk> decode_chunk(std::span<const std::byte> bytes);

/// What OPEN and OPENED say of the end that sends them.
struct StreamOffer {
  std::uint8_t version = 1;
  std::uint32_t nonce = 0;
  std::uint16_t largest = 0;  ///< chunk that this end takes, bytes
};
std::vector<std::byte> encode_offer(const StreamOffer& offer);
/// None: too short. What stands behind it is for later versions.
std::optional<StreamOffer> decode_offer(std::span<const std::byte> payload);

}  // namespace penrig::ble
