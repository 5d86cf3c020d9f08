#include "rig/spec/settings_grid.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

constexpr double kNanometre = 1e-6;  // in mm: what decimal fractions may be off in binary, and more

}  // namespace

bool is_depth_setting(const Product& product, double depth_mm) {
  if (depth_mm < product.depth_from_mm - kNanometre || depth_mm > product.depth_to_mm + kNanometre) return false;
  const double steps = (depth_mm - product.depth_from_mm) / product.depth_step_mm;
  return std::abs(steps - std::round(steps)) * product.depth_step_mm < kNanometre;
}

std::string depth_settings_text(const Product& product) {
  const int decimals = std::max(
      {decimals_of(product.depth_from_mm), decimals_of(product.depth_to_mm), decimals_of(product.depth_step_mm), 1});
  if (product.depth_from_mm == product.depth_to_mm)
    return fmt::format("{:.{}f} mm only", product.depth_to_mm, decimals);
  return fmt::format("{:.{}f} to {:.{}f} mm in steps of {:.{}f} mm", product.depth_from_mm, decimals,
                     product.depth_to_mm, decimals, product.depth_step_mm, decimals);
}

std::string rate_settings_text(const Product& product) {
  if (product.rate_from_per_min == product.rate_to_per_min) {
    return fmt::format("{}/min only", number_text(product.rate_to_per_min));
  }
  return fmt::format("{} to {}/min", number_text(product.rate_from_per_min), number_text(product.rate_to_per_min));
}

}  // namespace penrig
