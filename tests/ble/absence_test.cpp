// What lacks on this machine is said within 2 s, with what to do.
#include "tests/ble/over_bluez.hpp"

namespace penrig::ble::fake {
namespace {

class AbsenceOverBluez : public OverBluez {
 protected:
  void fails_at_once(Errc code, const std::string& said, const std::string& advice) {
    const auto body = [&]() -> Awaitable<void> {
      const TimePoint then = timeline_->now();
      const Error why = co_await fails_to_open("ble:name=PRO-0001");
      EXPECT_EQ(why.code, code);
      EXPECT_THAT(why.message, HasSubstr(said));
      EXPECT_THAT(why.message, HasSubstr(advice));
      EXPECT_LT(timeline_->now() - then, seconds{2});
    };
    run(body);
  }
};

TEST_F(AbsenceOverBluez, NoBus) {
  bus_.stop();
  fails_at_once(Errc::port_missing, "there is no D-Bus system bus", "sudo systemctl start dbus");
}

TEST_F(AbsenceOverBluez, ABusThatAnswersNobody) {
  bus_.hang();
  fails_at_once(Errc::port_missing, "takes connections and does not answer", "sudo systemctl restart dbus");
}

TEST_F(AbsenceOverBluez, NoBluetoothd) {
  fails_at_once(Errc::port_missing, "bluetoothd does not run", "sudo systemctl start bluetooth");
}

TEST_F(AbsenceOverBluez, NoAdapter) {
  start({});
  fails_at_once(Errc::port_missing, "there is no Bluetooth adapter", "rfkill list");
}

TEST_F(AbsenceOverBluez, TheAdapterIsOff) {
  start();
  bluez_->power("hci0", false);
  fails_at_once(Errc::port_missing, "the Bluetooth adapter hci0 is off", "bluetoothctl power on");
}

TEST_F(AbsenceOverBluez, NoPermission) {
  start();
  bluez_->refuse_to_scan("org.freedesktop.DBus.Error.AccessDenied");
  fails_at_once(Errc::io, "may not talk to bluetoothd", "usermod -aG bluetooth");
}

}  // namespace
}  // namespace penrig::ble::fake
