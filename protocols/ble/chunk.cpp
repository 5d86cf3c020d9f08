#include "protocols/ble/chunk.hpp"

#include "protocols/ble/gatt.hpp"

namespace penrig::ble {
namespace {

constexpr unsigned kKindBits = 3;
constexpr std::uint8_t kKindMask = 0x07;
constexpr std::size_t kOfferBytes = 7;

std::uint8_t at(std::span<const std::byte> bytes, std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); }

}  // namespace

const char* words_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::done:
      return "done";
    case CloseReason::not_open:
      return "no stream is open there";
    case CloseReason::version:
      return "another version of the profile";
    case CloseReason::gap:
      return "a chunk was lost";
    case CloseReason::broken_chunk:
      return "a broken chunk";
    case CloseReason::silent:
      return "silence";
    case CloseReason::unacknowledged:
      return "a chunk was not acknowledged";
    case CloseReason::going_off:
      return "it goes off";
  }
  return "a reason that this program does not know";
}

std::vector<std::byte> encode_chunk(const Chunk& chunk) {
  std::vector<std::byte> bytes;
  bytes.reserve(kChunkHeader + chunk.payload.size());
  const auto first = static_cast<std::uint8_t>(chunk.stream << kKindBits) | static_cast<std::uint8_t>(chunk.kind);
  for (const auto b : {static_cast<std::uint8_t>(first), chunk.sequence, chunk.acknowledged, chunk.window}) {
    bytes.push_back(std::byte{b});
  }
  bytes.insert(bytes.end(), chunk.payload.begin(), chunk.payload.end());
  return bytes;
}

std::optional<Chunk> decode_chunk(std::span<const std::byte> bytes) {
  if (bytes.size() < kChunkHeader || bytes.size() > kChunkMax) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(at(bytes, 0) & kKindMask);
  if (kind > static_cast<std::uint8_t>(ChunkKind::close)) return std::nullopt;
  Chunk chunk;
  chunk.kind = static_cast<ChunkKind>(kind);
  chunk.stream = static_cast<std::uint8_t>(at(bytes, 0) >> kKindBits);
  chunk.sequence = at(bytes, 1);
  chunk.acknowledged = at(bytes, 2);
  chunk.window = at(bytes, 3);
  chunk.payload.assign(bytes.begin() + kChunkHeader, bytes.end());
  if (chunk.window > kWindowMax) return std::nullopt;
  if (chunk.kind == ChunkKind::data && chunk.payload.empty()) return std::nullopt;
  return chunk;
}

std::vector<std::byte> encode_offer(const StreamOffer& offer) {
  std::vector<std::byte> bytes{std::byte{offer.version}};
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::byte>(offer.nonce >> shift));
  for (unsigned shift = 0; shift < 16; shift += 8) bytes.push_back(static_cast<std::byte>(offer.largest >> shift));
  return bytes;
}

std::optional<StreamOffer> decode_offer(std::span<const std::byte> payload) {
  if (payload.size() < kOfferBytes) return std::nullopt;
  StreamOffer offer;
  offer.version = at(payload, 0);
  for (unsigned i = 0; i < 4; ++i) offer.nonce |= std::uint32_t{at(payload, 1 + i)} << (8 * i);
  offer.largest = static_cast<std::uint16_t>(at(payload, 5) | (at(payload, 6) << 8));
  return offer;
}

}  // namespace penrig::ble
