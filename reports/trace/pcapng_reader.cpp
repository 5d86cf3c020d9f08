#include <optional>

#include <fmt/format.h>

#include "reports/trace/pcapng.hpp"
#include "reports/trace/pcapng_numbers.hpp"

namespace penrig {
namespace {

using namespace pcapng;

/// Little-endian numbers one after the other; past the end there is nothing.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : left_(bytes) {}
  std::optional<std::uint32_t> number(std::size_t bytes) {
    const auto text = take(bytes);
    if (!text) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8U | static_cast<std::uint8_t>((*text)[i]);
    return value;
  }
  std::optional<std::string_view> take(std::size_t bytes) {
    if (left_.size() < bytes) return std::nullopt;
    const std::string_view taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }
  bool empty() const { return left_.empty(); }

 private:
  std::string_view left_;
};

/// on_option(code, value) for each, up to the one that ends them. False: one reaches beyond its block.
template <class OnOption>
bool each_option(Fields fields, OnOption&& on_option) {
  while (!fields.empty()) {
    const auto code = fields.number(2), length = fields.number(2);
    if (!code || !length) return false;
    if (*code == kOptionEnd) return *length == 0;
    const auto value = fields.take(padded(*length));
    if (!value) return false;
    on_option(*code, value->substr(0, *length));
  }
  return true;
}

class PacketReader {
 public:
  PacketReader(const ByteSource& source, const TraceReader& told) : source_(source), told_(told) {}

  Result<void> all() {
    for (;;) {
      const Result<bool> more = next_block();
      if (!more) return more.error();
      if (!*more) break;
      if (const Result<void> read = read_block(); !read) return read.error();
      at_ += block_.size();
    }
    if (at_ == 0) return bad("it is empty");
    return {};
  }

 private:
  Error bad(const std::string& what) const {
    return fail(Errc::bad_data, fmt::format("no trace as penrig writes it: byte {}: {}", at_, what));
  }

  /// Into block_; false at the end of the file.
  Result<bool> next_block() {
    constexpr std::size_t kHead = 8, kLeast = 12;
    block_.clear();
    const Result<bool> head = fill(kHead);
    if (!head) return head.error();
    if (!*head && block_.empty()) return false;
    if (!*head) return bad("a block was cut off");
    Fields fields(block_);
    type_ = *fields.number(4);
    const std::size_t length = *fields.number(4);
    if (at_ == 0 && type_ != kSectionBlock) return bad(fmt::format("a block of type {:#x}, expected a section", type_));
    if (length < kLeast || length % 4 != 0 || length > kMostBlockBytes) {
      return bad(fmt::format("a block of {} bytes, expected a multiple of 4 from {} to {}{}", length, kLeast,
                             kMostBlockBytes, type_ == kSectionBlock ? " (is it of a big-endian machine?)" : ""));
    }
    const Result<bool> whole = fill(length);
    if (!whole) return whole.error();
    if (!*whole) return bad("a block was cut off");
    const std::string_view end = std::string_view(block_).substr(length - 4);
    if (Fields(end).number(4) != length) return bad("the lengths at both ends of a block differ");
    return true;
  }

  /// block_ to that length; false where the file ends before.
  Result<bool> fill(std::size_t length) {
    std::size_t have = block_.size();
    block_.resize(length);
    while (have < length) {
      const Result<std::size_t> got = source_(block_.data() + have, length - have);
      if (!got) return got.error();
      if (*got == 0) {
        block_.resize(have);
        return false;
      }
      have += *got;
    }
    return true;
  }

  Result<void> read_block() {
    Fields body(std::string_view(block_).substr(8, block_.size() - 12));
    if (type_ == kSectionBlock) return read_section(body);
    if (type_ == kInterfaceBlock) return read_interface(body);
    if (type_ == kPacketBlock) return read_packet(body);
    return {};
  }

  Result<void> read_section(Fields body) {
    const auto order = body.number(4), major = body.number(2), minor = body.number(2);
    if (at_ != 0) return bad("a second section, expected one");
    if (order != kByteOrder) return bad("its byte order is not that of a little-endian machine");
    if (major != kVersionMajor || !minor) return bad("its version is not 1");
    std::string_view comment;
    const bool good = body.take(8) && each_option(body, [&](std::uint32_t code, std::string_view value) {
                        if (code == kOptionComment) comment = value;
                      });
    if (!good) return bad("an option reaches beyond its block");
    told_.on_section(comment);
    return {};
  }

  Result<void> read_interface(Fields body) {
    if (const auto type = body.number(2); type != kLinkTypeUser0)
      return bad(
          fmt::format("an interface of link type {}, expected {} (DLT_USER0)", type.value_or(0), kLinkTypeUser0));
    std::string_view name, resolution;
    const bool good = body.take(6) && each_option(body, [&](std::uint32_t code, std::string_view value) {
                        if (code == kOptionName) name = value;
                        if (code == kOptionResolution) resolution = value;
                      });
    if (!good) return bad("an option reaches beyond its block");
    if (resolution != std::string_view(&kNanoseconds, 1)) return bad("its times are not in nanoseconds");
    told_.on_link(name);
    ++links_;
    return {};
  }

  Result<void> read_packet(Fields body) {
    const auto link = body.number(4), high = body.number(4), low = body.number(4), kept = body.number(4);
    const auto original = body.number(4);
    if (!original) return bad("a packet is too short");
    if (*link >= links_) return bad(fmt::format("a packet of link {}, and {} are described", *link, links_));
    if (*kept > kMostTraceChunkBytes || kept != original)
      return bad("a packet was cut when it was kept, or is too long");
    const auto bytes = body.take(padded(*kept));
    TraceChunk chunk;
    std::uint32_t flags = 0;
    const bool good = bytes && each_option(body, [&](std::uint32_t code, std::string_view value) {
                        if (code == kOptionFlags) flags = Fields(value).number(4).value_or(0);
                        if (code == kOptionComment) chunk.comment = value;
                      });
    if (!good) return bad("bytes or options of a packet reach beyond their block");
    if (flags != 1 && flags != 2) return bad(fmt::format("a packet that went neither in nor out (flags {:#x})", flags));
    chunk.link = *link;
    chunk.utc_ns = static_cast<std::int64_t>(std::uint64_t{*high} << 32U | *low);
    chunk.direction = static_cast<TraceDirection>(flags);
    chunk.bytes = bytes->substr(0, *kept);
    told_.on_chunk(chunk);
    return {};
  }

  const ByteSource& source_;
  const TraceReader& told_;
  std::string block_;
  std::uint32_t type_ = 0, links_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace

Result<void> read_trace(const ByteSource& source, const TraceReader& reader) {
  return PacketReader(source, reader).all();
}

}  // namespace penrig
