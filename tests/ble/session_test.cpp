// The simulated pen behind the fake bluetoothd: client and session know no difference.
#include "fixtures/clients.hpp"
#include "fixtures/sim/bench.hpp"
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class PenOverBluez : public OverBluez {
 protected:
  PenOverBluez() : bench_(*timeline_, sim::PlantParameters{}, 1) {}
  FakePen& add_simulated_pen(PenSettings settings = {}) {
    FakePen& pen = bluez_->add_pen(std::move(settings));
    pen.run([this](std::unique_ptr<ByteLink> link) { return bench_.serve_pen(std::move(link)); });
    return pen;
  }
  sim::Bench bench_;
};

TEST_F(PenOverBluez, IsDrivenLikeAnyOther) {
  start();
  add_simulated_pen();
  const auto body = [&]() -> Awaitable<void> {
    auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    auto pen = co_await connect_pen(*timeline_, std::move(link));
    CO_ASSERT_TRUE(pen);
    Pen& port = (*pen)->port();
    const auto identity = co_await port.identify();
    CO_ASSERT_TRUE(identity);
    EXPECT_EQ(identity->serial_number, "PRO-0001");
    const Length depth = millimetres(1.0);
    EXPECT_TRUE((co_await port.set_depth(depth)).has_value());
    const Frequency rate = per_minute(6'000);
    EXPECT_TRUE((co_await port.set_rate(rate)).has_value());
    EXPECT_TRUE((co_await port.start()).has_value());
    co_await timeline_->sleep_for(milliseconds{300});
    const auto status = co_await port.status();
    CO_ASSERT_TRUE(status);
    EXPECT_TRUE(status->running);
    EXPECT_TRUE((co_await port.stop()).has_value());
    EXPECT_TRUE(port.link_state().has_value());
    co_await (*pen)->close();
  };
  run(body);
}

TEST_F(PenOverBluez, MakesItselfSafeWhenBluetoothIsCut) {
  start();
  FakePen& fake = add_simulated_pen();
  const auto body = [&]() -> Awaitable<void> {
    auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    auto pen = co_await connect_pen(*timeline_, std::move(link));
    CO_ASSERT_TRUE(pen);
    const Length depth = millimetres(1.0);
    EXPECT_TRUE((co_await (*pen)->port().set_depth(depth)).has_value());
    const Frequency rate = per_minute(6'000);
    EXPECT_TRUE((co_await (*pen)->port().set_rate(rate)).has_value());
    EXPECT_TRUE((co_await (*pen)->port().start()).has_value());
    fake.disconnect();
    EXPECT_TRUE(co_await comes_true([&] { return !(*pen)->port().link_state(); }));
    EXPECT_THAT((*pen)->port().link_state().error().message, HasSubstr("the pen's connection ended"));
    co_await (*pen)->close();

    auto again = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(again);
    auto second = co_await connect_pen(*timeline_, std::move(again));
    CO_ASSERT_TRUE(second);
    const auto status = co_await (*second)->port().status();
    CO_ASSERT_TRUE(status);
    EXPECT_FALSE(status->running);
    EXPECT_EQ(status->fault_bits & 0x80U, 0x80U) << "stopped by the dead-man";
    co_await (*second)->close();
  };
  run(body);
}

TEST_F(PenOverBluez, AnswersQuicklyAlsoAtTheSmallestMtu) {
  start();
  PenSettings low{.mtu = 23};
  add_simulated_pen(low);
  const auto body = [&]() -> Awaitable<void> {
    auto link = co_await open("ble:addr=C0:FF:EE:00:00:01");
    CO_ASSERT_TRUE(link);
    auto pen = co_await connect_pen(*timeline_, std::move(link));
    CO_ASSERT_TRUE(pen);
    for (int i = 0; i < 20; ++i) {
      const auto status = co_await (*pen)->port().status();
      EXPECT_TRUE(status.has_value());
    }
    co_await (*pen)->close();
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
