// What a pen says beside the stream: Device Information, Battery, and how strong it is heard.
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class FactsOverBluez : public OverBluez {
 protected:
  LinkFacts facts_of(const PenSettings& settings) {
    start();
    add_pen(settings);
    LinkFacts facts;
    const auto body = [&]() -> Awaitable<void> {
      const auto link = co_await open("ble:name=PRO-0001");
      CO_ASSERT_TRUE(link);
      EXPECT_EQ(co_await say(*link, "hello"), "hello");
      facts = link->facts();
    };
    run(body);
    return facts;
  }
  std::string refused(const PenSettings& settings) {
    start();
    add_pen(settings);
    Error why = fail(Errc::internal, "");
    const auto body = [&]() -> Awaitable<void> { why = co_await fails_to_open("ble:name=PRO-0001"); };
    run(body);
    EXPECT_EQ(why.code, Errc::wrong_device);
    return why.message;
  }
};

TEST_F(FactsOverBluez, AreReadWhenALinkIsOpened) {
  const LinkFacts facts = facts_of({});
  EXPECT_EQ(facts.model, "pen-pro");
  EXPECT_EQ(facts.serial_number, "PRO-0001");
  EXPECT_EQ(facts.firmware, "2.4.1");
  EXPECT_EQ(facts.hardware, "C");
  EXPECT_EQ(facts.battery_percent, 87) << "as bluetoothd shows it";
  EXPECT_EQ(facts.rssi_dbm, -50);
}

TEST_F(FactsOverBluez, TheBatteryIsReadWhereBluetoothdDoesNotKeepIt) {
  PenSettings settings;
  settings.battery_percent = 41;
  settings.battery_kept = false;
  EXPECT_EQ(facts_of(settings).battery_percent, 41);
}

TEST_F(FactsOverBluez, NothingIsInventedOfABatteryThatNobodyTells) {
  PenSettings settings;
  settings.battery_percent.reset();
  EXPECT_FALSE(facts_of(settings).battery_percent.has_value());
}

TEST_F(FactsOverBluez, APenWithoutDeviceInformationIsRefused) {
  PenSettings settings;
  settings.information[2].clear();
  EXPECT_THAT(refused(settings), HasSubstr("says no firmware revision (2A26) in its Device Information"));
}

}  // namespace
}  // namespace penrig::ble::fake
