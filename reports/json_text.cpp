#include "reports/json_text.hpp"

#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig {

using Json = nlohmann::ordered_json;

namespace {

/// UTF-8 in which nothing is to be escaped.
bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      text.remove_prefix(1);
      continue;
    }
    const bool ascii = (static_cast<unsigned char>(c) & 0x80U) == 0;
    const std::size_t length = ascii ? 0 : utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

JsonText& JsonText::open(char bracket) {
  before_value();
  out_ += bracket;
  comma_ = false;
  return *this;
}
JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}
JsonText& JsonText::key(const char* name) {
  before_value();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  comma_ = false;
  return *this;
}
JsonText& JsonText::plain(std::string_view value) {
  before_value();
  out_ += value;
  return *this;
}
JsonText& JsonText::flag(bool value) { return plain(value ? "true" : "false"); }
JsonText& JsonText::null() { return plain("null"); }

JsonText& JsonText::text(std::string_view value) {
  if (!is_plain(value)) return json(Json(std::string(value)));
  before_value();
  out_ += '"';
  out_ += value;
  out_ += '"';
  return *this;
}

JsonText& JsonText::digits(double value) {
  if (value == 0 && !std::signbit(value)) return plain("0.0");  // what most lines have most of
  std::array<char, 64> digits{};
  const char* const end = nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), value);
  return plain({digits.data(), end});
}

JsonText& JsonText::number(double value) {
  if (std::isfinite(value)) return digits(value);
  return text(std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
}

JsonText& JsonText::stored_number(double value) {
  if (std::isfinite(value)) return digits(value);
  return text(fmt::format("bits:{:016x}", std::bit_cast<std::uint64_t>(value)));
}

JsonText& JsonText::json(const Json& value) {
  return plain(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace penrig
