#include "tools/penrig/doctor_bluetooth.hpp"

#include <fstream>

#include <fmt/format.h>

#include "protocols/ble/ble_link.hpp"

namespace penrig::cli {
namespace {

Awaitable<int> look_at_adapter(Timeline& timeline, const std::string& adapter, Result<std::string>& found) {
  found = co_await describe_adapter(timeline, adapter);
  co_return 0;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string trimmed_setting(const std::string& text) {
  const auto from = text.find_first_not_of(" \t"), to = text.find_last_not_of(" \t\r");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

/// A value of a file in sections, as bluetoothd reads it; empty where it is not set.
std::string setting(const std::filesystem::path& file, const std::string& section, const std::string& key) {
  std::ifstream in(file);
  std::string in_section, value;
  for (std::string line; std::getline(in, line);) {
    line = trimmed_setting(line);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') in_section = line;
    const auto equals = line.find('=');
    if (in_section == "[" + section + "]" && equals != std::string::npos &&
        trimmed_setting(line.substr(0, equals)) == key)
      value = trimmed_setting(line.substr(equals + 1));
  }
  return value;
}

}  // namespace

Finding bluetooth_finding(Timeline& timeline, const std::string& link) {
  const Result<BleUri> uri = parse_ble_uri(link);
  if (!uri) return {Standing::wrong, "bluetooth", uri.error().message, "mend it in the rig's description"};
  Result<std::string> found = std::string();
  timeline.run(look_at_adapter(timeline, uri->adapter, found));
  if (!found) return {Standing::wrong, "bluetooth", found.error().message, ""};
  return {Standing::fine, "bluetooth", *found, ""};
}

Findings blocked_radios(const std::filesystem::path& switches) {
  Findings found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(switches, ignored)) {
    if (first_line(entry.path() / "type") != "bluetooth") continue;
    const std::string name = first_line(entry.path() / "name");
    if (first_line(entry.path() / "hard") == "1")
      found.push_back(
          {Standing::wrong, "bluetooth", name + " is off by a switch of the machine", "switch it on there"});
    else if (first_line(entry.path() / "soft") == "1")
      found.push_back({Standing::wrong, "bluetooth", name + " is blocked", "rfkill unblock bluetooth"});
  }
  return found;
}

Finding eatt_finding(const std::filesystem::path& settings) {
  const std::string channels = setting(settings, "GATT", "Channels");
  if (channels == "1") return {Standing::fine, "bluetooth", "one channel a connection (EATT is off)", ""};
  return {Standing::note, "bluetooth",
          fmt::format("{} channels a connection (EATT): notifications overtake each other, and penrig waits for those "
                      "that are late",
                      channels.empty() ? "3" : channels),
          fmt::format("write Channels = 1 below [GATT] in {}, then restart bluetoothd", settings.string())};
}

}  // namespace penrig::cli
