#include <algorithm>

#include "reports/trace/pcapng.hpp"
#include "reports/trace/pcapng_numbers.hpp"

namespace penrig {
namespace {

using namespace pcapng;

void append_u16(std::string& to, std::uint16_t v) {
  to.push_back(static_cast<char>(v & 0xFFU));
  to.push_back(static_cast<char>(v >> 8U));
}

void append_u32(std::string& to, std::uint32_t v) {
  append_u16(to, static_cast<std::uint16_t>(v & 0xFFFFU));
  append_u16(to, static_cast<std::uint16_t>(v >> 16U));
}

void pad(std::string& to, std::size_t length) { to.append(padded(length) - length, '\0'); }

void append_option(std::string& to, std::uint16_t code, std::string_view value) {
  value = value.substr(0, kMostTextBytes);
  append_u16(to, code);
  append_u16(to, static_cast<std::uint16_t>(value.size()));
  to += value;
  pad(to, value.size());
}

/// A block around its body; its length stands at both ends.
template <class Body>
void append_block(std::string& to, std::uint32_t type, Body&& body) {
  const std::size_t begin = to.size();
  append_u32(to, type);
  append_u32(to, 0);
  body();
  const auto length = static_cast<std::uint32_t>(to.size() - begin + 4);
  append_u32(to, length);
  for (std::size_t i = 0; i < 4; ++i) to[begin + 4 + i] = to[to.size() - 4 + i];
}

}  // namespace

void append_section(std::string& file, std::string_view comment, std::string_view application) {
  append_block(file, kSectionBlock, [&] {
    append_u32(file, kByteOrder);
    append_u16(file, kVersionMajor);
    append_u16(file, kVersionMinor);
    append_u32(file, 0xFFFF'FFFFU);  // how long the section is: not said
    append_u32(file, 0xFFFF'FFFFU);
    append_option(file, kOptionComment, comment);
    append_option(file, kOptionApplication, application);
    append_option(file, kOptionEnd, "");
  });
}

void append_interface(std::string& file, std::string_view name) {
  append_block(file, kInterfaceBlock, [&] {
    append_u16(file, kLinkTypeUser0);
    append_u16(file, 0);
    append_u32(file, 0);  // no limit to what is kept of a packet
    append_option(file, kOptionName, name);
    append_option(file, kOptionResolution, std::string_view(&kNanoseconds, 1));
    append_option(file, kOptionEnd, "");
  });
}

void append_chunk(std::string& file, const TraceChunk& chunk) {
  append_block(file, kPacketBlock, [&] {
    const auto time = static_cast<std::uint64_t>(chunk.utc_ns);
    append_u32(file, chunk.link);
    append_u32(file, static_cast<std::uint32_t>(time >> 32U));
    append_u32(file, static_cast<std::uint32_t>(time & 0xFFFF'FFFFU));
    const auto bytes = static_cast<std::uint32_t>(chunk.bytes.size());
    append_u32(file, bytes);
    append_u32(file, bytes);
    file += chunk.bytes;
    pad(file, chunk.bytes.size());
    std::string flags;
    append_u32(flags, static_cast<std::uint32_t>(chunk.direction));
    append_option(file, kOptionFlags, flags);
    if (!chunk.comment.empty()) append_option(file, kOptionComment, chunk.comment);
    append_option(file, kOptionEnd, "");
  });
}

}  // namespace penrig
