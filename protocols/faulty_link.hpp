#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig {

/// What happens to the bytes that pass one way, just now. All off by default.
struct WayFaults {
  double drop_per_byte = 0, corrupt_per_byte = 0;         ///< probabilities
  double duplicate_per_piece = 0, reorder_per_piece = 0;  ///< a piece: what was written, or came off, at once
  Nanoseconds delay{0};
  std::size_t piece_bytes = 0;  ///< pieces are cut to this; 0 = left as they are
  bool stalled = false;         ///< nothing passes; all of it does when this ends
  bool operator==(const WayFaults&) const = default;
};

/// A link whose faults change while it is used, each way by itself. The same seed, bytes and instants break the same
/// bytes. Its user holds an end of it, and can be given another: a device that starts anew finds the same cable.
class FaultyChannel {
 public:
  FaultyChannel(Timeline& timeline, std::unique_ptr<ByteLink> inner, std::uint64_t seed);
  /// Closes the link.
  ~FaultyChannel();
  FaultyChannel(const FaultyChannel&) = delete;
  FaultyChannel& operator=(const FaultyChannel&) = delete;

  /// The link's end. Closing it closes the link, unless it was cut off or there is a newer one.
  std::unique_ptr<ByteLink> end();
  /// The end that is there reads and writes nothing any more; what comes meanwhile is lost. The link stays open.
  void cut_off();

  /// From now on. out: what the end writes; in: what it reads.
  void set(const WayFaults& out, const WayFaults& in);
  /// Sends bytes beside those of the end, so much later; what is sent meanwhile overtakes them.
  void send(std::vector<std::byte> bytes, Nanoseconds later);
  /// Called once, when the first byte has come in.
  void on_first_byte(std::function<void()> handler);
  void close();
  /// Whether the link has ended, from either side.
  bool closed() const;
  /// False when nothing refers to the inner link any more: the timeline may end.
  bool running() const;

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace penrig
