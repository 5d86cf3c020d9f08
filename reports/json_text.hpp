#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
  JsonText& key(const char* name);

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

  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }
  void reserve(std::size_t bytes) { out_.reserve(bytes); }

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  JsonText& plain(std::string_view value);
  JsonText& digits(double value);
  void before_value() {
    if (comma_) out_ += ',';
    comma_ = true;
  }

  std::string out_;
  bool comma_ = false;  ///< the next value or key follows another
};

}  // namespace penrig
