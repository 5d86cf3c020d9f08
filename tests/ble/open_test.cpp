#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

TEST_F(OverBluez, CarriesBytesToAPenThatIsFoundByItsName) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:name=PRO-0001");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(link->name(), "ble:name=PRO-0001");
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
    const std::string text(20'000, 'x');
    EXPECT_EQ(co_await say(*link, text), text);
    EXPECT_EQ(pen.wire().longest_in, 244U);
    EXPECT_FALSE(bluez_->scans("hci0"));
  };
  run(body);
}

TEST_F(OverBluez, FindsAPenByAPatternItsAddressOrItsService) {
  start();
  PenSettings other{.address = "C0:FF:EE:00:00:99", .name = "headphones", .is_pen = false};
  add_pen(other);
  add_pen();
  const auto body = [&]() -> Awaitable<void> {
    for (const char* uri : {"ble:name=PRO-*", "ble:addr=c0:ff:ee:00:00:01", "ble:service"}) {
      const auto link = co_await open(uri);
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello") << uri;
      link->close();
      co_await timeline_->sleep_for(milliseconds{20});
    }
  };
  run(body);
}

TEST_F(OverBluez, FindsAPenThatBluetoothdKnewBefore) {
  start();
  PenSettings known{.known = true};
  add_pen(known);
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:name=PRO-0001");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
  };
  run(body);
}

TEST_F(OverBluez, IsPatientWithAPenThatAdvertisesRarely) {
  start();
  PenSettings rare{.advertises_every = milliseconds{2'500}};
  add_pen(rare);
  const auto body = [&]() -> Awaitable<void> { EXPECT_TRUE(co_await open("ble:addr=C0:FF:EE:00:00:01")); };
  run(body);
}

TEST_F(OverBluez, SeesAConnectionThatBluetoothdDoesNotTell) {
  start();
  FakePen& pen = add_pen(PenSettings{.tells_that_it_connected = false});
  const auto body = [&]() -> Awaitable<void> {
    EXPECT_TRUE(co_await open("ble:name=PRO-0001"));
    EXPECT_EQ(pen.connections, 1);
  };
  run(body);
}

TEST_F(OverBluez, SaysWhatWasHeardWhereThePenWasNot) {
  start();
  add_pen();
  PenSettings gone{.address = "C0:FF:EE:00:00:02", .name = "PRO-0002", .advertises_every = seconds{100}, .known = true};
  add_pen(gone);
  const auto body = [&]() -> Awaitable<void> {
    const TimePoint then = timeline_->now();
    const Error why = co_await fails_to_open("ble:name=PRO-0002?scan_s=1");
    EXPECT_EQ(why.code, Errc::port_missing);
    EXPECT_THAT(why.message,
                HasSubstr("ble:name=PRO-0002?scan_s=1: no pen named 'PRO-0002' was heard on hci0 within 1 s; "
                          "heard were C0:FF:EE:00:00:01 'PRO-0001' at -50 dBm (switch the pen on"));
    EXPECT_LT(timeline_->now() - then, milliseconds{1'500});
    EXPECT_TRUE(co_await comes_true([&] { return !bluez_->scans("hci0"); }));
  };
  run(body);
}

TEST_F(OverBluez, RefusesTwoPensOfOneName) {
  start();
  add_pen();
  PenSettings twin{.address = "C0:FF:EE:00:00:02", .advertises_every = milliseconds{700}};
  add_pen(twin);
  const auto body = [&]() -> Awaitable<void> {
    const Error why = co_await fails_to_open("ble:name=PRO-0001");
    EXPECT_THAT(why.message, HasSubstr("more than one pen named 'PRO-0001' is there: C0:FF:EE:00:00:01"));
    EXPECT_THAT(why.message, HasSubstr("C0:FF:EE:00:00:02"));
    EXPECT_THAT(why.message, HasSubstr("say which: ble:addr="));
    EXPECT_TRUE(co_await open("ble:addr=C0:FF:EE:00:00:02"));
  };
  run(body);
}

TEST_F(OverBluez, DrivesSeveralPensOnOneAdapter) {
  start();
  for (const char* number : {"1", "2", "3"}) {
    PenSettings one{.address = std::string("C0:FF:EE:00:00:0") + number, .name = std::string("PRO-000") + number};
    add_pen(one);
  }
  const auto body = [&]() -> Awaitable<void> {
    const auto a = co_await open("ble:name=PRO-0001");
    const auto b = co_await open("ble:name=PRO-0002");
    const auto c = co_await open("ble:name=PRO-0003");
    CO_ASSERT_TRUE(a && b && c);
    EXPECT_EQ(co_await say(*a, "hello a"), "hello a");
    EXPECT_EQ(co_await say(*c, "hello c"), "hello c");
    b->close();
    co_await timeline_->sleep_for(milliseconds{50});
    EXPECT_EQ(co_await say(*a, "still here"), "still here");
    EXPECT_EQ(co_await say(*c, "here too"), "here too");
  };
  run(body);
}

TEST_F(OverBluez, UsesTheAdapterThatIsNamed) {
  start({"hci0", "hci1"});
  FakePen& pen = add_pen({}, "hci1");
  const auto body = [&]() -> Awaitable<void> {
    const Error why = co_await fails_to_open("ble:name=PRO-0001?scan_s=1");
    EXPECT_THAT(why.message, HasSubstr("was heard on hci0 within 1 s, and nothing else either"));
    EXPECT_TRUE(co_await open("ble:name=PRO-0001?adapter=hci1"));
    EXPECT_EQ(pen.connections, 1);
    const Error none = co_await fails_to_open("ble:name=PRO-0001?adapter=hci7");
    EXPECT_THAT(none.message, HasSubstr("there is no Bluetooth adapter hci7 (there is hci0, hci1)"));
  };
  run(body);
}

TEST_F(OverBluez, WorksAtTheSmallestMtu) {
  start();
  PenSettings low{.mtu = 23};
  FakePen& pen = add_pen(low);
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    const std::string text(2'000, 'x');
    EXPECT_EQ(co_await say(*link, text), text);
    EXPECT_EQ(pen.wire().longest_in, 20U);
    EXPECT_EQ(pen.wire().longest_out, 20U);
  };
  run(body);
}

TEST_F(OverBluez, NeverSendsMoreThanGetsThroughAtTheLargestMtu) {
  start();
  PenSettings high{.mtu = 517, .longest_chunk = 512};
  FakePen& pen = add_pen(high);
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    const std::string text(5'000, 'x');
    EXPECT_EQ(co_await say(*link, text), text);
    EXPECT_EQ(pen.wire().longest_in, 509U);
    EXPECT_EQ(pen.wire().longest_out, 509U);
  };
  run(body);
}

TEST_F(OverBluez, FallsBackToValuesWhereThereAreNoDescriptors) {
  start();
  PenSettings old{.descriptors = false};
  FakePen& pen = add_pen(old);
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    const std::string text(5'000, 'x');
    EXPECT_EQ(co_await say(*link, text), text);
    pen.disconnect();
    const Error why = co_await loss(*link);
    EXPECT_THAT(why.message, HasSubstr("the pen's connection ended"));
  };
  run(body);
}

TEST_F(OverBluez, PutsOvertakenNotificationsInOrder) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    pen.wire().swap_pairs = true;
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += static_cast<char>('a' + i % 26);
    EXPECT_EQ(co_await say(*link, text), text);
  };
  run(body);
}

TEST_F(OverBluez, TriesAConnectionAgainThatDidNotComeAbout) {
  start();
  PenSettings shy{.refused_connects = 2};
  add_pen(shy);
  const auto body = [&]() -> Awaitable<void> { EXPECT_TRUE(co_await open("ble:addr=C0:FF:EE:00:00:01")); };
  run(body);
}

TEST_F(OverBluez, DisconnectsThePenWhenTheLinkIsClosedAndOpensItAgain) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    for (int i = 1; i <= 5; ++i) {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
      EXPECT_EQ(pen.connections, i);
      link->close();
      EXPECT_TRUE(co_await comes_true([&] { return !pen.connected(); }));
    }
  };
  run(body);
}

TEST_F(OverBluez, WaitsUntilTheConnectionBeforeIsDown) {
  start();
  PenSettings lingering{.disconnect_takes = milliseconds{400}};
  FakePen& pen = add_pen(lingering);
  const auto body = [&]() -> Awaitable<void> {
    for (int i = 1; i <= 2; ++i) {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      co_await timeline_->sleep_for(milliseconds{600});  // what goes down now would take it with it
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
      EXPECT_EQ(pen.connections, i);
    }
  };
  run(body);
}

TEST_F(OverBluez, BeginsAnewWithAPenThatADeadProgramLeftConnected) {
  start();
  PenSettings left{.known = true, .connected = true};
  FakePen& pen = add_pen(left);
  const auto body = [&]() -> Awaitable<void> {
    const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    EXPECT_EQ(co_await say(*link, "hello"), "hello");
    EXPECT_EQ(pen.connections, 1);
  };
  run(body);
}

TEST_F(OverBluez, LosesNothingAndKeepsNothingInFiftyConnections) {
  start();
  FakePen& pen = add_pen();
  const auto body = [&]() -> Awaitable<void> {
    std::ptrdiff_t before = 0;
    for (int i = 0; i < 50; ++i) {
      const auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
      link->close();
      EXPECT_TRUE(co_await comes_true([&] { return !pen.connected(); }));
      if (i == 4) before = open_descriptors();
    }
    co_await timeline_->sleep_for(milliseconds{50});
    EXPECT_EQ(pen.connections, 50);
    EXPECT_LE(open_descriptors(), before);
  };
  run(body);
}

TEST_F(OverBluez, RefusesADeviceThatIsNoPen) {
  start();
  PenSettings other{.name = "headphones", .is_pen = false};
  FakePen& pen = add_pen(other);
  const auto body = [&]() -> Awaitable<void> {
    const Error why = co_await fails_to_open("ble:name=headphones");
    EXPECT_EQ(why.code, Errc::wrong_device);
    EXPECT_THAT(why.message, HasSubstr("'headphones' is no pen of this profile"));
    EXPECT_TRUE(co_await comes_true([&] { return !pen.connected(); }));
  };
  run(body);
}

TEST_F(OverBluez, RefusesAPenOfAnotherVersion) {
  start();
  PenSettings later{.profile_version = 2};
  add_pen(later);
  const auto body = [&]() -> Awaitable<void> {
    const Error why = co_await fails_to_open("ble:addr=C0:FF:EE:00:00:01");
    EXPECT_EQ(why.code, Errc::protocol);
    EXPECT_THAT(why.message, HasSubstr("the pen speaks version 2 of the profile"));
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
