#include <gtest/gtest.h>

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
  refusal.mutable_refusal()->set_text("this device speaks protocol version 2, not 1");
  core.bytes_arrived(TimePoint{}, encode_frame(refusal).value());
  const auto happening = core.take_happening();
  ASSERT_TRUE(happening.has_value());
  const auto& completed = std::get<HostCore::Completed>(*happening);
  ASSERT_TRUE(completed.answer.has_error());
  EXPECT_EQ(completed.answer.error().code, Errc::protocol);
  EXPECT_EQ(
      completed.answer.error().message,
      "serial:/dev/ttyX: the peer does not speak protocol version 1: this device speaks protocol version 2, not 1");
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
  (void)core.take_output();
  EXPECT_EQ(core.counters().frames_out, 3U) << "both requests and a heartbeat";
}

TEST(HostCore, BeatsEvery100MillisecondsAndNotTwiceInOneWrite) {
  HostCore core({}, "x");
  core.hello(TimePoint{}, TimePoint{milliseconds{500}});
  (void)core.take_output();
  core.bytes_arrived(TimePoint{}, encode_frame(hello_reply(1)).value());
  (void)core.take_output();
  const auto frames = core.counters().frames_out;
  wire::Envelope reply;
  reply.mutable_heartbeat_reply();
  for (int ms = 1; ms <= 1000; ++ms) {
    const TimePoint now{milliseconds{ms}};
    core.bytes_arrived(now, encode_frame(reply).value());
    core.time_passed(now);
    (void)core.take_output();
  }
  EXPECT_EQ(core.counters().frames_out - frames, 10U);
  for (int ms = 1001; ms <= 2000; ++ms) {
    const TimePoint now{milliseconds{ms}};
    core.bytes_arrived(now, encode_frame(reply).value());
    core.time_passed(now);  // the link takes nothing
  }
  while (core.has_output()) (void)core.take_output();
  EXPECT_EQ(core.counters().frames_out - frames, 11U);
}

}  // namespace
}  // namespace penrig
