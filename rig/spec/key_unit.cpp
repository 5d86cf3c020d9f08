#include "rig/spec/key_unit.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace penrig {
namespace {

enum class Dimension { length, time, per_time, force, mass, speed, temperature, share, energy, other };

struct Suffix {
  KeyUnit key;
  Dimension dimension;
  double si;  // factor to the dimension's own base
};

// The longest suffix that fits wins, so the order does not matter.
constexpr std::array kSuffixes{
    Suffix{{"mm", "mm"}, Dimension::length, 1e-3},
    Suffix{{"um", "µm"}, Dimension::length, 1e-6},
    Suffix{{"s", "s"}, Dimension::time, 1.0},
    Suffix{{"ms", "ms"}, Dimension::time, 1e-3},
    Suffix{{"us", "µs"}, Dimension::time, 1e-6},
    Suffix{{"ns", "ns"}, Dimension::time, 1e-9},
    Suffix{{"min", "min"}, Dimension::time, 60.0},
    Suffix{{"hz", "Hz"}, Dimension::per_time, 1.0},
    Suffix{{"khz", "kHz"}, Dimension::per_time, 1e3},
    Suffix{{"per_min", "1/min"}, Dimension::per_time, 1.0 / 60.0},
    Suffix{{"per_s", "1/s"}, Dimension::per_time, 1.0},
    Suffix{{"n", "N"}, Dimension::force, 1.0},
    Suffix{{"mn", "mN"}, Dimension::force, 1e-3},
    Suffix{{"g", "g"}, Dimension::mass, 1.0},
    Suffix{{"kg", "kg"}, Dimension::mass, 1e3},
    Suffix{{"mm_per_s", "mm/s"}, Dimension::speed, 1.0},
    Suffix{{"um_per_s", "µm/s"}, Dimension::speed, 1e-3},
    Suffix{{"n_per_s", "N/s"}, Dimension::other, 1.0},
    Suffix{{"c", "°C"}, Dimension::temperature, 1.0},
    Suffix{{"deg", "°"}, Dimension::other, 1.0},
    Suffix{{"dbm", "dBm"}, Dimension::other, 1.0},
    Suffix{{"percent", "%"}, Dimension::share, 1e-2},
    Suffix{{"ppm", "ppm"}, Dimension::share, 1e-6},
    Suffix{{"fraction", "parts of 1"}, Dimension::share, 1.0},
    Suffix{{"mj", "mJ"}, Dimension::energy, 1.0},
    Suffix{{"um_per_n", "µm/N"}, Dimension::other, 1.0},
    Suffix{{"n_per_mm", "N/mm"}, Dimension::other, 1.0},
    Suffix{{"mm_per_count", "mm/count"}, Dimension::other, 1.0},
    Suffix{{"n_per_count", "N/count"}, Dimension::other, 1.0},
    Suffix{{"counts", "counts"}, Dimension::other, 1.0},
    Suffix{{"ticks", "ticks"}, Dimension::other, 1.0},
    Suffix{{"m_per_s2", "m/s²"}, Dimension::other, 1.0},
};

struct Spoken {
  std::string_view text;
  Dimension dimension;
  double si;
};

// Units as people write them after a number.
constexpr std::array kSpoken{
    Spoken{"mm", Dimension::length, 1e-3},
    Spoken{"µm", Dimension::length, 1e-6},
    Spoken{"um", Dimension::length, 1e-6},
    Spoken{"cm", Dimension::length, 1e-2},
    Spoken{"nm", Dimension::length, 1e-9},
    Spoken{"m", Dimension::length, 1.0},
    Spoken{"s", Dimension::time, 1.0},
    Spoken{"ms", Dimension::time, 1e-3},
    Spoken{"µs", Dimension::time, 1e-6},
    Spoken{"us", Dimension::time, 1e-6},
    Spoken{"ns", Dimension::time, 1e-9},
    Spoken{"sec", Dimension::time, 1.0},
    Spoken{"min", Dimension::time, 60.0},
    Spoken{"h", Dimension::time, 3600.0},
    Spoken{"Hz", Dimension::per_time, 1.0},
    Spoken{"kHz", Dimension::per_time, 1e3},
    Spoken{"hz", Dimension::per_time, 1.0},
    Spoken{"kS/s", Dimension::per_time, 1e3},
    Spoken{"rpm", Dimension::per_time, 1.0 / 60.0},
    Spoken{"/min", Dimension::per_time, 1.0 / 60.0},
    Spoken{"1/min", Dimension::per_time, 1.0 / 60.0},
    Spoken{"1/s", Dimension::per_time, 1.0},
    Spoken{"N", Dimension::force, 1.0},
    Spoken{"mN", Dimension::force, 1e-3},
    Spoken{"kN", Dimension::force, 1e3},
    Spoken{"g", Dimension::mass, 1.0},
    Spoken{"mg", Dimension::mass, 1e-3},
    Spoken{"kg", Dimension::mass, 1e3},
    Spoken{"mm/s", Dimension::speed, 1.0},
    Spoken{"m/s", Dimension::speed, 1e3},
    Spoken{"°C", Dimension::temperature, 1.0},
    Spoken{"C", Dimension::temperature, 1.0},
    Spoken{"%", Dimension::share, 1e-2},
    Spoken{"ppm", Dimension::share, 1e-6},
    Spoken{"mJ", Dimension::energy, 1.0},
    Spoken{"J", Dimension::energy, 1e3},
};

const Suffix* suffix_of(std::string_view key) {
  const Suffix* found = nullptr;
  for (const Suffix& s : kSuffixes) {
    const std::string_view suffix = s.key.suffix;
    // A key that is nothing but a suffix ("min" of a range) carries no unit.
    const bool last_part =
        key.size() > suffix.size() && key.ends_with(suffix) && key[key.size() - suffix.size() - 1] == '_';
    if (last_part && (!found || suffix.size() > found->key.suffix.size())) found = &s;
  }
  return found;
}

struct Quantity {
  const Spoken* unit = nullptr;  ///< none: it is no number with a unit that we know
  double number = 0;
};

/// The split is where a unit that we know follows a number that we can read; the longest unit that fits wins.
Quantity read_quantity(std::string_view written) {
  Quantity quantity;
  for (const Spoken& s : kSpoken) {
    if (!written.ends_with(s.text) || (quantity.unit && s.text.size() <= quantity.unit->text.size())) continue;
    std::string_view rest = written.substr(0, written.size() - s.text.size());
    while (rest.ends_with(' ')) rest.remove_suffix(1);
    if (const auto value = parse_number(rest); value && std::isfinite(*value)) quantity = {&s, *value};
  }
  return quantity;
}

}  // namespace

KeyUnit unit_of_key(std::string_view key) {
  const Suffix* s = suffix_of(key);
  return s ? s->key : KeyUnit{};
}

std::string_view stem_of_key(std::string_view key) {
  const Suffix* s = suffix_of(key);
  if (!s) return key;
  key.remove_suffix(s->key.suffix.size());
  if (key.ends_with('_')) key.remove_suffix(1);
  return key;
}

std::optional<double> parse_number(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::numeric_limits<double>::quiet_NaN();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == ".inf" || text == ".Inf" || text == ".INF") return negative ? -kInfinity : kInfinity;
  // from_chars would also take a second sign, "inf" and "nan".
  if (text.empty() || !((text[0] >= '0' && text[0] <= '9') || text[0] == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // Out of range may mean too small as well; neither is a number that anyone means.
  if (error == std::errc::result_out_of_range) return negative ? -kInfinity : kInfinity;
  if (error != std::errc{}) return std::nullopt;
  return negative ? -value : value;
}

bool is_in_key_unit(std::string_view written, std::string_view key) {
  const Suffix* to = suffix_of(key);
  const auto [unit, number] = read_quantity(written);
  return to && unit && unit->dimension == to->dimension && unit->si == to->si;
}

std::optional<double> converted_to_key_unit(std::string_view written, std::string_view key) {
  const Suffix* to = suffix_of(key);
  const auto [unit, number] = read_quantity(written);
  if (!to || !unit || unit->dimension != to->dimension) return std::nullopt;
  if (unit->si == to->si) return number;
  // Division first keeps round numbers round: 500 ms / (1 s / 1 ms) = 0.5 s exactly.
  const double ratio = to->si / unit->si;
  const double converted = ratio >= 1 ? number / std::round(ratio * 1e9) * 1e9 : number * (unit->si / to->si);
  // Twelve digits are more than anyone writes and hide what the factors' binary forms add.
  return parse_number(fmt::format("{:.12g}", converted));
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (std::abs(value) < 1e15 && value == std::trunc(value)) return fmt::format("{:.0f}", value == 0 ? 0.0 : value);
  return fmt::format("{}", value);
}

int decimals_of(double value) {
  const std::string text = number_text(value);
  const std::size_t point = text.find('.');
  return point == std::string::npos || text.find('e') != std::string::npos ? 0
                                                                           : static_cast<int>(text.size() - point - 1);
}

}  // namespace penrig
