#include "protocols/ble/explain.hpp"

#include <string_view>

namespace penrig::ble {
namespace {

struct Meaning {
  std::string_view name;  ///< ends with this
  Errc code;
  std::string_view text;
};

constexpr Meaning kMeanings[] = {
    {"DBus.Error.AccessDenied", Errc::io,
     "this user may not talk to bluetoothd: join its group (sudo usermod -aG bluetooth $USER, then log in again)"},
    {"bluez.Error.NotAuthorized", Errc::refused, "not authorised: the pen wants to be paired (write ?pair=yes)"},
    {"bluez.Error.NotPermitted", Errc::port_busy,
     "not permitted: another program uses the pen's stream (end it, or disconnect the pen: bluetoothctl disconnect)"},
    {"bluez.Error.NotReady", Errc::port_missing,
     "the Bluetooth adapter is off: switch it on (bluetoothctl power on; rfkill unblock bluetooth)"},
    {"bluez.Error.NotConnected", Errc::link_lost, "the pen is not connected any more"},
    {"bluez.Error.DoesNotExist", Errc::link_lost, "bluetoothd does not know the pen any more"},
    {"DBus.Error.UnknownObject", Errc::link_lost, "bluetoothd does not know the pen any more"},
    {"DBus.Error.UnknownMethod", Errc::link_lost, "bluetoothd does not know the pen any more"},
    {"bluez.Error.AuthenticationFailed", Errc::refused,
     "the pen refused to pair: let it take a new bond (its manual says how), and forget the old one here "
     "(bluetoothctl remove ADDRESS)"},
    {"bluez.Error.AuthenticationRejected", Errc::refused, "the pairing was rejected, by the pen or by the operator"},
    {"bluez.Error.AuthenticationCanceled", Errc::refused, "the pairing was cancelled"},
    {"bluez.Error.AuthenticationTimeout", Errc::timeout, "the pairing was not confirmed in time"},
    {"bluez.Error.ConnectionAttemptFailed", Errc::link_lost, "the pen did not let itself be connected"},
    {"penrig.NoReply", Errc::timeout, "no answer in time"},
};

}  // namespace

Error no_bluetoothd() {
  return fail(Errc::port_missing,
              "bluetoothd does not run: start it (sudo systemctl start bluetooth), or install it "
              "(sudo apt install bluez)");
}

Error bluetoothd_ended() {
  return fail(Errc::port_missing,
              "bluetoothd has ended or was restarted (look at: journalctl -u bluetooth); connect again");
}

Error explain(const std::string& what, const std::string& name, const std::string& text) {
  for (const char* absent : {"DBus.Error.ServiceUnknown", "DBus.Error.NameHasNoOwner"}) {
    if (name.ends_with(absent)) return no_bluetoothd();
  }
  // The deadlines are the timeline's: the bus says this only of one that went without a reply.
  if (name.ends_with("DBus.Error.NoReply")) return bluetoothd_ended();
  for (const Meaning& meaning : kMeanings) {
    if (name.ends_with(meaning.name)) return fail(meaning.code, what + ": " + std::string(meaning.text));
  }
  return fail(Errc::link_lost, what + ": " + (text.empty() ? name : text + " (" + name + ")"));
}

}  // namespace penrig::ble
