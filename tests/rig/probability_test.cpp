#include "rig/measure/probability.hpp"

#include <cmath>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <gtest/gtest.h>

namespace penrig {
namespace {

/// Relative to the reference.
double error_of(double value, double reference) { return std::abs(value - reference) / reference; }

TEST(NormalAbove, AgreesWithBoostToTwelveDigits) {
  const boost::math::normal_distribution<double> normal;
  for (double x = -8; x <= 35; x += 0.0625) {
    EXPECT_LT(error_of(normal_above(x), boost::math::cdf(boost::math::complement(normal, x))), 3e-13) << x;
  }
  EXPECT_EQ(normal_above(0), 0.5);
  EXPECT_EQ(normal_above(INFINITY), 0);
  EXPECT_EQ(normal_above(-INFINITY), 1);
  EXPECT_TRUE(std::isnan(normal_above(NAN)));
}

TEST(StudentAbove, AgreesWithBoostToElevenDigits) {
  for (const double nu : {1.0, 1.5, 2.0, 3.7, 7.0, 16.3, 29.0, 100.0, 149.5, 2000.0, 9.9e5}) {
    const boost::math::students_t_distribution<double> student(nu);
    for (double x = -6; x <= 12; x += 0.125) {
      EXPECT_LT(error_of(student_above(x, nu), boost::math::cdf(boost::math::complement(student, x))), 1e-11)
          << x << " at nu " << nu;
    }
  }
}

TEST(StudentAbove, IsNormalWithoutDegreesOfFreedomAndCauchyBelowOne) {
  for (const double x : {-3.0, 0.0, 2.0, 5.0}) {
    EXPECT_EQ(student_above(x, 0), normal_above(x));
    EXPECT_EQ(student_above(x, INFINITY), normal_above(x));
    EXPECT_EQ(student_above(x, 0.3), student_above(x, 1));
  }
  EXPECT_NEAR(student_above(1, 1), 0.25, 1e-15);  // a quarter of a Cauchy distribution lies above its scale
  EXPECT_NEAR(student_above(1e200, 5), 0, 1e-15);
}

}  // namespace
}  // namespace penrig
