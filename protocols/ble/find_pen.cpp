#include "protocols/ble/find_pen.hpp"

#include <algorithm>
#include <set>

#include "protocols/ble/gatt.hpp"

namespace penrig::ble {
namespace {

/// After the first that matches: another one of the same name would be heard in this time.
constexpr std::chrono::milliseconds kLookAround{1500};
constexpr std::size_t kNamedMost = 5;

bool has_service(const DeviceInfo& device) {
  return std::ranges::find(device.services, kPenService) != device.services.end();
}

bool matches(const BleUri& uri, const DeviceInfo& device) {
  if (!uri.address.empty()) return device.address == uri.address;
  if (!uri.name.empty()) return name_fits(uri.name, device.name);
  return has_service(device);
}

std::string described(const DeviceInfo& device) {
  std::string text = device.address + (device.name.empty() ? "" : " '" + device.name + "'");
  if (device.rssi_dbm && *device.rssi_dbm != kRssiUnknown) text += " at " + std::to_string(*device.rssi_dbm) + " dBm";
  return text;
}

std::string described(const std::vector<DeviceInfo>& devices) {
  std::string text;
  for (std::size_t i = 0; i < std::min(devices.size(), kNamedMost); ++i) {
    text += (i == 0 ? "" : ", ") + described(devices[i]);
  }
  return devices.size() > kNamedMost ? text + ", ..." : text;
}

std::string wanted(const BleUri& uri) {
  if (!uri.address.empty()) return "pen " + uri.address;
  return uri.name.empty() ? std::string("device with the Pen service") : "pen named '" + uri.name + "'";
}

Error not_heard(const BleUri& uri, const AdapterInfo& adapter, const std::vector<DeviceInfo>& others) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(uri.scan).count();
  std::string text =
      "no " + wanted(uri) + " was heard on " + adapter.name + " within " + std::to_string(seconds) + " s";
  if (others.empty()) {
    text += ", and nothing else either";
  } else {
    text += "; heard were " + described(others);
  }
  return fail(Errc::port_missing, text +
                                      " (switch the pen on, and disconnect it from everything else; penrig ports "
                                      "--ble shows what advertises)");
}

Error too_many(const BleUri& uri, const std::vector<DeviceInfo>& found) {
  return fail(Errc::port_missing, "more than one " + wanted(uri) + " is there: " + described(found) +
                                      " (say which: ble:addr=" + found.front().address + ")");
}

/// Only those of this adapter: the same pen may be known to two.
std::vector<DeviceInfo> of_adapter(const Bluez& bluez, const AdapterInfo& adapter) {
  std::vector<DeviceInfo> devices = bluez.devices();
  std::erase_if(devices, [&](const DeviceInfo& device) { return device.adapter_path != adapter.path; });
  return devices;
}

Awaitable<Result<DeviceInfo>> look_for(Timeline& timeline, std::shared_ptr<Bluez> bluez, AdapterInfo adapter,
                                       BleUri uri) {
  const TimePoint scan_ends = timeline.now() + uri.scan;
  TimePoint until = scan_ends;
  // Heard means now: bluetoothd also knows devices that are long gone.
  std::set<std::string> known_before;
  for (const DeviceInfo& device : of_adapter(*bluez, adapter)) {
    if (!device.connected && !device.rssi_dbm) known_before.insert(device.path);
    if (device.connected && !uri.address.empty() && matches(uri, device)) co_return device;
  }
  const Result<void> started = co_await bluez->start_discovery(adapter.path);
  if (!started) co_return started.error();
  std::vector<DeviceInfo> heard, others, known;
  for (bool last_look = false;;) {
    if (const auto gone = bluez->gone()) co_return *gone;
    heard.clear();
    others.clear();
    known.clear();
    for (const DeviceInfo& device : of_adapter(*bluez, adapter)) {
      const bool is_heard = device.connected || device.rssi_dbm || !known_before.contains(device.path);
      if (!matches(uri, device)) {
        if (is_heard) others.push_back(device);
      } else {
        (is_heard ? heard : known).push_back(device);
      }
    }
    if (!heard.empty() && !uri.address.empty()) co_return heard.front();
    if (heard.size() > 1) co_return too_many(uri, heard);
    if (!heard.empty() && until == scan_ends) until = std::min(scan_ends, timeline.now() + kLookAround);
    if (last_look) break;
    const bool told = co_await bluez->changed().wait_until(until);
    if (told || timeline.now() < until) continue;
    if (!heard.empty()) break;
    const Result<void> looked = co_await bluez->look_again();  // not every change is told
    if (!looked) co_return looked.error();
    last_look = true;
  }
  if (heard.size() == 1) co_return heard.front();
  // A bonded pen may advertise to nobody but us, which no scan shows.
  if (known.size() == 1 && known.front().paired) co_return known.front();
  co_return not_heard(uri, adapter, others);
}

}  // namespace

bool name_fits(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  std::optional<std::size_t> star;  // the last one, and how far the name had come there
  std::size_t star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star) {
      p = *star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Result<AdapterInfo> choose_adapter(const Bluez& bluez, const std::string& wanted_name) {
  const std::vector<AdapterInfo> adapters = bluez.adapters();
  if (adapters.empty()) {
    return fail(Errc::port_missing,
                "there is no Bluetooth adapter: plug one in, and look whether the kernel sees it "
                "(bluetoothctl list; rfkill list)");
  }
  std::string names;
  for (const AdapterInfo& adapter : adapters) names += (names.empty() ? "" : ", ") + adapter.name;
  const auto usable = [&](const AdapterInfo& adapter) {
    return wanted_name.empty() ? adapter.powered : adapter.name == wanted_name;
  };
  const auto found = std::ranges::find_if(adapters, usable);
  if (found != adapters.end() && found->powered) return *found;
  if (found == adapters.end() && !wanted_name.empty()) {
    return fail(Errc::port_missing, "there is no Bluetooth adapter " + wanted_name + " (there is " + names + ")");
  }
  const std::string off = found == adapters.end() ? names : found->name;
  return fail(Errc::port_missing, "the Bluetooth adapter " + off +
                                      " is off: switch it on (bluetoothctl power on; rfkill unblock bluetooth)");
}

Awaitable<Result<DeviceInfo>> find_pen(Timeline& timeline, std::shared_ptr<Bluez> bluez, AdapterInfo adapter,
                                       BleUri uri) {
  const std::string path = adapter.path;
  const Result<DeviceInfo> found = co_await look_for(timeline, bluez, std::move(adapter), std::move(uri));
  if (!bluez->gone()) co_await bluez->stop_discovery(path);
  co_return found;
}

}  // namespace penrig::ble
