#include "reports/station/gs1.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

constexpr std::size_t kLongestLabel = 200;
constexpr char kSeparator = '\x1d';

struct Identifier {
  std::string_view ai;
  std::size_t size;  ///< fixed; 0: up to a separator
  std::size_t at_most;
};
constexpr std::array<Identifier, 6> kKnown{
    {{"01", 14, 14}, {"10", 0, 20}, {"11", 6, 6}, {"17", 6, 6}, {"21", 0, 20}, {"240", 0, 30}}};

Error wrong(std::string_view text, std::string why) {
  return fail(Errc::usage, fmt::format("'{}': {}", shown(text, kLongestLabel), std::move(why)));
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The last digit of a GTIN follows from the others.
bool check_digit_fits(std::string_view gtin) {
  int sum = 0;
  for (std::size_t i = 0; i + 1 < gtin.size(); ++i) sum += (gtin[i] - '0') * (i % 2 == 0 ? 3 : 1);
  return (10 - sum % 10) % 10 == gtin.back() - '0';
}

/// Takes one element into the label; "" or what is wrong with it.
std::string take(Label& label, std::string_view ai, std::string_view value) {
  if (value.empty()) return fmt::format("({}) has no value", ai);
  if ((ai == "01" || ai == "11" || ai == "17") && !all_digits(value)) {
    return fmt::format("({}) '{}' is not of digits", ai, shown(value));
  }
  if (ai == "01" && !check_digit_fits(value)) {
    return fmt::format("the check digit of GTIN {} does not fit: scan it again", value);
  }
  std::string* const into = ai == "01"   ? &label.gtin
                            : ai == "10" ? &label.lot
                            : ai == "11" ? &label.made
                            : ai == "17" ? &label.expires
                            : ai == "21" ? &label.serial_number
                                         : nullptr;
  if (into == nullptr) return {};
  if (!into->empty()) return fmt::format("({}) stands there twice", ai);
  *into = value;
  return {};
}

const Identifier* identifier_at(std::string_view text) {
  const auto found = std::ranges::find_if(kKnown, [&](const Identifier& k) { return text.starts_with(k.ai); });
  return found == kKnown.end() ? nullptr : &*found;
}

Result<Label> read_elements(std::string_view whole, std::string_view text) {
  Label label;
  while (!text.empty()) {
    if (text.front() == kSeparator) {
      text.remove_prefix(1);
      continue;
    }
    const Identifier* known = identifier_at(text);
    if (known == nullptr) {
      return wrong(whole, fmt::format("'{}' begins with no identifier that is known (01, 10, 11, 17, 21, 240)",
                                      shown(text.substr(0, 8))));
    }
    text.remove_prefix(known->ai.size());
    const std::size_t end = known->size > 0 ? known->size : std::min(text.find(kSeparator), text.size());
    if (end > text.size() || end > known->at_most) {
      return wrong(whole, fmt::format("({}) has {} characters", known->ai, end > text.size() ? "too few" : "too many"));
    }
    if (std::string why = take(label, known->ai, text.substr(0, end)); !why.empty())
      return wrong(whole, std::move(why));
    text.remove_prefix(end);
  }
  return label;
}

Result<Label> read_parentheses(std::string_view whole) {
  std::string elements;
  std::string_view text = whole;
  while (!text.empty()) {
    const std::size_t close = text.find(')');
    if (text.front() != '(' || close == std::string_view::npos)
      return wrong(whole, "an identifier in parentheses was expected, as (21)");
    const std::size_t next = std::min(text.find('(', close), text.size());
    const std::string_view ai = text.substr(1, close - 1), value = text.substr(close + 1, next - close - 1);
    const Identifier* known = identifier_at(ai);
    if (known == nullptr || known->ai != ai) return wrong(whole, fmt::format("({}) is not known", shown(ai)));
    if (known->size > 0 && value.size() != known->size)
      return wrong(whole, fmt::format("({}) has {} characters, not {}", ai, value.size(), known->size));
    elements += std::string(ai) + std::string(value) + kSeparator;
    text.remove_prefix(next);
  }
  return read_elements(whole, elements);
}

std::string with_separators(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("<GS>")) {
      out += kSeparator;
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Result<Label> read_label(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty()) return fail(Errc::usage, "nothing was read: scan the label again");
  if (text.size() > kLongestLabel) return wrong(text, "is longer than any label");
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != kSeparator) || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) return wrong(text, "has a character that no label has: scan it again");
  const bool has_fnc1 = text.find(kSeparator) != std::string_view::npos || text.find("<GS>") != std::string_view::npos;
  Result<Label> label = Label{};
  if (text.starts_with("]d2") || text.starts_with("]C1") || text.starts_with("]Q3") || text.starts_with("]e0")) {
    label = read_elements(text, with_separators(text.substr(3)));
  } else if (text.front() == '(') {
    label = read_parentheses(text);
  } else if (has_fnc1 || (text.size() >= 18 && text.starts_with("01") && all_digits(text.substr(0, 16)))) {
    label = read_elements(text, with_separators(text));
  } else {
    label->serial_number = text;
    return label;
  }
  if (label && label->serial_number.empty()) return wrong(text, "a GS1 label without a serial number (21)");
  return label;
}

}  // namespace penrig::station
