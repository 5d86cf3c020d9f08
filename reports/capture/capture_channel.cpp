#include "reports/capture/capture_channel.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

struct Unit {
  std::string_view word;
  CaptureQuantity quantity;
  int exponent;
};
constexpr std::array kUnits = std::to_array<Unit>({
    {"s", CaptureQuantity::time, 0},
    {"ms", CaptureQuantity::time, -3},
    {"us", CaptureQuantity::time, -6},
    {"µs", CaptureQuantity::time, -6},
    {"μs", CaptureQuantity::time, -6},
    {"ns", CaptureQuantity::time, -9},
    {"m", CaptureQuantity::position, 3},
    {"mm", CaptureQuantity::position, 0},
    {"um", CaptureQuantity::position, -3},
    {"µm", CaptureQuantity::position, -3},
    {"μm", CaptureQuantity::position, -3},
    {"n", CaptureQuantity::force, 0},
    {"mn", CaptureQuantity::force, -3},
});

struct Name {
  std::string_view word;
  CaptureQuantity quantity;
};
constexpr std::array kNames = std::to_array<Name>({{"t", CaptureQuantity::time},
                                                   {"time", CaptureQuantity::time},
                                                   {"position", CaptureQuantity::position},
                                                   {"pos", CaptureQuantity::position},
                                                   {"z", CaptureQuantity::position},
                                                   {"force", CaptureQuantity::force},
                                                   {"f", CaptureQuantity::force}});

std::string_view units_of(CaptureQuantity quantity) {
  switch (quantity) {
    case CaptureQuantity::time:
      return "t_s, t_ms, t_us or t_ns";
    case CaptureQuantity::position:
      return "position_mm, position_um or position_m";
    default:
      return "force_N or force_mN";
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

}  // namespace

CaptureChannel capture_channel(std::string_view name, std::string_view unit) {
  CaptureChannel channel;
  const std::string word = lower(trimmed(name));
  const auto* known = std::ranges::find(kNames, std::string_view(word), &Name::word);
  if (known == kNames.end()) return channel;
  const std::string_view written = trimmed(unit);
  const std::string measure = lower(written);
  const auto* found = std::ranges::find(kUnits, std::string_view(measure), &Unit::word);
  // One letter may be anything: "z", "f" or "t" without a unit of ours is somebody else's column.
  const bool ours = found != kUnits.end() && found->quantity == known->quantity;
  if (word.size() == 1 && !ours) return channel;
  channel.quantity = known->quantity;
  if (written.empty()) {
    channel.mistake = fmt::format("'{}' says no unit (write {})", shown(name), units_of(known->quantity));
  } else if (!ours || written.starts_with("MN") || written == "M" || written == "MM") {
    channel.mistake =
        fmt::format("'{}' is no unit that a {} is read in (write {})", shown(written), word, units_of(known->quantity));
  } else {
    channel.exponent = found->exponent;
  }
  return channel;
}

CaptureChannel capture_channel(std::string_view head) {
  head = trimmed(head);
  // "position [mm]" and "position (mm)" are what spreadsheets and scopes write.
  if (const std::size_t bracket = head.find_first_of("[("); bracket != std::string_view::npos) {
    const std::size_t end = head.find_first_of("])", bracket);
    const std::string_view inside = head.substr(bracket + 1, end == std::string_view::npos ? end : end - bracket - 1);
    std::string_view name = trimmed(head.substr(0, bracket));
    while (name.ends_with('_')) name.remove_suffix(1);
    return capture_channel(name, inside);
  }
  const std::size_t last = head.rfind('_');
  if (last == std::string_view::npos) return capture_channel(head, {});
  return capture_channel(head.substr(0, last), head.substr(last + 1));
}

double times_power_of_ten(double x, int exponent) {
  static constexpr std::array<double, 23> kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const double power = kPowers[static_cast<std::size_t>(std::min(std::abs(exponent), 22))];
  return exponent >= 0 ? x * power : x / power;
}

}  // namespace penrig
