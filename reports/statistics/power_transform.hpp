#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace penrig::statistics {

/// A transformation that makes skewed values normal: y = (e^(lambda l) - 1)/lambda with l = ln x where all values are
/// above 0 (Box and Cox 1964), else l = (x - centre)/scale (Manly 1976: Box and Cox of e^l). lambda by maximum
/// likelihood.
class PowerTransform {
 public:
  /// None for fewer than 20 values, values all the same, or a likelihood that has its maximum nowhere in -5..5.
  static std::optional<PowerTransform> fit(std::span<const double> values);

  double forward(double x) const;
  /// Where the transformed value is y; +-infinity or 0 (the end of Box and Cox's range) beyond what it can reach.
  double inverse(double y) const;

  double lambda() const { return lambda_; }
  bool of_logarithm() const { return of_logarithm_; }
  /// Mean and standard deviation (by maximum likelihood) of the transformed values.
  double mean() const { return mean_; }
  double sd() const { return sd_; }

  /// The same with other parameters.
  PowerTransform with(double lambda, double mean, double sd) const;

  /// What another lambda makes of the values that it was fitted to: mean and deviation, and by how much -ln likelihood
  /// per value is then more than at its best.
  struct Profile {
    double mean = 0, sd = 0, loss = 0;
  };
  Profile profile_at(double lambda) const;
  std::size_t values() const { return l_.size(); }

 private:
  double of_l(double l) const;
  bool of_logarithm_ = false;
  double centre_ = 0, scale_ = 1, lambda_ = 1, mean_ = 0, sd_ = 1, least_cost_ = 0;
  std::vector<double> l_;  ///< of the values
};

}  // namespace penrig::statistics
