#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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

/// The device's rules of a session (protocols/WIRE.md, "Sessions"), without I/O. Driven like HostCore.
class DeviceCore {
 public:
  /// A request to execute once. session tells replies to an older session from those to this one.
  struct Execute {
    std::uint64_t session;
    wire::Envelope request;
  };
  struct DeadMan {};   ///< make yourself safe: the host is silent, said goodbye, or the link ended
  struct HostBack {};  ///< a new session began, or the host was heard again
  using Happening = std::variant<Execute, DeadMan, HostBack>;

  /// @param ticks  the device's clock.
  /// @param fill   adds to every heartbeat reply.
  DeviceCore(DeviceSession::Config config, std::function<std::uint64_t()> ticks,
             std::function<void(wire::Envelope&)> fill);

  void bytes_arrived(TimePoint now, std::span<const std::byte> bytes);
  void time_passed(TimePoint now);
  void link_ended();

  /// The reply to an Execute. Kept for retries; dropped if its session is over.
  void reply(std::uint64_t session, std::uint32_t request_id, wire::Envelope envelope);
  /// Something nobody asked for. Dropped without a session and beyond kMaxQueuedBytes.
  void send(const wire::Envelope& envelope);
  void say_goodbye(const std::string& text);

  bool has_output() const { return !output_.empty(); }
  std::vector<std::byte> take_output(TimePoint) {
    return output_.take([](std::uint32_t) {});
  }
  /// Output that the link has taken: its memory, for the next.
  void use_again(std::vector<std::byte> output) { output_.use_again(std::move(output)); }
  std::optional<Happening> take_happening();
  TimePoint next_deadline() const;
  std::size_t queued_bytes() const { return output_.bytes(); }
  std::uint64_t bad_frames() const { return decoder_.bad_frames() + unreadable_; }

  static constexpr std::size_t kRepliesKept = 64;
  static constexpr std::size_t kMaxInProgress = 16;
  static constexpr std::size_t kMaxQueuedBytes = std::size_t{1024} * 1024;

 private:
  void received(TimePoint now, std::span<const std::byte> payload);
  void hello(const wire::Envelope& envelope);
  void execute(wire::Envelope envelope);
  void refuse(std::uint32_t request_id, wire::Refusal::Reason reason, const std::string& text);
  void push(const wire::Envelope& envelope);
  void trip();

  DeviceSession::Config config_;
  std::function<std::uint64_t()> ticks_;
  std::function<void(wire::Envelope&)> fill_;
  FrameDecoder decoder_;
  SendQueue output_;
  wire::Envelope heartbeat_reply_;  // of which there are ten a second
  std::deque<Happening> happenings_;
  std::map<std::uint32_t, std::optional<std::vector<std::byte>>> replies_;  // by request id; none: in progress
  std::uint32_t forgotten_up_to_ = 0;
  std::uint32_t made_safe_by_ = 0;  // the latest id of a safe-state command; motion asked for before it is refused
  std::size_t in_progress_ = 0;
  std::uint64_t session_ = 0;  // counts hellos with a new nonce
  std::uint64_t nonce_ = 0;
  bool in_session_ = false;
  bool tripped_ = false;
  TimePoint last_heard_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace penrig
