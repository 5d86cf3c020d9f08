#include "protocols/device_core.hpp"

#include <gtest/gtest.h>

#include "protocols/session_core.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

/// A device without its I/O: frames go in at a time, messages come out.
class Device {
 public:
  explicit Device(DeviceSession::Config config = {.is_daq = true})
      : core(
            config, [this] { return ticks++; }, [](wire::Envelope&) {}) {}

  std::vector<wire::Envelope> hears(const wire::Envelope& envelope) {
    core.bytes_arrived(now, encode_frame(envelope).value());
    return says();
  }
  std::vector<wire::Envelope> says() {
    std::vector<wire::Envelope> all;
    while (core.has_output()) {
      decoder.feed(core.take_output(now), [&](std::span<const std::byte> p) {
        wire::Envelope e;
        EXPECT_TRUE(e.ParseFromArray(p.data(), static_cast<int>(p.size())));
        all.push_back(std::move(e));
      });
    }
    return all;
  }
  template <class What>
  std::vector<What> happened() {
    std::vector<What> all;
    while (auto h = core.take_happening()) {
      if (auto* what = std::get_if<What>(&*h)) all.push_back(std::move(*what));
    }
    return all;
  }
  void after(Nanoseconds d) {
    now = now + d;
    core.time_passed(now);
  }

  std::uint64_t ticks = 100;
  DeviceCore core;
  FrameDecoder decoder;
  TimePoint now;
};

wire::Envelope hello(std::uint64_t nonce, std::uint32_t version = kProtocolVersion, std::uint32_t id = 1) {
  wire::Envelope e;
  e.set_request_id(id);
  e.mutable_hello()->set_protocol_version(version);
  e.mutable_hello()->set_session_nonce(nonce);
  return e;
}
wire::Envelope withdraw(std::uint32_t id) {
  wire::Envelope e;
  e.set_request_id(id);
  e.mutable_daq_request()->mutable_withdraw();
  return e;
}
wire::Envelope move(std::uint32_t id) {
  wire::Envelope e;
  e.set_request_id(id);
  e.mutable_daq_request()->mutable_move_stage();
  return e;
}
wire::Envelope heartbeat() {
  wire::Envelope e;
  e.mutable_heartbeat()->set_count(5);
  return e;
}
wire::Envelope done() {
  wire::Envelope e;
  e.mutable_done();
  return e;
}

TEST(DeviceCore, RefusesAnotherProtocolVersionAndOpensNoSession) {
  Device device;
  const auto said = device.hears(hello(1, 1));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].request_id(), 1U);
  EXPECT_EQ(said[0].refusal().reason(), wire::Refusal::VERSION);
  EXPECT_EQ(said[0].refusal().text(), "this device speaks protocol version 2, not 1");
  EXPECT_TRUE(device.hears(heartbeat()).empty());
  EXPECT_TRUE(device.happened<DeviceCore::HostBack>().empty());
}

TEST(DeviceCore, RefusesRequestsBeforeAHelloAndDoesNotExecuteThem) {
  Device device;
  const auto said = device.hears(withdraw(7));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].request_id(), 7U);
  EXPECT_EQ(said[0].refusal().reason(), wire::Refusal::INTERRUPTED);
  EXPECT_TRUE(device.happened<DeviceCore::Execute>().empty());
}

TEST(DeviceCore, SwallowsARetryInProgressAndRepeatsTheReplyAfterwards) {
  Device device;
  device.hears(hello(1));
  device.hears(withdraw(2));
  const auto execute = device.happened<DeviceCore::Execute>();
  ASSERT_EQ(execute.size(), 1U);
  EXPECT_TRUE(device.hears(withdraw(2)).empty());
  device.core.reply(execute[0].session, 2, done());
  const auto first = device.says();
  ASSERT_EQ(first.size(), 1U);
  const auto again = device.hears(withdraw(2));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].has_done());
  EXPECT_EQ(again[0].request_id(), 2U);
  EXPECT_TRUE(device.happened<DeviceCore::Execute>().empty());
}

TEST(DeviceCore, KeepsTheLast32RepliesAndNeverExecutesAnOlderOneAgain) {
  Device device;
  device.hears(hello(1));
  for (std::uint32_t id = 2; id < 202; ++id) {
    device.hears(withdraw(id));
    const auto execute = device.happened<DeviceCore::Execute>();
    ASSERT_EQ(execute.size(), 1U);
    device.core.reply(execute[0].session, id, done());
    ASSERT_EQ(device.says().size(), 1U);
  }
  for (std::uint32_t id = 170; id < 202; ++id) EXPECT_EQ(device.hears(withdraw(id)).size(), 1U) << id;
  for (std::uint32_t id = 2; id < 100; ++id) EXPECT_TRUE(device.hears(withdraw(id)).empty()) << id;
  EXPECT_TRUE(device.happened<DeviceCore::Execute>().empty());
}

TEST(DeviceCore, ExecutesARequestThatIsOvertakenByItsSuccessor) {
  Device device;
  device.hears(hello(1));
  device.hears(withdraw(3));  // the first transmission of 2 was lost
  device.hears(withdraw(2));
  EXPECT_EQ(device.happened<DeviceCore::Execute>().size(), 2U);
}

TEST(DeviceCore, ForgetsTheRepliesOfAnOlderSession) {
  Device device;
  device.hears(hello(1));
  device.hears(withdraw(2));
  const auto old = device.happened<DeviceCore::Execute>();
  ASSERT_EQ(old.size(), 1U);
  device.hears(hello(2));
  EXPECT_EQ(device.happened<DeviceCore::HostBack>().size(), 1U);
  device.hears(withdraw(2));
  const auto execute = device.happened<DeviceCore::Execute>();
  ASSERT_EQ(execute.size(), 1U) << "the same id in a new session is a new request";
  device.core.reply(old[0].session, 2, done());
  EXPECT_TRUE(device.says().empty()) << "a reply to the old session";
  device.core.reply(execute[0].session, 2, done());
  EXPECT_EQ(device.says().size(), 1U);
}

TEST(DeviceCore, KeepsTheSessionWhenTheSameHelloComesAgain) {
  Device device;
  EXPECT_EQ(device.hears(hello(9)).size(), 1U);
  device.hears(withdraw(2));
  ASSERT_EQ(device.happened<DeviceCore::Execute>().size(), 1U);
  const auto again = device.hears(hello(9));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].hello_reply().session_nonce(), 9U);
  device.hears(withdraw(2));
  EXPECT_TRUE(device.happened<DeviceCore::Execute>().empty());
}

TEST(DeviceCore, TripsOnceAfterSilenceAndNotByGarbage) {
  Device device;
  EXPECT_EQ(device.core.next_deadline() > TimePoint{std::chrono::hours{1}}, true) << "nothing to lose before a hello";
  device.hears(hello(1));
  (void)device.happened<DeviceCore::HostBack>();
  device.after(milliseconds{299});
  device.core.bytes_arrived(device.now, std::vector<std::byte>{std::byte{3}, std::byte{1}, std::byte{0}});
  EXPECT_TRUE(device.happened<DeviceCore::DeadMan>().empty());
  EXPECT_EQ(device.core.next_deadline().since_start, milliseconds{300});
  device.after(milliseconds{1});
  EXPECT_EQ(device.happened<DeviceCore::DeadMan>().size(), 1U);
  device.after(milliseconds{5000});
  EXPECT_TRUE(device.happened<DeviceCore::DeadMan>().empty());
  device.hears(heartbeat());
  EXPECT_EQ(device.happened<DeviceCore::HostBack>().size(), 1U);
  device.after(milliseconds{300});
  EXPECT_EQ(device.happened<DeviceCore::DeadMan>().size(), 1U);
}

TEST(DeviceCore, MakesItselfSafeAtAGoodbyeAndAtTheEndOfTheLink) {
  Device device;
  device.hears(hello(1));
  wire::Envelope goodbye;
  goodbye.mutable_goodbye();
  device.hears(goodbye);
  EXPECT_EQ(device.happened<DeviceCore::DeadMan>().size(), 1U);
  EXPECT_TRUE(device.hears(heartbeat()).empty()) << "the session is over";
  device.hears(hello(2));
  device.core.link_ended();
  EXPECT_EQ(device.happened<DeviceCore::DeadMan>().size(), 1U);
}

TEST(DeviceCore, TripsNoSecondTimeWhenTheHostSaysGoodbyeAfterItsSilence) {
  Device device;
  device.hears(hello(1));
  device.after(milliseconds{300});
  EXPECT_EQ(device.happened<DeviceCore::DeadMan>().size(), 1U);
  device.core.link_ended();
  EXPECT_TRUE(device.happened<DeviceCore::DeadMan>().empty());
}

TEST(DeviceCore, RefusesARequestThatItDoesNotKnow) {
  Device device;
  device.hears(hello(1));
  wire::Envelope unknown;
  unknown.set_request_id(2);
  const auto said = device.hears(unknown);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].refusal().reason(), wire::Refusal::NOT_SUPPORTED);
}

TEST(DeviceCore, RefusesMoreThanItCanKeepInProgress) {
  Device device;
  device.hears(hello(1));
  for (std::uint32_t id = 2; id < 2 + DeviceCore::kMaxInProgress; ++id) EXPECT_TRUE(device.hears(move(id)).empty());
  const auto said = device.hears(move(100));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].refusal().reason(), wire::Refusal::BUSY);
}

TEST(DeviceCore, MakesItselfSafeHoweverBusyItIs) {
  Device device;
  device.hears(hello(1));
  for (std::uint32_t id = 2; id < 2 + DeviceCore::kMaxInProgress; ++id) device.hears(move(id));
  (void)device.happened<DeviceCore::Execute>();
  EXPECT_TRUE(device.hears(withdraw(100)).empty());
  EXPECT_EQ(device.happened<DeviceCore::Execute>().size(), 1U);
}

TEST(DeviceCore, RefusesMotionThatWasAskedForBeforeTheLastSafeStateCommand) {
  std::vector<wire::Envelope> motions(4);
  motions[0].mutable_pen_request()->mutable_start();
  motions[1].mutable_pen_request()->mutable_jog();
  motions[2].mutable_daq_request()->mutable_move_stage();
  motions[3].mutable_daq_request()->mutable_touch_off();
  wire::Envelope stop;
  stop.mutable_pen_request()->mutable_stop();
  for (auto& safe_state : {stop, withdraw(0)}) {
    for (auto& motion : motions) {
      Device device;
      device.hears(hello(1));
      wire::Envelope late = motion, safe = safe_state, next = motion;
      late.set_request_id(2);
      safe.set_request_id(3);
      next.set_request_id(4);
      device.hears(safe);
      (void)device.happened<DeviceCore::Execute>();
      for (int i = 0; i < 2; ++i) {
        const auto said = device.hears(late);
        ASSERT_EQ(said.size(), 1U);
        EXPECT_EQ(said[0].request_id(), 2U);
        EXPECT_EQ(said[0].refusal().reason(), wire::Refusal::INTERRUPTED);
        EXPECT_EQ(said[0].refusal().text(),
                  "request 3 made this device safe; 2, which was sent before it, came too late");
      }
      EXPECT_TRUE(device.happened<DeviceCore::Execute>().empty());
      device.hears(next);
      EXPECT_EQ(device.happened<DeviceCore::Execute>().size(), 1U);
    }
  }
}

TEST(DeviceCore, ForgetsTheSafeStateCommandOfAnOlderSession) {
  Device device;
  device.hears(hello(1));
  device.hears(withdraw(50));
  device.hears(hello(2));
  (void)device.happened<DeviceCore::Execute>();
  device.hears(move(2));
  EXPECT_EQ(device.happened<DeviceCore::Execute>().size(), 1U);
}

TEST(DeviceCore, BoundsWhatWaitsForAHostThatDoesNotRead) {
  Device device;
  device.hears(hello(1));
  wire::Envelope block;
  block.mutable_sample_block()->set_force(std::string(10'000, 'x'));
  for (int i = 0; i < 1000; ++i) device.core.send(block);
  EXPECT_LT(device.core.queued_bytes(), DeviceCore::kMaxQueuedBytes + 20'000);
  device.hears(hello(2));
  EXPECT_EQ(device.core.queued_bytes(), 0U) << "read with the hello reply; the old session's blocks are gone";
}

}  // namespace
}  // namespace penrig
