#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/base/timeline.hpp"

namespace penrig::station {

/// One browser that listens. What it has not taken yet is bounded: of each slot's waveforms the newest stay, and one
/// that is too far behind with what happened is told to begin anew.
class LiveClient {
 public:
  explicit LiveClient(Timeline& timeline) : arrived_(timeline) {}

  /// The next text to send; none: nothing is there. What happened goes before waveforms.
  std::optional<std::string> next();
  Event& arrived() { return arrived_; }
  std::uint64_t lost_frames() const { return lost_frames_; }
  bool closed() const { return closed_; }
  /// Its session is over, or the station ends.
  void close();

  static constexpr std::size_t kEventsAtMost = 256, kFramesPerSlot = 2;

 private:
  friend class LiveHub;
  void happened(const std::string& text);
  void frame(const std::string& slot, std::string text);

  std::deque<std::string> events_;
  std::map<std::string, std::deque<std::string>> frames_;
  std::string last_slot_;  ///< whose waveform was taken last: the slots take turns
  bool behind_ = false, closed_ = false;
  std::uint64_t lost_frames_ = 0;
  Event arrived_;
};

/// What happens at the rig, for all who listen: each event has a number, and the last of them are kept, so that who was
/// away goes on where it was. Nothing here waits for anybody.
class LiveHub {
 public:
  explicit LiveHub(Timeline& timeline) : timeline_(timeline) {}

  /// An event is a JSON object; its "seq" is put in front.
  /// @param json  "{...}", not empty.
  void happened(const std::string& json);
  void frame(const std::string& slot, const std::string& json);

  /// Begins to listen. With the number of the last event that it knows, it is given what came since; where that is not
  /// kept any more, or none is given, it begins with `whole`, the state of everything now.
  std::shared_ptr<LiveClient> listen(std::optional<std::uint64_t> since, const std::string& whole);
  std::uint64_t sequence() const { return sequence_; }
  std::size_t listeners();
  void close_all();

  static constexpr std::size_t kKept = 512;

 private:
  std::string numbered(const std::string& json) const;
  void drop_gone();

  Timeline& timeline_;
  std::uint64_t sequence_ = 0;
  std::deque<std::string> kept_;  ///< the last, up to sequence_
  std::vector<std::weak_ptr<LiveClient>> clients_;
};

}  // namespace penrig::station
