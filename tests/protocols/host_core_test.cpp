#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/message_name.hpp"
#include "protocols/session_core.hpp"
#include "tests/protocols/session_bench.hpp"

/// The host's rules by hand: bytes and times of our own go in.

namespace penrig {
namespace {

TEST(HostCore, SaysSoWhenThePeerSpeaksAnotherVersion) {
  HostCore core({}, "serial:/dev/ttyX");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  wire::Envelope refusal;
  refusal.set_request_id(1);
  refusal.mutable_refusal()->set_reason(wire::Refusal::VERSION);
  refusal.mutable_refusal()->set_text("this device speaks protocol version 1, not 2");
  core.bytes_arrived(TimePoint{}, encode_frame(refusal).value());
  const auto happening = core.take_happening();
  ASSERT_TRUE(happening.has_value());
  const auto& completed = std::get<HostCore::Completed>(*happening);
  ASSERT_TRUE(completed.answer.has_error());
  EXPECT_EQ(completed.answer.error().code, Errc::protocol);
  EXPECT_EQ(
      completed.answer.error().message,
      "serial:/dev/ttyX: the peer does not speak protocol version 2: this device speaks protocol version 1, not 2");
}

wire::Envelope hello_reply(std::uint64_t nonce) {
  wire::Envelope reply;
  reply.set_request_id(1);
  reply.mutable_hello_reply()->set_protocol_version(kProtocolVersion);
  reply.mutable_hello_reply()->set_device_kind(wire::HelloReply::PEN);
  reply.mutable_hello_reply()->set_session_nonce(nonce);
  return reply;
}

TEST(HostCore, IgnoresWhatAnOlderSessionLeftInTheLine) {
  HostCore core({.session_nonce = 77}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  wire::Envelope status, goodbye;
  status.mutable_daq_status();
  goodbye.mutable_goodbye();
  core.bytes_arrived(TimePoint{}, encode_frame(status).value());
  core.bytes_arrived(TimePoint{}, encode_frame(goodbye).value());
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(76)).value());
  EXPECT_FALSE(core.take_happening().has_value());
  EXPECT_EQ(core.counters().late_replies, 1U);
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(77)).value());
  EXPECT_TRUE(core.take_happening().has_value());
}

TEST(HostCore, ReadsFirstWhenItWasItselfHeldUp) {
  HostCore core({}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(1)).value());
  (void)core.take_happening();
  // The machine was away for a second: the silence deadline is found late, before the waiting bytes are read.
  const TimePoint late{milliseconds{1000}};
  core.time_passed(late);
  EXPECT_FALSE(core.lost().has_value());
  const TimePoint then = core.next_deadline();
  EXPECT_LE(then, late + milliseconds{20});
  core.time_passed(late + milliseconds{20});
  ASSERT_TRUE(core.lost().has_value()) << "nothing had been waiting";
  EXPECT_EQ(core.lost()->message, "x: nothing heard from the peer for 1020 ms");
}

TEST(HostCore, LetsNoByteLeaveInSilence) {
  HostCore core({}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(1)).value());
  core.request(TimePoint{}, pen_status_request(), TimePoint{milliseconds{5000}});
  core.go_silent();
  EXPECT_FALSE(core.has_output()) << "what waited for the link is dropped";
  core.request(TimePoint{}, pen_start_request(), TimePoint{milliseconds{5000}});
  core.time_passed(TimePoint{milliseconds{1000}});
  EXPECT_FALSE(core.has_output());
  EXPECT_FALSE(core.lost().has_value());
  core.speak_again(TimePoint{milliseconds{1000}});
  (void)core.take_output(TimePoint{milliseconds{1000}});
  EXPECT_EQ(core.counters().frames_out, 3U) << "both requests and a heartbeat";
}

TEST(HostCore, BeatsEvery100MillisecondsAndNotTwiceInOneWrite) {
  HostCore core({}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  (void)core.take_output(TimePoint{});
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(1)).value());
  (void)core.take_output(TimePoint{});
  const auto frames = core.counters().frames_out;
  wire::Envelope reply;
  reply.mutable_heartbeat_reply();
  for (int ms = 1; ms <= 1000; ++ms) {
    const TimePoint now{milliseconds{ms}};
    core.bytes_arrived(now, encode_frame(reply).value());
    core.time_passed(now);
    (void)core.take_output(now);
  }
  EXPECT_EQ(core.counters().frames_out - frames, 10U);
  for (int ms = 1001; ms <= 2000; ++ms) {
    const TimePoint now{milliseconds{ms}};
    core.bytes_arrived(now, encode_frame(reply).value());
    core.time_passed(now);  // the link takes nothing
  }
  while (core.has_output()) (void)core.take_output(TimePoint{milliseconds{2000}});
  EXPECT_EQ(core.counters().frames_out - frames, 11U);
}

/// When a session that began then beats in the second after it, ms.
std::vector<int> beats_of_session_begun_at(int begun_ms) {
  HostCore core({}, "x");
  core.hello(TimePoint{milliseconds{begun_ms}}, TimePoint{milliseconds{begun_ms + 500}});
  core.bytes_arrived(TimePoint{milliseconds{begun_ms}}, encode_frame(hello_reply(1)).value());
  wire::Envelope reply;
  reply.mutable_heartbeat_reply();
  std::vector<int> beats;
  for (int ms = begun_ms; ms <= begun_ms + 1000; ++ms) {
    const TimePoint now{milliseconds{ms}};
    core.bytes_arrived(now, encode_frame(reply).value());
    const auto before = core.counters().frames_out;
    core.time_passed(now);
    while (core.has_output()) (void)core.take_output(now);
    if (ms > begun_ms && core.counters().frames_out > before) beats.push_back(ms);
  }
  return beats;
}

TEST(HostCore, BeatsAtPointsOfTheClockThatAllSessionsShareAndNeverLater) {
  for (const int begun_ms : {1000, 1001, 1037, 1050, 1072, 1099}) {
    const std::vector<int> beats = beats_of_session_begun_at(begun_ms);
    ASSERT_GE(beats.size(), 9U);
    int before = begun_ms;
    for (const int beat : beats) {
      EXPECT_LE(beat - before, 100) << "of a session begun at " << begun_ms;
      EXPECT_GE(beat - before, 50) << "of a session begun at " << begun_ms;
      before = beat;
    }
    for (std::size_t i = 2; i < beats.size(); ++i) EXPECT_EQ(beats[i] % 100, 0) << "begun at " << begun_ms;
  }
}

/// A host in an open session, with a link that takes frames when it is told to, and times in ms.
class OpenHost {
 public:
  OpenHost() : core({}, "x") {
    core.hello(at(0), at(500));
    (void)sends(0);
    hears(0, hello_reply(1));
    (void)core.take_happening();
    (void)sends(0);
  }
  static TimePoint at(int ms) { return TimePoint{milliseconds{ms}}; }
  HostCore::RequestId asks(int ms, wire::Envelope envelope, Urgency urgency = Urgency::ordinary) {
    return core.request(at(ms), std::move(envelope), at(5000), urgency);
  }
  /// Ids of the requests that the link takes at this time, as far as they are due.
  std::vector<std::uint32_t> sends(int ms) {
    core.time_passed(at(ms));
    return takes(ms);
  }
  std::vector<std::uint32_t> takes(int ms) {
    std::vector<std::uint32_t> ids;
    while (core.has_output()) {
      decoder.feed(core.take_output(at(ms)), [&](std::span<const std::byte> payload) {
        wire::Envelope envelope;
        EXPECT_TRUE(envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
        if (envelope.request_id() == 0) return;
        ids.push_back(envelope.request_id());
        last_request = std::move(envelope);
      });
    }
    return ids;
  }
  void hears(int ms, const wire::Envelope& envelope) { core.bytes_arrived(at(ms), encode_frame(envelope).value()); }
  void hears_done(int ms, std::uint32_t id) {
    wire::Envelope reply;
    reply.set_request_id(id);
    reply.mutable_done();
    hears(ms, reply);
  }
  /// The device lives, and says nothing.
  void hears_a_beat(int ms) {
    wire::Envelope reply;
    reply.mutable_heartbeat_reply();
    hears(ms, reply);
  }
  std::optional<HostCore::Completed> completes() {
    while (auto happening = core.take_happening()) {
      if (auto* completed = std::get_if<HostCore::Completed>(&*happening)) return std::move(*completed);
    }
    return std::nullopt;
  }
  /// The times of all transmissions of a request within a second in which the device says nothing of it.
  std::vector<int> transmissions(std::uint32_t id) {
    std::vector<int> times;
    for (int ms = 0; ms <= 1000; ++ms) {
      hears_a_beat(ms);
      for (const auto sent : sends(ms)) {
        if (sent == id) times.push_back(ms);
      }
    }
    return times;
  }

  HostCore core;
  FrameDecoder decoder;
  wire::Envelope last_request;  ///< the last that left
};

TEST(HostCore, CountsARequestAsSentWhenTheLinkTookIt) {
  OpenHost host;
  const auto id = host.asks(10, pen_start_request());
  EXPECT_EQ(host.takes(35), std::vector{id});
  host.hears_done(40, id);
  const auto completed = host.completes();
  ASSERT_TRUE(completed && completed->answer);
  EXPECT_EQ(completed->answer->sent, OpenHost::at(35));
  EXPECT_EQ(completed->answer->last_sent, OpenHost::at(35));
  EXPECT_EQ(completed->answer->received, OpenHost::at(40));
  EXPECT_EQ(completed->answer->tries, 1U);
}

TEST(HostCore, CountsTheTransmissionsOfARequestAndKnowsTheLast) {
  OpenHost host;
  const auto id = host.asks(0, pen_start_request());
  EXPECT_EQ(host.takes(0), std::vector{id});
  EXPECT_EQ(host.sends(150), std::vector{id});
  host.hears_done(152, id);
  const auto completed = host.completes();
  ASSERT_TRUE(completed && completed->answer);
  EXPECT_EQ(completed->answer->sent, OpenHost::at(0));
  EXPECT_EQ(completed->answer->last_sent, OpenHost::at(150));
  EXPECT_EQ(completed->answer->tries, 2U);
}

TEST(HostCore, SendsNothingAgainThatTheLinkHasNotTakenYet) {
  OpenHost host;
  const auto id = host.asks(0, pen_start_request());
  host.core.time_passed(OpenHost::at(290));
  EXPECT_EQ(host.takes(290), std::vector{id});
}

TEST(HostCore, SendsAnOrdinaryRequestAgainAfter150MillisecondsAndThenLessOften) {
  OpenHost host;
  const auto id = host.asks(0, pen_start_request());
  EXPECT_EQ(host.transmissions(id), (std::vector{0, 150, 450}));
}

TEST(HostCore, SendsAnUrgentRequestAgainWithin50Milliseconds) {
  OpenHost host;
  const auto id = host.asks(0, pen_stop_request(), Urgency::urgent);
  EXPECT_EQ(host.transmissions(id), (std::vector{0, 20, 40, 190, 490}));
}

std::vector<wire::Envelope> requests_for_motion() {
  std::vector<wire::Envelope> all{pen_start_request(), pen_jog_request(180)};
  all.emplace_back().mutable_daq_request()->mutable_move_stage();
  all.emplace_back().mutable_daq_request()->mutable_touch_off();
  return all;
}

TEST(HostCore, GivesUpMotionThatStillWaitsWhenTheSafeStateIsCommanded) {
  wire::Envelope withdraw;
  withdraw.mutable_daq_request()->mutable_withdraw();
  for (const auto& safe_state : {pen_stop_request(), withdraw}) {
    for (const auto& motion : requests_for_motion()) {
      OpenHost host;
      const auto id = host.asks(0, motion);
      EXPECT_EQ(host.takes(0), std::vector{id});
      const auto other = host.asks(0, pen_status_request());
      (void)host.takes(0);
      const auto safe = host.asks(100, safe_state);
      const auto given_up = host.completes();
      ASSERT_TRUE(given_up.has_value());
      EXPECT_EQ(given_up->id, id);
      EXPECT_EQ(given_up->answer.error().code, Errc::aborted);
      EXPECT_EQ(given_up->answer.error().message, "x: " + std::string(message_name(motion)) + " was given up: " +
                                                      std::string(message_name(safe_state)) + " was commanded");
      EXPECT_FALSE(host.completes().has_value()) << "what does not move anything goes on";
      host.hears_done(105, safe);
      EXPECT_EQ(host.transmissions(id), std::vector<int>{}) << "it would be executed after the safe state";
      host.hears_done(1001, other);
    }
  }
}

TEST(HostCore, TakesBackMotionThatTheLinkHasNotTakenWhenTheSafeStateIsCommanded) {
  OpenHost host;
  host.asks(0, pen_jog_request(180));
  const auto stop = host.asks(1, pen_stop_request());
  EXPECT_EQ(host.takes(2), std::vector{stop});
}

TEST(HostCore, SendsMotionThatIsAskedForAfterTheSafeState) {
  OpenHost host;
  const auto stop = host.asks(0, pen_stop_request());
  const auto start = host.asks(1, pen_start_request());
  EXPECT_EQ(host.takes(1), (std::vector{stop, start}));
  EXPECT_FALSE(host.completes().has_value());
}

wire::Envelope clock_request() {
  wire::Envelope request;
  request.mutable_clock_request();
  return request;
}
wire::Envelope clock_reply(std::uint32_t id, std::uint64_t host_sent_ns) {
  wire::Envelope reply;
  reply.set_request_id(id);
  reply.mutable_clock_reply()->set_host_sent_ns(host_sent_ns);
  return reply;
}

TEST(HostCore, TakesAClockReplyToAnyTransmissionOfItsRequest) {
  for (const std::uint64_t echo : {10'000'000U, 160'000'000U}) {
    OpenHost host;
    const auto id = host.asks(10, clock_request());
    (void)host.takes(10);
    EXPECT_EQ(host.sends(160), std::vector{id});
    EXPECT_EQ(host.last_request.clock_request().host_sent_ns(), 160'000'000U);
    host.hears(162, clock_reply(id, echo));
    const auto completed = host.completes();
    ASSERT_TRUE(completed && completed->answer) << echo;
    EXPECT_EQ(completed->answer->envelope->clock_reply().host_sent_ns(), echo);
  }
}

TEST(HostCore, RefusesAClockReplyToATransmissionThatNeverWas) {
  OpenHost host;
  const auto id = host.asks(10, clock_request());
  (void)host.takes(10);
  host.hears(12, clock_reply(id, 9'999'999));
  const auto completed = host.completes();
  ASSERT_TRUE(completed && completed->answer.has_error());
  EXPECT_EQ(completed->answer.error().code, Errc::protocol);
  EXPECT_EQ(completed->answer.error().message,
            "x: clock_request was answered for host_sent_ns 9999999, which it did not carry (the last was 10000000)");
}

/// Hands on what nobody asked for and gives it back, as whoever drives the core does; nothing if there was no such.
std::optional<wire::Envelope> handed_on(HostCore& core, const std::string& payload) {
  core.bytes_arrived(TimePoint{}, encode_frame(std::as_bytes(std::span(payload))).value());
  std::optional<HostCore::Happening> happening = core.take_happening();
  if (!happening) return std::nullopt;
  auto& message = std::get<HostCore::Unsolicited>(*happening);
  wire::Envelope heard = message.envelope;
  core.use_again(std::move(message));
  return heard;
}

TEST(HostCore, HandsOnNothingOfAnOlderBlockWhoseMemoryANewOneHas) {
  HostCore core({}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(1)).value());
  (void)core.take_happening();
  wire::Envelope full, sparse, status, asked;
  wire::SampleBlock& block = *full.mutable_sample_block();
  block.set_sequence(3);
  block.set_first_tick(4);
  block.set_count(128);
  block.set_force(std::string(100, 'f'));
  block.set_position(std::string(90, 'p'));
  block.set_stage("s");
  sparse.mutable_sample_block()->set_first_tick(5);
  status.mutable_daq_status()->set_moving(true);
  asked.set_request_id(9);
  const std::string whole = full.SerializeAsString(), empty("\xDA\x01\x00", 3), unknown("\xDA\x01\x03\xFA\x01\x00", 6);
  std::size_t heard = 0;
  for (const std::string& payload : {whole,
                                     sparse.SerializeAsString(),
                                     whole,
                                     empty,
                                     unknown,
                                     empty,
                                     whole + unknown,
                                     sparse.SerializeAsString(),
                                     whole,
                                     status.SerializeAsString(),
                                     sparse.SerializeAsString(),
                                     whole + status.SerializeAsString(),
                                     empty,
                                     whole,
                                     empty + whole,
                                     whole + asked.SerializeAsString(),
                                     empty,
                                     whole.substr(0, whole.size() - 1),
                                     empty,
                                     whole}) {
    wire::Envelope anew;
    const bool good = anew.ParseFromString(payload) && anew.request_id() == 0;
    const auto came = handed_on(core, payload);
    ASSERT_EQ(came.has_value(), good);
    if (!came) continue;
    EXPECT_EQ(came->SerializeAsString(), anew.SerializeAsString());
    EXPECT_EQ(came->body_case(), anew.body_case());
    ++heard;
  }
  EXPECT_EQ(heard, 18U);
}

}  // namespace
}  // namespace penrig
