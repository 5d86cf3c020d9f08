#pragma once

#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/rig/spec_files.hpp"

namespace penrig::testing {

/// A NIST data set with its certified values, as tests/rig/data/strd holds them.
struct CertifiedData {
  std::vector<double> y, x;             ///< x is empty for univariate sets
  std::vector<double> coefficient, sd;  ///< of B0 or B1 on
  bool intercept = true;
  double residual_sd = 0, mean = 0, spread = 0, regression_ss = 0, residual_ss = 0;
  std::size_t dof = 0;
  unsigned degree() const { return static_cast<unsigned>(coefficient.size()) - (intercept ? 1U : 0U); }
};

inline double number_after(const std::string& line, const std::string& mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string::npos) throw std::runtime_error("no '" + mark + "' in " + line);
  return std::strtod(line.c_str() + at + mark.size(), nullptr);
}

inline CertifiedData certified(const std::string& name) {
  CertifiedData data;
  std::istringstream text(read_source_file("tests/rig/data/strd/" + name + ".csv"));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("# CERTIFIED B")) {
      if (data.coefficient.empty()) data.intercept = line[13] == '0';
      data.coefficient.push_back(number_after(line, "= "));
      data.sd.push_back(number_after(line, "SD = "));
    } else if (line.starts_with("# CERTIFIED residual_SD")) {
      data.residual_sd = number_after(line, "residual_SD=");
    } else if (line.starts_with("# CERTIFIED regression")) {
      data.regression_ss = number_after(line, " SS=");
    } else if (line.starts_with("# CERTIFIED residual:")) {
      data.dof = static_cast<std::size_t>(number_after(line, "df="));
      data.residual_ss = number_after(line, " SS=");
    } else if (line.starts_with("# CERTIFIED mean")) {
      data.mean = number_after(line, "= ");
    } else if (line.starts_with("# CERTIFIED sd")) {
      data.spread = number_after(line, "= ");
    } else if (!line.empty() && line[0] != '#' && line[0] != 'y') {
      const std::size_t comma = line.find(',');
      data.y.push_back(std::strtod(line.c_str(), nullptr));
      if (comma != std::string::npos) data.x.push_back(std::strtod(line.c_str() + comma + 1, nullptr));
    }
  }
  return data;
}

/// Correct significant digits, at most the 15 that are certified; of a certified 0, those behind the point.
inline double lre(double found, double certified_value) {
  const double error = certified_value == 0 ? std::abs(found) : std::abs((found - certified_value) / certified_value);
  return error == 0 ? 15 : std::min(15.0, -std::log10(error));
}

}  // namespace penrig::testing
