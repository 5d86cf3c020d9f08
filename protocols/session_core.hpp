#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <penrig.pb.h>

#include "protocols/frame.hpp"
#include "protocols/send_queue.hpp"
#include "protocols/session.hpp"

namespace penrig {

/// The host's rules of a session (protocols/WIRE.md, "Sessions"), without I/O: bytes and the time go in; bytes to send,
/// things that happened and the next deadline come out. Whoever drives it calls time_passed() at next_deadline(), and
/// after every call takes the output and what happened.
class HostCore {
 public:
  using RequestId = std::uint32_t;
  /// A request is over: its reply, or why there is none.
  struct Completed {
    RequestId id;
    Result<Answer> answer;
  };
  /// A message that nobody asked for.
  struct Unsolicited {
    wire::Envelope envelope;
  };
  /// The link is lost; it is said once.
  struct Lost {
    Error reason;
  };
  using Happening = std::variant<Completed, Unsolicited, Lost>;

  HostCore(SessionConfig config, std::string link_name);

  /// The first request of a session. Its answer is the hello reply, checked: version, nonce, kind of device.
  RequestId hello(TimePoint now, TimePoint deadline);
  /// Any other request; needs a session. Always ends in exactly one Completed.
  RequestId request(TimePoint now, wire::Envelope envelope, TimePoint deadline, Urgency urgency = Urgency::ordinary);

  void bytes_arrived(TimePoint now, std::span<const std::byte> bytes);
  void time_passed(TimePoint now);
  /// The stream ended under the session.
  void link_ended(const Error& why);

  void go_silent();
  void speak_again(TimePoint now);

  /// Ends the session in order: what waits completes with link_lost, a goodbye is queued, nothing counts as lost.
  void say_goodbye(const std::string& text);

  /// Somebody waits for a reply.
  bool owes_a_reply() const { return !pending_.empty(); }
  bool has_output() const { return !output_.empty(); }
  /// What the link begins to write now.
  std::vector<std::byte> take_output(TimePoint now);
  /// Output that the link has taken: its memory, for the next.
  void use_again(std::vector<std::byte> output) { output_.use_again(std::move(output)); }
  /// A message that nobody needs any more: its memory, for the next of its kind.
  void use_again(Unsolicited message);
  std::optional<Happening> take_happening();
  TimePoint next_deadline() const;

  const std::optional<Error>& lost() const { return lost_; }
  TimePoint last_heard() const { return last_heard_; }
  SessionCounters counters() const;

 private:
  struct Pending {
    wire::Envelope envelope;
    TimePoint asked, deadline, retry_at;
    Nanoseconds retry_after;
    std::uint32_t urgent_retries;
    std::uint32_t tries = 0;  // transmissions that the link has taken
    TimePoint first_sent{}, last_sent{};
    std::vector<std::uint64_t> clocks_sent{};  // host_sent_ns of each transmission of a clock request
  };

  RequestId begin(TimePoint now, wire::Envelope envelope, TimePoint deadline, Urgency urgency);
  void transmit(TimePoint now, Pending& pending);
  void left(TimePoint now, RequestId id);
  void give_up_motion(const std::string& why);
  void received(TimePoint now, std::span<const std::byte> payload);
  void reply_received(TimePoint now, wire::Envelope envelope);
  void complete(std::map<RequestId, Pending>::iterator which, Result<Answer> answer);
  void lose(Error reason);
  void fail_all_pending(const Error& reason);
  void beat(TimePoint now);
  bool counts_silence() const { return established_ && !silent_ && !lost_; }
  TimePoint silence_deadline() const;
  std::string about(const std::string& text) const { return link_name_ + ": " + text; }

  SessionConfig config_;
  std::string link_name_;
  FrameDecoder decoder_;
  SendQueue output_;
  std::unique_ptr<wire::SampleBlock> spare_block_;  // of a message that was handed on and came back
  std::deque<Happening> happenings_;
  std::map<RequestId, Pending> pending_;
  RequestId next_id_ = 1;
  std::uint32_t beats_ = 0;
  bool beat_unsent_ = false;
  bool established_ = false;
  bool silent_ = false;
  std::optional<Error> lost_;
  TimePoint last_heard_, heard_floor_, next_beat_;
  SessionCounters counters_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace penrig
