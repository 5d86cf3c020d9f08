#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig {

/// A link URI over Bluetooth LE, taken apart: `ble:name=PRO-*`, `ble:addr=C0:FF:EE:00:12:34?adapter=hci1`,
/// `ble:service?scan_s=30&pair=yes`. With neither name nor address any pen will do, if there is only one.
struct BleUri {
  std::string name;     ///< may hold * and ?
  std::string address;  ///< upper case
  std::string adapter;  ///< empty: the first that is on
  bool pair = false;    ///< pair also with a pen that does not ask for it
  Nanoseconds scan = std::chrono::seconds{15};
};
/// Errc::usage with the reason, and what to write.
Result<BleUri> parse_ble_uri(std::string_view uri);

/// Who answers when a pen asks to be paired; without these only Just Works is possible.
struct PairingOperator {
  /// Does the pen show this number of six digits?
  std::function<Awaitable<bool>(std::string pen, std::uint32_t number)> confirm;
  /// The number of six digits that the pen shows; none: give up.
  std::function<Awaitable<std::optional<std::uint32_t>>(std::string pen)> passkey;
};

/// Finds the pen, connects, pairs if it asks for that, and opens its stream (protocols/GATT.md). Closing the link
/// disconnects the pen. Opening again makes everything anew; several pens may be open on one adapter.
/// Errc::port_missing (no bus, no bluetoothd, no adapter, adapter off: within 2 s; no such pen: after the scan; two
/// that match), ::io (no permission), ::port_busy, ::refused (pairing), ::wrong_device (no pen), ::protocol,
/// ::link_lost,
/// ::timeout; each names the link, the cause and what to do. Bounded to the scan and 30 s, 60 s more for a pairing.
Awaitable<Result<std::unique_ptr<ByteLink>>> open_ble(Timeline& timeline, std::string uri, PairingOperator pairing);
Awaitable<Result<std::unique_ptr<ByteLink>>> open_ble(Timeline& timeline, std::string uri);

/// The adapter that a link would take: "hci0, 00:AA:01:00:00:00". Errors as open_ble(), within 2 s.
/// @param adapter  empty: the first that is on.
Awaitable<Result<std::string>> describe_adapter(Timeline& timeline, std::string adapter);

/// A device that advertises.
struct BleAdvertiser {
  std::string name, address, adapter;
  std::optional<int> rssi_dbm;
  std::vector<std::string> services;
  bool is_pen = false;  ///< has the Pen service
};
/// What advertises within this time, strongest first; pens before all others. Errors as open_ble().
/// @param adapter  empty: all that are on.
Awaitable<Result<std::vector<BleAdvertiser>>> list_advertisers(Timeline& timeline, std::string adapter,
                                                               Nanoseconds scan);

}  // namespace penrig
