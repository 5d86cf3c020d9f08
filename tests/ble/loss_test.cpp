// Every face of link loss: noticed, the cause named, and the next link works.
#include "protocols/ble/explain.hpp"
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class LinkLossOverBluez : public OverBluez {
 protected:
  /// Opens, breaks, and gives what the link said of it.
  /// @param within  from breaking to the error.
  void breaks(const std::function<void(FakePen&)>& how, const std::string& said, Nanoseconds within) {
    start();
    FakePen& pen = add_pen();
    const auto body = [&]() -> Awaitable<void> {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
      const TimePoint then = timeline_->now();
      how(pen);
      const Error why = co_await loss(*link);
      EXPECT_EQ(why.code, Errc::link_lost);
      EXPECT_THAT(why.message, HasSubstr(said));
      EXPECT_THAT(why.message, ::testing::StartsWith("ble:addr=C0:FF:EE:00:00:01: "));
      EXPECT_LT(timeline_->now() - then, within);
      EXPECT_EQ((co_await link->write_all(bytes_of("x"))).error().code, Errc::link_lost);
    };
    run(body);
  }
  /// A bluetoothd that notices late that a stream was closed, and ends the connection later still.
  FakePen& start_slow_to_notice() {
    start();
    PenSettings settings;
    settings.disconnect_takes = seconds{5};
    settings.notices_after = milliseconds{400};
    return add_pen(std::move(settings));
  }
  Awaitable<bool> on_the_bus(std::string name) {
    BusMethod owned{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner"};
    const TimePoint deadline = timeline_->now() + seconds{1};
    const auto said = co_await call_bus<bool>(bluez_->bus(), std::move(owned), deadline, std::move(name));
    if (!said.values) co_return false;
    co_return std::get<0>(*said.values);
  }
  void reopens() {
    const auto body = [&]() -> Awaitable<void> {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "again"), "again");
    };
    run(body);
  }
};

TEST_F(LinkLossOverBluez, ThePenDisconnects) {
  breaks([](FakePen& pen) { pen.disconnect(); }, "the pen's connection ended", milliseconds{500});
  reopens();
}

TEST_F(LinkLossOverBluez, TheDescriptorsEndAndNothingIsSaid) {
  breaks([](FakePen& pen) { pen.end_descriptors(); }, "bluetoothd ended the pen's stream (end of file)",
         milliseconds{500});
  reopens();
}

TEST_F(LinkLossOverBluez, ConnectedTurnsFalseAndTheDescriptorsStay) {
  breaks([](FakePen& pen) { pen.say_disconnected(); }, "the pen's connection ended", milliseconds{500});
  reopens();
}

TEST_F(LinkLossOverBluez, TheDeviceIsRemoved) {
  breaks([](FakePen& pen) { pen.remove(); }, "the pen was removed from bluetoothd", milliseconds{500});
  reopens();
}

TEST_F(LinkLossOverBluez, TheServicesChange) {
  breaks([](FakePen& pen) { pen.change_services(); }, "the pen changed its services", milliseconds{500});
  reopens();
}

TEST_F(LinkLossOverBluez, NothingAtAllIsHeard) {
  breaks([](FakePen& pen) { pen.fall_silent(true); }, "the pen is silent for 1000 ms", milliseconds{1'500});
  reopens();
}

TEST_F(LinkLossOverBluez, AChunkIsLost) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
    pen.wire().lose_next = 1;
    const std::string text(3'000, 'x');
    EXPECT_TRUE((co_await link->write_all(bytes_of(text))).has_value());
    const Error why = co_await loss(*link);
    EXPECT_THAT(why.message, HasSubstr("from the pen was lost: later ones have come"));
    EXPECT_TRUE(co_await comes_true([&] { return !pen.connected(); }));
  };
  run(body);
  reopens();
}

TEST_F(LinkLossOverBluez, TheAdapterIsSwitchedOff) {
  breaks([this](FakePen&) { bluez_->power("hci0", false); }, "the Bluetooth adapter hci0 was switched off",
         milliseconds{500});
  bluez_->power("hci0", true);
  reopens();
}

TEST_F(LinkLossOverBluez, TheAdapterIsPulledOut) {
  breaks([this](FakePen&) { bluez_->unplug("hci0"); }, "the Bluetooth adapter was pulled out", milliseconds{500});
}

TEST_F(LinkLossOverBluez, BluetoothdEnds) {
  breaks([this](FakePen&) { stop_bluetoothd(); }, "bluetoothd has ended or was restarted", milliseconds{500});
  start();  // and the next link works, without restarting this program
  add_pen();
  reopens();
}

/// What the bus answers of its own, when who was asked has gone.
TEST(ExplainBluez, ACallThatBluetoothdDidNotOutliveSaysThatItEnded) {
  const Error why = explain("connecting", "org.freedesktop.DBus.Error.NoReply",
                            "Message recipient disconnected from message bus without replying");
  EXPECT_EQ(why.code, Errc::port_missing);
  EXPECT_THAT(why.message, HasSubstr("bluetoothd has ended or was restarted"));
  EXPECT_EQ(explain("connecting", kNoReply, "").code, Errc::timeout);
}

TEST_F(LinkLossOverBluez, TheBusIsLeftOnlyWhenBluetoothdHasNoticedThatTheStreamWasClosed) {
  FakePen& pen = start_slow_to_notice();
  const auto body = [&]() -> Awaitable<void> {
    auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
    link.reset();
    while (pen.holds_notify()) {
      const bool there = co_await on_the_bus(pen.subscriber);
      EXPECT_TRUE(there || !pen.holds_notify());
    }
    bool there = true;
    for (int i = 0; there && i < 200; ++i) {
      co_await timeline_->sleep_for(milliseconds{5});
      there = co_await on_the_bus(pen.subscriber);
    }
    EXPECT_FALSE(there);
  };
  run(body);
}

TEST_F(LinkLossOverBluez, WhoClosesCanWaitUntilBluetoothdHasLetGo) {
  FakePen& pen = start_slow_to_notice();
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
    link->close();
    EXPECT_TRUE(pen.holds_notify());
    co_await link->let_go();
    EXPECT_FALSE(pen.holds_notify());
  };
  run(body);
}

TEST_F(LinkLossOverBluez, TheBusEnds) {
  breaks([this](FakePen&) { bus_.stop(); }, "the D-Bus system bus is gone", milliseconds{1'500});
}

TEST_F(LinkLossOverBluez, LinksThatWereClosedLeaveNoDescriptorBehind) {
  start();
  add_pen();
  const auto body = [&](int times) -> Awaitable<void> {
    for (int i = 0; i < times; ++i) {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
    }
  };
  run([&] { return body(5); });
  const std::ptrdiff_t before = open_descriptors();
  run([&] { return body(20); });
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LinkLossOverBluez, ASlowPenIsNoLostOne) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    pen.wire().slow = milliseconds{100};
    for (int i = 0; i < 15; ++i) EXPECT_EQ(co_await say(*link, "hello"), "hello");
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
