// A pen that this program plays through bluetoothd: what it registers, and that a host drives it like any other.
#include "fixtures/clients.hpp"
#include "fixtures/sim/bench.hpp"
#include "fixtures/sim/ble_pen.hpp"
#include "protocols/ble/gatt.hpp"
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class PlayedPenOverBluez : public OverBluez {
 protected:
  PlayedPenOverBluez() : bench_(*timeline_, parameters_, 1) {}

  Awaitable<std::unique_ptr<sim::BlePen>> play(std::vector<sim::BleFault> faults = {}) {
    sim::BlePenSettings settings;
    settings.adapter = "hci1";
    settings.name = "PRO-0001";
    settings.faults = std::move(faults);
    std::function<void(const std::string&)> told = [this](const std::string& what) { told_ += what + "\n"; };
    auto pen =
        co_await sim::BlePen::start(*timeline_, bench_, parameters_.electronics, std::move(settings), std::move(told));
    if (!pen) {
      ADD_FAILURE() << pen.error().message;
      co_return nullptr;
    }
    co_return std::move(*pen);
  }

  sim::PlantParameters parameters_;
  sim::Bench bench_;
  std::string told_;
};

TEST_F(PlayedPenOverBluez, RegistersItsServicesAndAdvertisesItsName) {
  FakeBluez& bluez = start({"hci0", "hci1"});
  const auto body = [&]() -> Awaitable<void> {
    auto pen = co_await play();
    CO_ASSERT_TRUE(pen);
    const FakeBluez::Registered& registered = bluez.registered("hci1");
    EXPECT_EQ(registered.name, "PRO-0001");
    EXPECT_EQ(registered.alias, "PRO-0001");
    EXPECT_THAT(registered.advertised, ::testing::ElementsAre(std::string(kPenService)));
    EXPECT_EQ(registered.paths.size(), 9U);  // the stream's three, five of Device Information, the battery's level
    co_await pen->stop();
    EXPECT_EQ(registered.name, "");
    EXPECT_EQ(registered.alias, "") << "as it was before";
    EXPECT_TRUE(registered.paths.empty());
  };
  run(body);
}

TEST_F(PlayedPenOverBluez, IsDrivenLikeAnyOther) {
  FakeBluez& bluez = start({"hci0", "hci1"});
  const auto body = [&]() -> Awaitable<void> {
    auto played = co_await play();
    CO_ASSERT_TRUE(played);
    bluez.add_played_pen("hci1");
    for (int times = 0; times < 3; ++times) {
      auto link = co_await open("ble:name=PRO-0001");
      CO_ASSERT_TRUE(link);
      auto pen = co_await connect_pen(*timeline_, std::move(link));
      CO_ASSERT_TRUE(pen);
      const auto identity = co_await (*pen)->port().identify();
      CO_ASSERT_TRUE(identity);
      EXPECT_EQ(identity->serial_number, "PRO-0001");
      co_await (*pen)->close();
    }
    EXPECT_THAT(told_, HasSubstr("a host has subscribed"));
    co_await bench_.shut_down();
    co_await played->stop();
  };
  run(body);
}

TEST_F(PlayedPenOverBluez, FallsSilentWhenItIsToldTo) {
  FakeBluez& bluez = start({"hci0", "hci1"});
  const auto body = [&]() -> Awaitable<void> {
    std::vector<sim::BleFault> faults(1, sim::parse_ble_fault("silent@0.2").value());
    auto played = co_await play(std::move(faults));
    CO_ASSERT_TRUE(played);
    bluez.add_played_pen("hci1");
    const auto link = co_await open("ble:name=PRO-0001");
    CO_ASSERT_TRUE(link);
    const Error why = co_await loss(*link);
    EXPECT_THAT(why.message, HasSubstr("the pen is silent for 1000 ms"));
    co_await bench_.shut_down();
    co_await played->stop();
  };
  run(body);
}

TEST_F(PlayedPenOverBluez, ComesBackWhenBluetoothdDoes) {
  start({"hci0", "hci1"});
  const auto body = [&]() -> Awaitable<void> {
    auto played = co_await play();
    CO_ASSERT_TRUE(played);
    stop_bluetoothd();
    co_await timeline_->sleep_for(milliseconds{50});  // its name is free again
    start({"hci0", "hci1"});
    EXPECT_TRUE(co_await comes_true([&] { return bluez_->registered("hci1").name == "PRO-0001"; }));
    co_await played->stop();
  };
  run(body);
}

TEST_F(PlayedPenOverBluez, ComesBackWhenItsAdapterIsOutAndInBeforeItCouldLook) {
  FakeBluez& bluez = start({"hci0", "hci1"});
  const auto body = [&]() -> Awaitable<void> {
    auto played = co_await play();
    CO_ASSERT_TRUE(played);
    for (int times = 0; times < 3; ++times) {
      bluez.replug("hci1");
      const auto whole = [&] {
        return bluez.registered("hci1").name == "PRO-0001" && bluez.registered("hci1").paths.size() == 9;
      };
      EXPECT_TRUE(co_await comes_true(whole));
    }
    co_await played->stop();
  };
  run(body);
}

TEST_F(PlayedPenOverBluez, AnAdapterThatIsNotThereIsSaid) {
  start({"hci0"});
  const auto body = [&]() -> Awaitable<void> {
    sim::BlePenSettings settings;
    settings.adapter = "hci7";
    settings.name = "PRO-0001";
    std::function<void(const std::string&)> told = [](const std::string&) {};
    const auto pen =
        co_await sim::BlePen::start(*timeline_, bench_, parameters_.electronics, std::move(settings), std::move(told));
    CO_ASSERT_TRUE(!pen);
    EXPECT_EQ(pen.error().code, Errc::port_missing);
    EXPECT_THAT(pen.error().message, HasSubstr("hci7"));
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
