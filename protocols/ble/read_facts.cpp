#include "protocols/ble/read_facts.hpp"

#include <array>
#include <string>
#include <string_view>

#include "protocols/ble/gatt.hpp"

namespace penrig::ble {
namespace {

constexpr std::size_t kLongestText = 512;  ///< of any value

struct Told {
  std::string_view uuid;
  const char* name;
  std::string LinkFacts::*into;
};
constexpr std::array kTold{Told{kModel, "model number (2A24)", &LinkFacts::model},
                           Told{kSerialNumber, "serial number (2A25)", &LinkFacts::serial_number},
                           Told{kFirmware, "firmware revision (2A26)", &LinkFacts::firmware},
                           Told{kHardware, "hardware revision (2A27)", &LinkFacts::hardware}};

/// Empty: the pen has no such characteristic.
std::string path_of(const Bluez& bluez, const DeviceInfo& pen, std::string_view uuid) {
  for (const CharacteristicInfo& characteristic : bluez.characteristics_of(pen.path)) {
    if (characteristic.uuid == uuid) return characteristic.path;
  }
  return "";
}

/// Some stacks end a text with a zero.
std::string text_of(const std::vector<std::byte>& value) {
  std::string text;
  for (const std::byte b : value) {
    if (b == std::byte{0} || text.size() == kLongestText) break;
    text += static_cast<char>(b);
  }
  return text;
}

}  // namespace

Awaitable<Result<LinkFacts>> read_facts(std::shared_ptr<Bluez> bluez, DeviceInfo pen) {
  LinkFacts facts;
  for (const Told& told : kTold) {
    std::string path = path_of(*bluez, pen, told.uuid);
    std::string text;
    if (!path.empty()) {
      const Result<std::vector<std::byte>> value = co_await bluez->read_value(std::move(path));
      if (!value) co_return value.error();
      text = text_of(*value);
    }
    if (text.empty()) {
      co_return fail(Errc::wrong_device, pen.address + " says no " + told.name +
                                             " in its Device Information (protocols/GATT.md): it needs other firmware");
    }
    facts.*told.into = std::move(text);
  }
  if (std::string path = path_of(*bluez, pen, kBatteryLevel); !path.empty()) {
    const Result<std::vector<std::byte>> value = co_await bluez->read_value(std::move(path));
    if (!value) co_return value.error();
    if (!value->empty()) facts.battery_percent = std::to_integer<int>(value->front());
  } else if (const auto device = bluez->device(pen.path); device && device->battery_percent) {
    facts.battery_percent = *device->battery_percent;
  }
  if (pen.rssi_dbm && *pen.rssi_dbm != kRssiUnknown) facts.rssi_dbm = *pen.rssi_dbm;
  co_return facts;
}

}  // namespace penrig::ble
