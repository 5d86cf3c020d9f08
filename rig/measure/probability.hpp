#pragma once

namespace penrig {

/// Probabilities of distributions by additions, multiplications, divisions, roots and portable_exp alone, so that every
/// machine gives the same bits. Against Boost.Math: tests/rig/probability_test.cpp.

/// Of a standard normal value: probability above x, and density at x. Relative error below 3e-13 for |x| < 35 (that of
/// its square), 0 beyond 38.
/// Source: Cody, Math. Comp. 23 (1969); the coefficients are those of ACM algorithm 715 (ANORM).
struct NormalTail {
  double above = 0, density = 0;
};
NormalTail normal_tail(double x);
inline double normal_above(double x) { return normal_tail(x).above; }

/// Of Student's t above x. nu: degrees of freedom; 0, infinite or from 1e6 on is the normal distribution, less than 1
/// counts as 1 (as in coverage_factor). Relative error below 1e-11.
/// Source: incomplete beta function by its continued fraction, Abramowitz and Stegun 26.7.1; Didonato and Morris, ACM
/// Trans. Math. Softw. 18 (1992).
double student_above(double x, double nu);

}  // namespace penrig
