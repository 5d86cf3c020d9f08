#pragma once

#include <concepts>
#include <cstdint>
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
  JsonText& key(std::string_view name);

  JsonText& text(std::string_view value);
  JsonText& flag(bool value);
  JsonText& null();
  template <std::integral Whole>
  JsonText& whole(Whole value) {
    return plain(std::to_string(value));
  }
  /// A finite number; others as not_finite says.
  JsonText& number(double value);
  JsonText& number(const std::optional<double>& value) { return value ? number(*value) : null(); }
  /// A number of the store: what is not finite as sqlite::json_of() has it.
  JsonText& stored_number(double value);
  /// What a tree was made for.
  JsonText& json(const nlohmann::ordered_json& value);

  std::string_view str() const { return std::string_view(out_).substr(0, size_); }
  std::string take() {
    out_.resize(std::exchange(size_, 0));
    return std::move(out_);
  }
  void reserve(std::size_t bytes) { room_for(bytes); }

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  JsonText& plain(std::string_view value);
  JsonText& digits(double value);
  enum class Around : std::uint8_t { nothing, text, key };
  void add(std::string_view value, Around around);
  /// Where to write so many bytes; counted only when they are.
  char* room_for(std::size_t bytes);

  std::string out_;       ///< with room for more
  std::size_t size_ = 0;  ///< of what was written
  bool comma_ = false;    ///< the next value or key follows another
};

}  // namespace penrig
