#include "reports/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "reports/json_plain_text.hpp"

namespace penrig {

using Json = nlohmann::ordered_json;

namespace {

/// The digits of numbers that were written lately. A few hundred numbers stand in a record many times: what is known of
/// an input in the budget of every measurement, and all of them in a row and in the text that is hashed.
class RecentDigits {
 public:
  std::string_view of(double value) {
    constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio: neighbours are spread
    const auto bits = std::bit_cast<std::uint64_t>(value);
    Entry& entry = entries_[(bits * kMix) >> (64U - kBits)];
    if (entry.size == 0 || entry.bits != bits) {
      const char* const end =
          nlohmann::detail::to_chars(entry.digits.data(), entry.digits.data() + entry.digits.size(), value);
      entry.bits = bits;
      entry.size = static_cast<std::uint8_t>(end - entry.digits.data());
    }
    return {entry.digits.data(), entry.size};
  }

 private:
  static constexpr unsigned kBits = 12;
  struct Entry {
    std::uint64_t bits = 0;
    std::uint8_t size = 0;          ///< 0: nothing yet
    std::array<char, 31> digits{};  ///< the longest has 24
  };
  std::vector<Entry> entries_ = std::vector<Entry>(std::size_t{1} << kBits);
};

}  // namespace

char* JsonText::room_for(std::size_t bytes) {
  if (out_.size() - size_ < bytes) out_.resize(std::max(2 * out_.size(), size_ + bytes));
  return out_.data() + size_;
}

void JsonText::add(std::string_view value, Around around) {
  constexpr std::size_t kMoreAtMost = 4;  // comma, quotation marks, colon
  char* const from = room_for(value.size() + kMoreAtMost);
  char* end = from;
  if (comma_) *end++ = ',';
  if (around != Around::nothing) *end++ = '"';
  end = std::copy(value.begin(), value.end(), end);
  if (around != Around::nothing) *end++ = '"';
  if (around == Around::key) *end++ = ':';
  size_ += static_cast<std::size_t>(end - from);
  comma_ = around != Around::key;
}

JsonText& JsonText::open(char bracket) {
  add({&bracket, 1}, Around::nothing);
  comma_ = false;
  return *this;
}
JsonText& JsonText::close(char bracket) {
  comma_ = false;
  add({&bracket, 1}, Around::nothing);
  return *this;
}
JsonText& JsonText::key(std::string_view name) {
  add(name, Around::key);
  return *this;
}
JsonText& JsonText::plain(std::string_view value) {
  add(value, Around::nothing);
  return *this;
}
JsonText& JsonText::flag(bool value) { return plain(value ? "true" : "false"); }
JsonText& JsonText::null() { return plain("null"); }

JsonText& JsonText::text(std::string_view value) {
  if (plain_utf8(value) != value.size()) return json(Json(std::string(value)));
  add(value, Around::text);
  return *this;
}

JsonText& JsonText::digits(double value) {
  if (value == 0 && !std::signbit(value)) return plain("0.0");  // what most lines have most of
  thread_local RecentDigits recent;
  return plain(recent.of(value));
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
