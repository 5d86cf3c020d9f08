#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace penrig {

/// Frames that wait for the link, in order. Taken in pieces of whole frames, so that what is stale can still be
/// dropped.
class SendQueue {
 public:
  /// @param request  the id of the request that this is a transmission of; 0: of none.
  void push(std::vector<std::byte> frame, std::uint32_t request = 0) {
    bytes_ += frame.size();
    frames_.push_back({std::move(frame), request});
  }
  void clear() {
    frames_.clear();
    bytes_ = 0;
  }
  /// Takes back what was not taken yet of a request.
  void drop(std::uint32_t request) {
    std::erase_if(frames_, [&](const Frame& frame) {
      if (frame.request != request) return false;
      bytes_ -= frame.bytes.size();
      return true;
    });
  }
  bool empty() const { return frames_.empty(); }
  std::size_t bytes() const { return bytes_; }

  /// The next frames, up to about kPieceBytes together (at least one); empty if none waits. Calls taken(request) for
  /// each.
  template <class Taken>
  std::vector<std::byte> take(Taken&& taken) {
    std::vector<std::byte> piece;
    while (!frames_.empty() && (piece.empty() || piece.size() + frames_.front().bytes.size() <= kPieceBytes)) {
      Frame& next = frames_.front();
      if (piece.empty()) {
        piece = std::move(next.bytes);  // mostly it is the only one
      } else {
        piece.insert(piece.end(), next.bytes.begin(), next.bytes.end());
      }
      taken(next.request);
      frames_.pop_front();
      ++frames_taken_;
    }
    bytes_ -= piece.size();
    bytes_taken_ += piece.size();
    return piece;
  }

  /// What was taken and has left: the next frame is made in its memory.
  void use_again(std::vector<std::byte> piece) { spare_ = std::move(piece); }
  std::vector<std::byte> spare() { return std::exchange(spare_, {}); }

  std::uint64_t frames_taken() const { return frames_taken_; }
  std::uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{16} * 1024;
  struct Frame {
    std::vector<std::byte> bytes;
    std::uint32_t request;
  };
  std::deque<Frame> frames_;
  std::vector<std::byte> spare_;
  std::size_t bytes_ = 0;
  std::uint64_t frames_taken_ = 0, bytes_taken_ = 0;
};

}  // namespace penrig
