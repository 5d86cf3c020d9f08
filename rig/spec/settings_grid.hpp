#pragma once

#include <string>

#include "rig/spec/product.hpp"

namespace penrig {

/// Whether a depth is a setting of the product: within its range and on its steps (to a nanometre).
bool is_depth_setting(const Product& product, double depth_mm);

/// "0.25 to 2.50 mm in steps of 0.25 mm", or "0.50 mm only".
std::string depth_settings_text(const Product& product);

/// "6000 to 9000/min", or "7000/min only".
std::string rate_settings_text(const Product& product);

}  // namespace penrig
