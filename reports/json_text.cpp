#include "reports/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "reports/bit_mix.hpp"
#include "reports/json_plain_text.hpp"

namespace penrig {

using Json = nlohmann::ordered_json;

namespace {

/// The digits of numbers that were written lately. A few hundred numbers stand in a record many times: what is known of
/// an input in the budget of every measurement, and all of them in a row and in the text that is hashed.
class RecentDigits {
 public:
  static constexpr std::size_t kAtMost = 24;
  struct Entry {
    std::uint64_t bits = 0;
    std::uint8_t size = 0;  ///< 0: nothing yet
    std::array<char, 31> digits{};
  };
  const Entry& of(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    Entry& entry = entries_[mixed(bits) >> (64U - kBits)];
    if (entry.size == 0 || entry.bits != bits) {
      const char* const end =
          nlohmann::detail::to_chars(entry.digits.data(), entry.digits.data() + entry.digits.size(), value);
      entry.bits = bits;
      entry.size = static_cast<std::uint8_t>(end - entry.digits.data());
    }
    return entry;
  }

 private:
  static constexpr unsigned kBits = 12;
  std::vector<Entry> entries_ = std::vector<Entry>(std::size_t{1} << kBits);
};

}  // namespace

void JsonText::grow(std::size_t bytes) {
  constexpr std::size_t kLeast = 256;  // many are short, and each would grow three times
  room_ = std::max({2 * room_, size_ + bytes, kLeast});
  auto larger = std::make_unique_for_overwrite<char[]>(room_);
  std::copy_n(out_.get(), size_, larger.get());
  out_ = std::move(larger);
}

JsonText& JsonText::plain(std::string_view value) {
  written_to(std::copy(value.begin(), value.end(), begin_value(value.size())));
  return *this;
}
JsonText& JsonText::flag(bool value) { return plain(value ? "true" : "false"); }
JsonText& JsonText::null() { return plain("null"); }

JsonText& JsonText::text(std::string_view value) {
  if (plain_utf8(value) != value.size()) return json(Json(std::string(value)));
  char* end = begin_value(value.size());
  *end++ = '"';
  end = std::copy(value.begin(), value.end(), end);
  *end++ = '"';
  written_to(end);
  return *this;
}

JsonText& JsonText::digits(double value) {
  if (value == 0) return plain(std::signbit(value) ? "-0.0" : "0.0");  // what most lines have most of
  thread_local RecentDigits recent;
  const RecentDigits::Entry& entry = recent.of(value);
  char* const from = begin_value(RecentDigits::kAtMost);
  std::copy_n(entry.digits.begin(), RecentDigits::kAtMost, from);  // of one size always: no call
  written_to(from + entry.size);
  return *this;
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
