#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace penrig {

/// One cause of a Pareto plot.
struct ParetoBar {
  std::string name;
  std::size_t runs = 0;
  bool pen = false;  ///< the pen's own fault, drawn full; else hollow
};

/// Bars in the order given, which is Pareto's, with what they come to together; each run counts once. Beyond a dozen
/// the rest is one bar.
std::string pareto_plot(const std::vector<ParetoBar>& bars);

}  // namespace penrig
