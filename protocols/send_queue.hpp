#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace penrig {

/// Frames that wait for the link, in order. Taken in pieces of whole frames, so that what is stale can still be
/// dropped.
class SendQueue {
 public:
  void push(std::vector<std::byte> frame) {
    bytes_ += frame.size();
    frames_.push_back(std::move(frame));
  }
  void clear() {
    frames_.clear();
    bytes_ = 0;
  }
  bool empty() const { return frames_.empty(); }
  std::size_t bytes() const { return bytes_; }

  /// The next frames, up to about kPieceBytes together (at least one); empty if none waits.
  std::vector<std::byte> take() {
    std::vector<std::byte> piece;
    while (!frames_.empty() && (piece.empty() || piece.size() + frames_.front().size() <= kPieceBytes)) {
      piece.insert(piece.end(), frames_.front().begin(), frames_.front().end());
      frames_.pop_front();
      ++frames_taken_;
    }
    bytes_ -= piece.size();
    bytes_taken_ += piece.size();
    return piece;
  }
  std::uint64_t frames_taken() const { return frames_taken_; }
  std::uint64_t bytes_taken() const { return bytes_taken_; }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{16} * 1024;
  std::deque<std::vector<std::byte>> frames_;
  std::size_t bytes_ = 0;
  std::uint64_t frames_taken_ = 0, bytes_taken_ = 0;
};

}  // namespace penrig
