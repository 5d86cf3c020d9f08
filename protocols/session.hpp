#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "protocols/byte_link.hpp"

namespace penrig {

namespace wire {
class Envelope;
}

/// The protocol that this program speaks. A peer with another one is refused.
inline constexpr std::uint32_t kProtocolVersion = 2;

/// The longest silence of the host that a device may bear before it makes itself safe.
inline constexpr std::uint32_t kLongestDeadManMs = 300;
/// The shortest that a host can keep up with: one that hears a heartbeat late, or misses one, is not to stop.
inline constexpr std::uint32_t kShortestDeadManMs = 201;

struct SessionConfig {
  std::string host_name = "penrig";
  Nanoseconds heartbeat_every = std::chrono::milliseconds{100};
  Nanoseconds peer_silent_after = std::chrono::milliseconds{300};  ///< then the link counts as lost
  Nanoseconds retry_after = std::chrono::milliseconds{150};        ///< first retry of an unanswered request; same id
  Nanoseconds urgent_retry_after = std::chrono::milliseconds{20};  ///< the first two of an urgent one
  std::uint64_t session_nonce = 1;
};

struct SessionCounters {
  std::uint64_t frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0, bad_frames = 0, retries = 0,
                late_replies = 0;
};

/// How soon an unanswered request is sent again. Urgent is for the safe state: a lost frame must not cost 150 ms there.
/// A slow link then carries some of them twice, which says nothing; so what is timed is ordinary.
enum class Urgency { ordinary, urgent };

/// What the peer said of itself in its hello.
struct PeerHello {
  bool is_pen = false, is_daq = false, simulated = false;
  double tick_hz = 0;
  std::uint32_t dead_man_ms = 0;
};

/// One clock exchange: the four timestamps.
struct ClockSample {
  TimePoint host_sent;
  std::uint64_t device_received_tick = 0, device_sent_tick = 0;
  TimePoint host_received;
};

/// A reply, when its request left (the link began to take a transmission of it) and when the reply arrived.
struct Answer {
  std::unique_ptr<wire::Envelope> envelope;
  TimePoint sent;       ///< the first transmission
  TimePoint last_sent;  ///< the last one before the reply
  TimePoint received;
  std::uint32_t tries = 0;  ///< transmissions; which one of several was executed cannot be told
};

/// The host's end of a session, over any link. Its rules are in a state machine without I/O
/// (protocols/session_core.hpp); this drives that machine with a link and a timeline. A link that was lost stays lost:
/// connecting again takes a new link and a new session. The link must outlive the session.
class HostSession {
 public:
  HostSession(Timeline& timeline, ByteLink& link, SessionConfig config);
  ~HostSession();
  HostSession(const HostSession&) = delete;
  HostSession& operator=(const HostSession&) = delete;

  /// Hello, version check; starts reader and heartbeats. Errc::timeout, ::protocol (other version, no device kind),
  /// ::link_lost.
  Awaitable<Result<PeerHello>> open(TimePoint deadline);

  /// Sends a request (its request_id is set here) and waits for the reply; retries with the same id until the deadline.
  /// A Refusal comes back as Errc::refused with its text. ::link_lost and ::timeout as named.
  /// A safe-state command (pen stop, stage withdraw) ends every request for motion that still waits with ::aborted: it
  /// is not sent any more, since the device would execute it after the safe state.
  Awaitable<Result<Answer>> request(wire::Envelope request, TimePoint deadline, Urgency urgency = Urgency::ordinary);

  /// ::protocol if the device echoes a time at which no transmission of this request was sent.
  Awaitable<Result<ClockSample>> exchange_clock(TimePoint deadline);

  /// Called for every envelope that is no reply (status, samples), in order of arrival, and for heartbeat replies.
  void on_unsolicited(std::function<void(const wire::Envelope&)> handler);
  /// Called once when the link is lost, with the reason.
  void on_lost(std::function<void(const Error&)> handler);

  /// From now on the device streams, or does so no longer. While it does and nobody waits for a reply, the link may be
  /// read in rounds (ByteLink::allow_rounds): what nobody asked for comes up to 8 ms later.
  void expect_stream(bool comes);

  void go_silent();  ///< no byte leaves any more, heartbeats included; the peer's silence is not counted meanwhile
  void speak_again();

  /// ok, or why the link counts as lost.
  Result<void> state() const;
  TimePoint last_heard() const;
  const SessionCounters& counters() const;

  /// Says goodbye (bounded to 50 ms) and closes the link. Wait for it before destroying the session.
  Awaitable<void> close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The device's end: for simulated pens and DAQs, and the pattern for real firmware. The link must outlive the session.
class DeviceSession {
 public:
  struct Config {
    bool is_pen = false, is_daq = false, simulated = true;
    double tick_hz = 1e6;
    std::uint32_t dead_man_ms = 300;
  };
  /// Handles one request and returns its reply (request_id is set by the session). Long work may wait: a retry that
  /// arrives meanwhile is swallowed, one that arrives afterwards gets the same reply again without a second execution.
  using Handler = std::function<Awaitable<wire::Envelope>(const wire::Envelope& request)>;

  DeviceSession(Timeline& timeline, ByteLink& link, Config config, Handler handler);
  ~DeviceSession();
  DeviceSession(const DeviceSession&) = delete;
  DeviceSession& operator=(const DeviceSession&) = delete;

  /// Serves one session after the other until the link ends (its reason is returned). Then the dead-man's handler has
  /// been called and all request handlers have ended; they must end by themselves once the device makes itself safe.
  Awaitable<Error> serve();

  /// Sends an envelope that nobody asked for. Queued; link loss is noticed in serve(). Dropped while no session is
  /// open, and beyond 1 MiB that the link has not taken.
  void send(const wire::Envelope& envelope);

  /// Make yourself safe: the host fell silent beyond dead_man_ms, said goodbye, or the link ended. Once until it is
  /// back.
  void on_dead_man(std::function<void()> handler);
  void on_host_back(std::function<void()> handler);  ///< heard again after dead-man, or a new session began
  void set_heartbeat_payload(std::function<void(wire::Envelope&)> fill);  ///< adds e.g. a status to heartbeat replies
  void set_clock(std::function<std::uint64_t()> ticks);  ///< the device's clock; default: the timeline at tick_hz
  std::size_t queued_bytes() const;                      ///< not yet taken by the link
  /// Says goodbye (bounded to 50 ms, and 20 ms for the other side to read it) and closes the link; serve() ends.
  Awaitable<void> close(std::string goodbye);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig
