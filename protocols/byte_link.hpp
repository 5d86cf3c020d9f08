#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig {

/// What a medium tells of the device at its other end beside the stream, read when the link was opened: over BLE its
/// Device Information and Battery (protocols/GATT.md). What was not told is empty.
struct LinkFacts {
  std::string model, serial_number, firmware, hardware;
  std::optional<double> battery_percent;
  std::optional<double> rssi_dbm;  ///< of the advertisement that it was found by
};

/// A stream of bytes to one device: a tty, a pair in memory, a GATT service. The cut between real and simulated.
/// One reader and one writer at a time. Neither copied nor moved.
class ByteLink {
 public:
  ByteLink() = default;
  virtual ~ByteLink() = default;
  ByteLink(const ByteLink&) = delete;
  ByteLink& operator=(const ByteLink&) = delete;

  /// Waits for bytes; at least 1. Errc::link_lost when the stream has ended or close() was called.
  virtual Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) = 0;
  /// Writes all or fails with link_lost.
  virtual Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) = 0;
  /// Whether it never holds up who writes, but takes what it is given within write_at_once().
  virtual bool takes_at_once() const { return false; }
  /// What write_all() does, of a link that takes at once.
  virtual Result<void> write_at_once(std::span<const std::byte>) {
    return fail(Errc::internal, name() + ": this link does not take at once");
  }
  /// While this is allowed, a read may give what came up to kRoundOfMany (protocols/stream_pace.hpp) later, together
  /// with what came meanwhile, so that the links of one program that stream are read at one waking. Whoever waits for a
  /// reply does not allow it. A link that has nothing to gain by it gives what comes as it comes.
  virtual void allow_rounds(bool) {}
  /// Ends both directions; what waits ends with link_lost. Idempotent.
  virtual void close() noexcept = 0;
  /// After close(): waits until what carries the stream has let go of it, within a bound of its own. A program may end
  /// before that, and the link be destroyed; who carries it may take that amiss.
  virtual Awaitable<void> let_go() { co_return; }

  /// The URI, or what a person would call it.
  virtual const std::string& name() const = 0;
  /// What the medium carries, bits of payload a second; none where there is no limit (pty, memory).
  virtual std::optional<double> payload_bits_per_s() const = 0;
  virtual LinkFacts facts() const { return {}; }
};

}  // namespace penrig
