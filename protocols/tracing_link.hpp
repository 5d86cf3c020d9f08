#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "protocols/byte_link.hpp"

namespace penrig {

/// Which way bytes went, as the host sees it.
enum class LinkDirection { in, out };

/// Is told of all that passes one link. On the timeline's thread; must not block for long.
class LinkTap {
 public:
  virtual ~LinkTap() = default;
  /// in: bytes that a read gave, at the time when it came back. out: bytes that the link was handed, at the time when
  /// it was: a reply never seems to come before its request. Whether a device got them is for its answer to say.
  virtual void passed(TimePoint at, LinkDirection direction, std::span<const std::byte> bytes) = 0;
  /// A read or a write that failed, with its message.
  virtual void failed(TimePoint at, LinkDirection direction, const std::string& why) = 0;
};

/// The same link, byte for byte and at the same times, with somebody who looks on.
std::unique_ptr<ByteLink> make_tracing_link(Timeline& timeline, std::unique_ptr<ByteLink> inner,
                                            std::unique_ptr<LinkTap> tap);

}  // namespace penrig
