#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocols/ble/chunk.hpp"
#include "protocols/ble/gatt.hpp"
#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::ble {

enum class ChunkRole { host, pen };

struct ChunkConfig {
  std::size_t largest_out = kChunkMin;  ///< what the medium carries from here, bytes
  std::size_t largest_in = kChunkMax;   ///< what this end takes, bytes
  unsigned window = 32;                 ///< data chunks that may wait here until they are read; 1 to kWindowMax
};

struct ChunkCounters {
  std::uint64_t chunks_in = 0, chunks_out = 0, duplicates = 0, out_of_order = 0, of_other_streams = 0;
};

/// The rules by which chunks carry a stream of bytes each way (protocols/GATT.md, "The stream"), without I/O: chunks,
/// bytes and the time go in; chunks to send, bytes in order and the next deadline come out. Nothing is ever sent twice:
/// a chunk that is missing is a lost link, with the cause in words. What was received in order can still be read then.
/// Whoever drives it calls time_passed() at next_deadline(), and after every call sends what take_chunk() gives.
class ChunkCore {
 public:
  /// @param name  of the link, for errors.
  ChunkCore(ChunkConfig config, ChunkRole role, std::string name);

  /// Host: asks for a stream. Its answer makes is_open() true, or it is lost within kOpenWithin.
  /// @param nonce  another one for every stream.
  void open(TimePoint now, std::uint32_t nonce);

  void chunk_arrived(TimePoint now, std::span<const std::byte> bytes);
  void time_passed(TimePoint now);
  /// What carries the chunks has ended. The loss names the link, then this.
  void ended(const Error& why);
  /// Ends the stream; unsent bytes are dropped, and a CLOSE is there to be taken.
  void close(CloseReason reason = CloseReason::done);

  void write(std::span<const std::byte> bytes) { unsent_.insert(unsent_.end(), bytes.begin(), bytes.end()); }
  std::size_t unsent() const { return unsent_.size(); }  ///< bytes that are in no chunk yet
  std::size_t unacknowledged() const { return in_flight_.size(); }

  bool readable() const { return !received_.empty(); }
  std::size_t read(std::span<std::byte> into);

  bool has_chunk() const;
  std::optional<std::vector<std::byte>> take_chunk(TimePoint now);
  TimePoint next_deadline() const;

  bool is_open() const { return state_ == State::open; }
  /// Errc::link_lost, or ::protocol for another version; why.
  const std::optional<Error>& lost() const { return lost_; }
  const ChunkCounters& counters() const { return counters_; }

 private:
  enum class State { idle, opening, open, over };

  void begin(TimePoint now, const StreamOffer& theirs);
  void offered(TimePoint now, const Chunk& chunk);
  void acknowledged(const Chunk& chunk);
  void take_data(TimePoint now, Chunk chunk);
  void announced(TimePoint now, std::uint8_t next);
  void peer_closed();
  void lose(Error why, std::optional<CloseReason> tell);
  void queue(ChunkKind kind, std::vector<std::byte> payload);
  void answer_not_open(const Chunk& chunk);
  bool has_gap() const { return expected_ != announced_; }
  bool may_send_data() const;
  unsigned window() const { return config_.window - static_cast<unsigned>(received_.size()); }
  std::uint8_t edge() const { return static_cast<std::uint8_t>(expected_ + window()); }
  StreamOffer own_offer() const;
  const char* peer() const { return role_ == ChunkRole::host ? "the pen" : "the host"; }
  Error gone(const std::string& text) const { return fail(Errc::link_lost, name_ + ": " + text); }

  ChunkConfig config_;
  ChunkRole role_;
  std::string name_;
  State state_ = State::idle;
  std::optional<Error> lost_;
  std::uint32_t nonce_ = 0;
  std::uint8_t stream_ = 0;
  TimePoint open_again_, open_until_, last_heard_, last_sent_;
  bool heard_in_stream_ = false;  ///< something of it other than OPEN

  struct Control {
    ChunkKind kind;
    std::uint8_t stream;
    std::vector<std::byte> payload;
  };
  std::deque<Control> controls_;
  bool status_due_ = false;

  std::deque<std::byte> unsent_;
  std::deque<TimePoint> in_flight_;  ///< when each chunk left that is not acknowledged, oldest first
  std::uint8_t next_out_ = 0;
  std::uint8_t peer_edge_ = 0;  ///< the number that must not be sent yet

  std::deque<std::vector<std::byte>> received_;  ///< in order, not read yet
  std::size_t front_read_ = 0;
  std::map<std::uint8_t, std::vector<std::byte>> held_;  ///< came early; by number
  std::uint8_t expected_ = 0;
  std::uint8_t announced_ = 0;  ///< behind the highest number that is known to have been sent
  std::uint8_t told_edge_ = 0;
  std::optional<TimePoint> acknowledge_at_, gap_since_;
  std::optional<CloseReason> peer_closed_;
  ChunkCounters counters_;
};

}  // namespace penrig::ble
