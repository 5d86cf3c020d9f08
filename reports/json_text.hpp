#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace penrig {

/// Writes JSON as nlohmann::ordered_json would dump it, byte for byte, without its tree of values: a record has ten
/// thousand of them. Bytes that are no UTF-8 come out as U+FFFD. Keys: literals of plain ASCII.
class JsonText {
 public:
  JsonText& open_object() { return open('{'); }
  JsonText& close_object() { return close('}'); }
  JsonText& open_array() { return open('['); }
  JsonText& close_array() { return close(']'); }
  /// What follows is this member's value.
  [[gnu::always_inline]] JsonText& key(std::string_view name) {
    // Here, where the size of a literal is known.
    char* end = room_for(name.size() + kMoreAtMost);
    if (comma_) *end++ = ',';
    *end++ = '"';
    end = std::copy(name.begin(), name.end(), end);
    *end++ = '"';
    *end++ = ':';
    comma_ = false;
    written_to(end);
    return *this;
  }

  /// The same for a name that somebody else gave.
  JsonText& member(std::string_view name) {
    text(name);
    *room_for(1) = ':';
    ++size_;
    comma_ = false;
    return *this;
  }

  JsonText& text(std::string_view value);
  JsonText& flag(bool value);
  JsonText& null();
  template <std::integral Whole>
  JsonText& whole(Whole value) {
    constexpr std::size_t kDigitsAtMost = 20;
    char* const from = begin_value(kDigitsAtMost);
    written_to(std::to_chars(from, from + kDigitsAtMost, value).ptr);
    return *this;
  }
  /// A finite number; others as not_finite says.
  JsonText& number(double value);
  JsonText& number(const std::optional<double>& value) { return value ? number(*value) : null(); }
  /// A number of the store: what is not finite as sqlite::json_of() has it.
  JsonText& stored_number(double value);
  /// What a tree was made for.
  JsonText& json(const nlohmann::ordered_json& value);
  /// JSON that was written before.
  JsonText& written(std::string_view json) { return plain(json); }

  /// Ends a text that is a line of its own.
  JsonText& line_feed() {
    *room_for(1) = '\n';
    ++size_;
    comma_ = false;
    return *this;
  }

  std::string_view str() const { return {out_.get(), size_}; }
  std::string take() { return {out_.get(), std::exchange(size_, 0)}; }
  void reserve(std::size_t bytes) { room_for(bytes); }

 private:
  static constexpr std::size_t kMoreAtMost = 4;  ///< comma, quotation marks, colon
  JsonText& open(char bracket) {
    char* const from = begin_value(1);
    *from = bracket;
    written_to(from + 1);
    comma_ = false;
    return *this;
  }
  JsonText& close(char bracket) {
    comma_ = false;
    char* const from = begin_value(1);
    *from = bracket;
    written_to(from + 1);
    return *this;
  }
  JsonText& plain(std::string_view value);
  JsonText& digits(double value);
  /// Where to write a value of so many bytes, and quotation marks if it has some.
  char* begin_value(std::size_t bytes) {
    char* const end = room_for(bytes + kMoreAtMost);
    if (comma_) *end = ',';
    const std::size_t comma = comma_ ? 1 : 0;
    comma_ = true;
    return end + comma;
  }
  /// Where to write so many bytes; counted only when they are.
  char* room_for(std::size_t bytes) {
    if (room_ - size_ < bytes) grow(bytes);
    return out_.get() + size_;
  }
  void written_to(const char* end) { size_ = static_cast<std::size_t>(end - out_.get()); }
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> out_;  ///< with room for more; not a string, which would write its room full of zeros first
  std::size_t room_ = 0;
  std::size_t size_ = 0;  ///< of what was written
  bool comma_ = false;    ///< the next value or key follows another
};

}  // namespace penrig
