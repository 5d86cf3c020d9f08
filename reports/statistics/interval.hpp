#pragma once

namespace penrig::statistics {

/// Where a parameter lies, at the confidence that the text beside it names. A side that is not bounded is infinite.
struct Interval {
  double low = 0, high = 0;
  bool holds(double value) const { return low <= value && value <= high; }
};

/// An estimate and its interval of confidence.
struct Estimate {
  double value = 0;
  Interval interval;
};

}  // namespace penrig::statistics
