#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "reports/capture/byte_source.hpp"

namespace penrig {

/// Of one link: bytes that came from the device, bytes that went to it.
enum class TraceDirection : std::uint8_t { in = 1, out = 2 };  // as epb_flags has them

/// One read or write.
struct TraceChunk {
  std::uint32_t link = 0;   ///< interface of the file, from 0
  std::int64_t utc_ns = 0;  ///< of the run's timeline
  TraceDirection direction = TraceDirection::in;
  std::string_view bytes;    ///< at most kMostTraceChunkBytes
  std::string_view comment;  ///< why a read or a write failed; then bytes are empty
};

inline constexpr std::size_t kMostTraceChunkBytes = std::size_t{256} << 10U;

/// Blocks of a pcapng file, little endian, version 1.0 (IETF draft-ietf-opsawg-pcapng): a section header first, an
/// interface (link type DLT_USER0, nanoseconds) for each link before its first chunk. Texts are cut at 60,000 bytes.
void append_section(std::string& file, std::string_view comment, std::string_view application);
void append_interface(std::string& file, std::string_view name);
void append_chunk(std::string& file, const TraceChunk& chunk);

/// Who is told of what stands in a trace, in the file's order.
struct TraceReader {
  std::function<void(std::string_view comment)> on_section;
  std::function<void(std::string_view name)> on_link;  ///< the first is link 0
  std::function<void(const TraceChunk&)> on_chunk;     ///< valid during the call
};

/// Reads a file as append_*() writes it, in bounded memory. Blocks of other kinds are passed over, as the format
/// demands; whatever else is not so is Errc::bad_data with the place, after all before it was told. Errors of the
/// source as they are.
Result<void> read_trace(const ByteSource& source, const TraceReader& reader);

}  // namespace penrig
