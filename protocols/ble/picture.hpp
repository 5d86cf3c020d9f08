#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "protocols/ble/bluez.hpp"
#include "protocols/ble/bus_call.hpp"

namespace penrig::ble {

using Interfaces = std::map<std::string, Dict>;
using Objects = std::map<sdbus::ObjectPath, Interfaces>;

inline constexpr const char* kBluezName = "org.bluez";
inline constexpr std::chrono::milliseconds kBluezAnswers{1500};  ///< within this, what bluetoothd can answer by itself
inline constexpr const char* kAdapterInterface = "org.bluez.Adapter1";
inline constexpr const char* kDeviceInterface = "org.bluez.Device1";
inline constexpr const char* kBatteryInterface = "org.bluez.Battery1";
inline constexpr const char* kCharacteristicInterface = "org.bluez.GattCharacteristic1";
inline constexpr const char* kPropertiesInterface = "org.freedesktop.DBus.Properties";

/// What bluetoothd has told of its objects. Properties of another type than expected are left out.
class BluezPicture {
 public:
  std::map<std::string, AdapterInfo> adapters;
  std::map<std::string, DeviceInfo> devices;
  std::map<std::string, CharacteristicInfo> characteristics;

  void added(const std::string& path, const Interfaces& interfaces);
  void removed(const std::string& path, const std::vector<std::string>& interfaces);
  void changed(const std::string& path, const std::string& interface, const Dict& values,
               const std::vector<std::string>& invalidated);
  void clear();

 private:
  std::map<std::string, unsigned> pulled_out_;  ///< adapters, by path
};

}  // namespace penrig::ble
