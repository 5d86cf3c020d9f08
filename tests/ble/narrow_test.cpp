// What a link hears of bluetoothd once it has its pen: that pen and its adapter, and nothing of the others.
#include "protocols/ble/bluez.hpp"
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class NarrowedBluez : public OverBluez {
 protected:
  /// How often anything was told while `what` happened.
  Awaitable<int> told_while(std::shared_ptr<Bluez> bluez, std::function<void()> what) {
    int told = 0;
    what();
    for (const TimePoint until = timeline_->now() + milliseconds{100}; timeline_->now() < until;) {
      if (co_await bluez->changed().wait_until(until)) ++told;
    }
    co_return told;
  }
};

TEST_F(NarrowedBluez, HearsItsDeviceAndItsAdapterAlone) {
  start({"hci0", "hci1"});
  FakePen& pen = add_pen(PenSettings{.known = true});
  FakePen& other = add_pen(PenSettings{.address = "C0:FF:EE:00:00:02", .name = "PRO-0002", .known = true});
  FakePen& third = add_pen(PenSettings{.address = "C0:FF:EE:00:00:03", .name = "PRO-0003"}, "hci1");
  const auto body = [&]() -> Awaitable<void> {
    auto connected = co_await Bluez::connect(*timeline_);
    CO_ASSERT_TRUE(connected);
    const std::shared_ptr<Bluez> bluez = *connected;
    const std::function<void()> others = [&] { other.advertise(), third.advertise(); };
    EXPECT_GT(co_await told_while(bluez, others), 0) << "before, all of it is heard";
    for (int times = 0; times < 2; ++times) {
      const auto narrowed = co_await bluez->narrow_to("/org/bluez/hci0/dev_C0_FF_EE_00_00_01");
      EXPECT_TRUE(narrowed) << narrowed.error().message;
      EXPECT_EQ(co_await told_while(bluez, others), 0);
      const std::function<void()> own = [&] { pen.advertise(); };
      EXPECT_GT(co_await told_while(bluez, own), 0);
    }
    const std::function<void()> others_adapter = [&] { bluez_->power("hci1", false); };
    EXPECT_EQ(co_await told_while(bluez, others_adapter), 0);
    const std::function<void()> adapter = [&] { bluez_->power("hci0", false); };
    EXPECT_GT(co_await told_while(bluez, adapter), 0);
    const std::function<void()> removed = [&] { pen.remove(); };
    EXPECT_GT(co_await told_while(bluez, removed), 0);
    EXPECT_FALSE(bluez->device("/org/bluez/hci0/dev_C0_FF_EE_00_00_01"));
    const std::function<void()> ended = [&] { stop_bluetoothd(); };
    EXPECT_GT(co_await told_while(bluez, ended), 0);
    EXPECT_TRUE(bluez->gone());
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
