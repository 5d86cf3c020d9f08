#include "reports/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "reports/bit_mix.hpp"
#include "reports/json_plain_text.hpp"

namespace penrig {

using Json = nlohmann::ordered_json;

namespace {

/// What nlohmann::detail::to_chars() writes of a finite number other than 0, byte for byte, by the same Grisu2 with its
/// loops over bits and over the digits before the point done at once.
char* write_digits(char* out, double value) {
  using nlohmann::detail::dtoa_impl::cached_power, nlohmann::detail::dtoa_impl::diyfp;
  constexpr std::uint64_t kHidden = std::uint64_t{1} << 52U;
  constexpr int kBias = 1075, kMinExponent = -4, kMaxExponent = 15;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (std::signbit(value)) *out++ = '-';
  const std::uint64_t fraction = bits & (kHidden - 1), biased = (bits >> 52U) & 0x7FFU;
  const bool subnormal = biased == 0;
  const std::uint64_t f = subnormal ? fraction : fraction + kHidden;
  const int e = static_cast<int>(subnormal ? 1 : biased) - kBias;
  // Half way to its neighbours; the one below is nearer where the exponent changes.
  const bool nearer_below = fraction == 0 && biased > 1;
  const int shift = std::countl_zero(2 * f + 1);
  const diyfp above((2 * f + 1) << shift, e - 1 - shift), exact(f << (shift + 1), above.e);
  const diyfp below(nearer_below ? (4 * f - 1) << (shift - 1) : (2 * f - 1) << shift, above.e);
  // Scaled, so that what stands before the point has 32 bits at most.
  const cached_power power = nlohmann::detail::dtoa_impl::get_cached_power_for_binary_exponent(above.e);
  const diyfp scale(power.f, power.e), w = diyfp::mul(exact, scale);
  diyfp low = diyfp::mul(below, scale), high = diyfp::mul(above, scale);
  ++low.f;
  --high.f;
  int length = 0, exponent = -power.k;
  std::uint64_t room = high.f - low.f, off = high.f - w.f;
  const int point = -high.e;
  const std::uint64_t one = std::uint64_t{1} << point;
  std::uint64_t behind = high.f & (one - 1);
  if (behind <= room) {  // digits before the point may be enough
    nlohmann::detail::dtoa_impl::grisu2_digit_gen(out, length, exponent, low, w, high);
  } else {
    constexpr int kMostBefore = 10;
    length =
        static_cast<int>(std::to_chars(out, out + kMostBefore, static_cast<std::uint32_t>(high.f >> point)).ptr - out);
    do {
      behind *= 10;
      out[length++] = static_cast<char>('0' + (behind >> point));
      behind &= one - 1;
      --exponent;
      room *= 10;
      off *= 10;
    } while (behind > room);
    nlohmann::detail::dtoa_impl::grisu2_round(out, length, off, room, behind, one);
  }
  return nlohmann::detail::dtoa_impl::format_buffer(out, length, exponent, kMinExponent, kMaxExponent);
}

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
      const char* const end = write_digits(entry.digits.data(), value);
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
  room_ = std::max(2 * room_, size_ + bytes);
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
