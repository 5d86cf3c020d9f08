#include "tools/penrig/finite_number.hpp"

#include <cmath>
#include <string>

#include <CLI/CLI.hpp>

namespace penrig::cli {
namespace {

/// Read as the option itself is read; what is no number at all is refused there.
std::string why_not_finite(const std::string& text) {
  double value = 0;
  return CLI::detail::lexical_cast(text, value) && !std::isfinite(value) ? "needs a finite number" : "";
}

}  // namespace

const CLI::Validator& finite_number() {
  static const CLI::Validator validator([](std::string& text) { return why_not_finite(text); }, "");
  return validator;
}

CLI::Validator finite_range(double least, double most) {
  const CLI::Range range(least, most);
  const auto check = [range](std::string& text) {
    std::string why = why_not_finite(text);
    return why.empty() ? range(text) : why;
  };
  return CLI::Validator(check, range.get_description());
}

}  // namespace penrig::cli
