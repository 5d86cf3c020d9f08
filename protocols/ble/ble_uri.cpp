#include <algorithm>
#include <charconv>

#include "protocols/ble/ble_link.hpp"
#include "protocols/link_mistake.hpp"

namespace penrig {
namespace {

constexpr const char* kExamples =
    "; write ble:name=PRO-0001, ble:name=PRO-*, ble:addr=C0:FF:EE:00:12:34 or ble:service";
constexpr unsigned kScanMin_s = 1, kScanMax_s = 120;

bool is_address(std::string_view text) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool right =
        i % 3 == 2 ? text[i] == ':' : std::string_view("0123456789ABCDEF").find(text[i]) != std::string_view::npos;
    if (!right) return false;
  }
  return true;
}

bool is_adapter(std::string_view text) {
  return text.size() > 3 && text.starts_with("hci") &&
         text.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

Result<void> set(BleUri& into, std::string_view uri, std::string_view key, std::string_view value) {
  if (key == "adapter") {
    if (!is_adapter(value)) {
      return link_mistake(
          uri, "adapter '" + std::string(value) + "' is none; hci0 or hci1 are (penrig ports --ble lists them)");
    }
    into.adapter = value;
    return {};
  }
  if (key == "pair") {
    if (value != "yes" && value != "no")
      return link_mistake(uri, "pair is yes or no, not '" + std::string(value) + "'");
    into.pair = value == "yes";
    return {};
  }
  if (key == "scan_s") {
    unsigned seconds = 0;
    const auto [stop, code] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (code != std::errc{} || stop != value.data() + value.size() || seconds < kScanMin_s || seconds > kScanMax_s) {
      return link_mistake(uri, "scan_s '" + std::string(value) + "' is no whole number from " +
                                   std::to_string(kScanMin_s) + " to " + std::to_string(kScanMax_s));
    }
    into.scan = std::chrono::seconds{seconds};
    return {};
  }
  return link_mistake(uri, "unknown setting '" + std::string(key) + "'; known are adapter, pair and scan_s");
}

}  // namespace

Result<BleUri> parse_ble_uri(std::string_view uri) {
  constexpr std::string_view kScheme = "ble:";
  if (!uri.starts_with(kScheme)) return link_mistake(uri, "its scheme is not ble:" + std::string(kExamples));
  auto place = uri.substr(kScheme.size());
  BleUri result;
  if (const auto question = place.find('?'); question != std::string_view::npos) {
    auto query = place.substr(question + 1);
    place = place.substr(0, question);
    while (!query.empty()) {
      const auto end = std::min(query.find('&'), query.size());
      const auto pair = query.substr(0, end);
      query = query.substr(std::min(end + 1, query.size()));
      const auto equals = std::min(pair.find('='), pair.size());
      const auto value = pair.substr(std::min(equals + 1, pair.size()));
      if (auto good = set(result, uri, pair.substr(0, equals), value); !good) return good.error();
    }
  }
  if (place == "service") return result;
  if (place.starts_with("name=")) {
    result.name = place.substr(5);
    if (result.name.empty()) return link_mistake(uri, "the name is empty" + std::string(kExamples));
    return result;
  }
  if (place.starts_with("addr=")) {
    result.address = place.substr(5);
    std::ranges::transform(result.address, result.address.begin(),
                           [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (!is_address(result.address)) {
      return link_mistake(
          uri, "'" + std::string(place.substr(5)) + "' is no address of six pairs of hex digits" + kExamples);
    }
    return result;
  }
  if (place.empty()) return link_mistake(uri, "no pen is named" + std::string(kExamples));
  return link_mistake(uri, "'" + std::string(place) + "' is neither name=, addr= nor service" + kExamples);
}

}  // namespace penrig
