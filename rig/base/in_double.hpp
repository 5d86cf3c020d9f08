#pragma once

#include <boost/math/policies/policy.hpp>

namespace penrig {

/// Boost's distributions, computed in double: with its usual policy they are in long double, whose 80 bits not every
/// machine has. What is used of them is rounded to ten digits.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

}  // namespace penrig
