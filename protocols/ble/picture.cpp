#include "protocols/ble/picture.hpp"

#include <algorithm>

namespace penrig::ble {
namespace {

template <class T, class Member>
void take(const Dict& values, const char* name, Member& into) {
  const auto found = values.find(name);
  if (found != values.end() && found->second.containsValueOfType<T>()) into = found->second.get<T>();
}

void take_lower(const Dict& values, const char* name, std::vector<std::string>& into) {
  take<std::vector<std::string>>(values, name, into);
  for (std::string& text : into) {
    for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
}

void apply(AdapterInfo& adapter, const Dict& values) {
  take<std::string>(values, "Address", adapter.address);
  take<bool>(values, "Powered", adapter.powered);
}

void apply(DeviceInfo& device, const Dict& values) {
  take<std::string>(values, "Address", device.address);
  take<std::string>(values, "Name", device.name);
  take<sdbus::ObjectPath>(values, "Adapter", device.adapter_path);
  take<std::int16_t>(values, "RSSI", device.rssi_dbm);
  take<bool>(values, "Connected", device.connected);
  take<bool>(values, "Paired", device.paired);
  take<bool>(values, "ServicesResolved", device.resolved);
  take_lower(values, "UUIDs", device.services);
}

void apply(CharacteristicInfo& characteristic, const Dict& values) {
  std::vector<std::string> uuid(1, characteristic.uuid);
  take<std::string>(values, "UUID", uuid[0]);
  characteristic.uuid = uuid[0];
  take<std::vector<std::string>>(values, "Flags", characteristic.flags);
  take<std::uint16_t>(values, "MTU", characteristic.mtu);
  for (const char* property : {"WriteAcquired", "NotifyAcquired"}) {
    take<bool>(values, property, characteristic.acquired);
  }
}

}  // namespace

void BluezPicture::added(const std::string& path, const Interfaces& interfaces) {
  for (const auto& [interface, _] : interfaces) {
    if (interface == kAdapterInterface) {
      adapters[path].path = path;
      adapters[path].name = path.substr(path.rfind('/') + 1);
      adapters[path].pulled_out = pulled_out_[path];
    } else if (interface == kDeviceInterface) {
      devices[path].path = path;
    } else if (interface == kCharacteristicInterface) {
      characteristics[path].path = path;
    }
  }
  // A device's battery is told before the device.
  for (const auto& [interface, values] : interfaces) changed(path, interface, values, {});
}

void BluezPicture::removed(const std::string& path, const std::vector<std::string>& interfaces) {
  const auto has = [&](const char* name) { return std::ranges::find(interfaces, name) != interfaces.end(); };
  if (has(kAdapterInterface)) {
    adapters.erase(path);
    ++pulled_out_[path];
  }
  if (has(kDeviceInterface)) devices.erase(path);
  if (has(kCharacteristicInterface)) characteristics.erase(path);
  if (has(kBatteryInterface) && devices.contains(path)) devices[path].battery_percent.reset();
}

void BluezPicture::changed(const std::string& path, const std::string& interface, const Dict& values,
                           const std::vector<std::string>& invalidated) {
  if (interface == kAdapterInterface && adapters.contains(path)) apply(adapters[path], values);
  if (interface == kCharacteristicInterface && characteristics.contains(path)) apply(characteristics[path], values);
  if (interface == kBatteryInterface && devices.contains(path))
    take<std::uint8_t>(values, "Percentage", devices[path].battery_percent);
  if (interface != kDeviceInterface || !devices.contains(path)) return;
  apply(devices[path], values);
  if (std::ranges::find(invalidated, "RSSI") != invalidated.end()) devices[path].rssi_dbm.reset();
}

void BluezPicture::clear() {
  adapters.clear();
  devices.clear();
  characteristics.clear();
}

}  // namespace penrig::ble
