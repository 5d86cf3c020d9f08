#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "reports/json_plain_text.hpp"

namespace penrig {

/// Reads the JSON that the store itself writes into a column, token by token, without a tree of values. What it does
/// not know (escapes, spaces, other values) it refuses: whoever reads then asks the library, so that nothing is read
/// otherwise than before.
class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : text_(text) {}

  /// Takes the character if it comes next.
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool at_end() const { return at_ == text_.size(); }
  /// What was not taken yet.
  std::string_view rest() const { return text_.substr(at_); }
  /// Takes so many bytes of it; whoever does that knows them.
  void skip(std::size_t bytes) { at_ += bytes; }

  /// An array, of which take_one takes one element at a time; false where it is none, or take_one says so.
  template <class TakeOne>
  bool array(TakeOne take_one) {
    if (!take('[')) return false;
    for (bool first = true; !take(']'); first = false) {
      if ((!first && !take(',')) || !take_one()) return false;
    }
    return true;
  }

  /// A text without escapes and control characters, in UTF-8.
  std::optional<std::string_view> plain_text() {
    if (at_ >= text_.size() || text_[at_] != '"') return std::nullopt;
    const std::size_t end = at_ + 1 + plain_utf8(text_.substr(at_ + 1));
    if (end >= text_.size() || text_[end] != '"') return std::nullopt;
    const std::string_view found = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return found;
  }

  /// A whole number as one, any other as the nearest double.
  std::optional<std::variant<double, std::int64_t>> number() {
    const char* const from = text_.data() + at_;
    const char* const last = text_.data() + text_.size();
    const char* end = from;
    bool whole = true;
    for (; end < last; ++end) {
      const char c = *end;
      if ((c >= '0' && c <= '9') || c == '-') continue;
      if (c != '.' && c != 'e' && c != 'E' && c != '+') break;
      whole = false;
    }
    if (whole) return read<std::int64_t>(from, end);
    return read<double>(from, end);
  }

  /// A whole number.
  std::optional<std::int64_t> whole() {
    const auto found = number();
    if (!found || !std::holds_alternative<std::int64_t>(*found)) return std::nullopt;
    return std::get<std::int64_t>(*found);
  }

  /// A number that has a fraction or an exponent, as every double is written.
  std::optional<double> real() {
    const char* const from = text_.data() + at_;
    double value = 0;
    const auto [end, error] = std::from_chars(from, text_.data() + text_.size(), value);
    // A whole number has neither, and a word for what is not finite ends with no digit.
    const bool good = error == std::errc{} && end[-1] >= '0' && end[-1] <= '9' &&
                      std::any_of(from, end, [](char c) { return c == '.' || c == 'e'; });
    if (!good) return std::nullopt;
    at_ += static_cast<std::size_t>(end - from);
    return value;
  }

 private:
  template <class Number>
  std::optional<std::variant<double, std::int64_t>> read(const char* from, const char* end) {
    Number value{};
    const auto [stopped, error] = std::from_chars(from, end, value);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    at_ += static_cast<std::size_t>(end - from);
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace penrig
