#include "rig/base/double_double.hpp"

#include <cmath>

namespace penrig {

DoubleDouble square_root(DoubleDouble x) {
  if (!(x.high > 0)) return {};
  // One step of Newton on the double root doubles its digits.
  const double root = std::sqrt(x.high);
  const DoubleDouble rest = x - two_product(root, root);
  return two_sum(root, rest.high / (2 * root));
}

}  // namespace penrig
