#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class PairingOverBluez : public OverBluez {
 protected:
  FakePen& pen_that(Pairing pairing) {
    start();
    PenSettings settings{.pairing = pairing};
    return add_pen(settings);
  }
  PairingOperator says(bool yes, std::optional<std::uint32_t> number) {
    PairingOperator pairing;
    pairing.confirm = [this, yes](std::string pen, std::uint32_t shown) -> Awaitable<bool> {
      asked_.push_back(pen + " shows " + std::to_string(shown));
      co_return yes;
    };
    pairing.passkey = [this, number](std::string pen) -> Awaitable<std::optional<std::uint32_t>> {
      asked_.push_back(pen + "?");
      co_return number;
    };
    return pairing;
  }
  /// "", or why it did not open.
  Awaitable<std::string> opens(PairingOperator pairing) {
    const auto link = co_await open_ble(*timeline_, "ble:addr=C0:FF:EE:00:00:01", std::move(pairing));
    if (!link) co_return link.error().message;
    const std::string back = co_await say(**link, "hello");
    EXPECT_EQ(back, "hello");
    co_return "";
  }
  std::vector<std::string> asked_;
};

TEST_F(PairingOverBluez, JustWorksAsksNobody) {
  FakePen& pen = pen_that(Pairing::just_works);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator nobody;
    EXPECT_EQ(co_await opens(std::move(nobody)), "");
    EXPECT_TRUE(pen.paired());
    EXPECT_TRUE(co_await comes_true([&] { return bluez_->agents() == 0; }));
    PairingOperator still_nobody;
    EXPECT_EQ(co_await opens(std::move(still_nobody)), "");  // bonded: nothing is asked again
  };
  run(body);
}

TEST_F(PairingOverBluez, TheOperatorComparesTheNumber) {
  FakePen& pen = pen_that(Pairing::confirm);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator good = says(true, {});
    EXPECT_EQ(co_await opens(std::move(good)), "");
    EXPECT_TRUE(pen.paired());
  };
  run(body);
  EXPECT_THAT(asked_, ::testing::ElementsAre("PRO-0001 (C0:FF:EE:00:00:01) shows 123456"));
}

TEST_F(PairingOverBluez, ANumberThatIsAnotherIsARefusal) {
  FakePen& pen = pen_that(Pairing::confirm);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator bad = says(false, {});
    EXPECT_THAT(co_await opens(std::move(bad)), HasSubstr("pairing: the pen refused to pair"));
    EXPECT_FALSE(pen.paired());
    EXPECT_TRUE(co_await comes_true([&] { return !pen.connected(); }));
  };
  run(body);
}

TEST_F(PairingOverBluez, TheOperatorTypesThePasskey) {
  FakePen& pen = pen_that(Pairing::passkey);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator wrong = says(true, 1);
    EXPECT_THAT(co_await opens(std::move(wrong)), HasSubstr("refused to pair"));
    PairingOperator right = says(true, 123'456);
    EXPECT_EQ(co_await opens(std::move(right)), "");
    EXPECT_TRUE(pen.paired());
  };
  run(body);
  EXPECT_THAT(asked_, ::testing::ElementsAre("PRO-0001 (C0:FF:EE:00:00:01)?", "PRO-0001 (C0:FF:EE:00:00:01)?"));
}

TEST_F(PairingOverBluez, WhereNobodyCanBeAskedItSaysWhatToDo) {
  pen_that(Pairing::passkey);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator nobody;
    const std::string why = co_await opens(std::move(nobody));
    EXPECT_THAT(why,
                HasSubstr("run this in a terminal, or pair it once by hand (bluetoothctl pair C0:FF:EE:00:00:01)"));
  };
  run(body);
}

TEST_F(PairingOverBluez, APenThatRefusesIsNamed) {
  pen_that(Pairing::refused);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator willing = says(true, 123'456);
    const std::string why = co_await opens(std::move(willing));
    EXPECT_THAT(why, HasSubstr("ble:addr=C0:FF:EE:00:00:01: pairing: the pen refused to pair"));
    EXPECT_THAT(why, HasSubstr("bluetoothctl remove"));
  };
  run(body);
}

// bluetoothd 5.66 dies of a subscription to what needs a pairing that is not there.
TEST_F(PairingOverBluez, OneThatBluetoothdOnlyClaimsIsNone) {
  FakePen& pen = pen_that(Pairing::only_claimed);
  const auto body = [&]() -> Awaitable<void> {
    PairingOperator nobody;
    const std::string why = co_await opens(std::move(nobody));
    EXPECT_THAT(why, HasSubstr("bluetoothd says that it paired, and the pen is not paired"));
    EXPECT_EQ(pen.streams, 0);
  };
  run(body);
}

}  // namespace
}  // namespace penrig::ble::fake
