#include <charconv>
#include <optional>
#include <string>

#include "protocols/link_mistake.hpp"
#include "protocols/links.hpp"

namespace penrig {
namespace {

constexpr unsigned kMinBaud = 1'200, kMaxBaud = 12'000'000;
constexpr const char* kSerialExamples =
    "; write serial:/dev/ttyUSB0?baud=3000000 or serial:usb=0403:6001/SERIAL?baud=921600";

bool is_hex4(std::string_view text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

Result<SerialUri> parse_serial_uri(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos) return link_mistake(uri, "no scheme" + std::string(kSerialExamples));
  const auto scheme = uri.substr(0, colon);
  if (scheme == "sim") {
    return link_mistake(
        uri, "sim: names a whole simulated rig (--rig sim:seed=7), not a link" + std::string(kSerialExamples));
  }
  if (scheme != "serial") {
    return link_mistake(uri,
                        "unknown scheme '" + std::string(scheme) +
                            ":'; known are serial: and ble: for a link and sim: for a whole rig (--rig sim:seed=7)");
  }
  auto place = uri.substr(colon + 1);
  SerialUri result;
  if (const auto question = place.find('?'); question != std::string_view::npos) {
    auto query = place.substr(question + 1);
    place = place.substr(0, question);
    while (!query.empty()) {
      const auto end = std::min(query.find('&'), query.size());
      const auto pair = query.substr(0, end);
      query = query.substr(std::min(end + 1, query.size()));
      const auto equals = pair.find('=');
      const auto key = pair.substr(0, equals);
      if (key != "baud") return link_mistake(uri, "unknown setting '" + std::string(key) + "'; known is baud");
      const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
      const auto [stop, code] = std::from_chars(value.data(), value.data() + value.size(), result.baud);
      if (code != std::errc{} || stop != value.data() + value.size() || result.baud < kMinBaud ||
          result.baud > kMaxBaud) {
        return link_mistake(uri, "baud '" + std::string(value) + "' is no whole number from " +
                                     std::to_string(kMinBaud) + " to " + std::to_string(kMaxBaud));
      }
    }
  }
  if (place.starts_with("usb=")) {
    const auto identity = place.substr(4);
    const auto slash = identity.find('/');
    const auto vid_pid = identity.substr(0, slash);
    if (vid_pid.size() != 9 || vid_pid[4] != ':' || !is_hex4(vid_pid.substr(0, 4)) || !is_hex4(vid_pid.substr(5))) {
      return link_mistake(
          uri, "'" + std::string(vid_pid) + "' is no USB identity of two times four hex digits" + kSerialExamples);
    }
    result.usb_vid_pid = lower(vid_pid);
    if (slash != std::string_view::npos) result.usb_serial = identity.substr(slash + 1);
    return result;
  }
  if (place.empty()) return link_mistake(uri, "no port is named" + std::string(kSerialExamples));
  if (place[0] != '/') return link_mistake(uri, "'" + std::string(place) + "' is no absolute path" + kSerialExamples);
  result.device = place;
  return result;
}

}  // namespace penrig
