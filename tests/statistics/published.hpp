#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/statistics/gage_study.hpp"

namespace penrig::statistics::testing {

/// The rows of a file of tests/statistics/data, below its head; cells as text.
inline std::vector<std::vector<std::string>> published(const std::string& name) {
  std::ifstream in(std::string(PENRIG_SOURCE_DIR) + "/tests/statistics/data/" + name + ".csv");
  if (!in) throw std::runtime_error("no data '" + name + "'");
  std::vector<std::vector<std::string>> rows;
  bool head = true;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (!head) rows.push_back(row);
    head = false;
  }
  return rows;
}

/// Columns part, appraiser, trial, y.
inline std::vector<GageReading> published_gage_study(const std::string& name) {
  std::vector<GageReading> readings;
  for (const auto& row : published(name))
    readings.push_back({row.at(0), row.at(1), std::strtod(row.at(3).c_str(), nullptr)});
  return readings;
}

/// Each value as a subgroup of its own.
inline std::vector<std::vector<double>> singles(const std::vector<double>& values) {
  std::vector<std::vector<double>> all;
  for (const double v : values) all.push_back({v});
  return all;
}

/// Correct significant digits, at most 15.
inline double digits(double found, double certified) {
  const double error = std::abs((found - certified) / certified);
  return error == 0 ? 15 : std::min(15.0, -std::log10(error));
}

/// Where the seeds of simulations begin: PENRIG_FIRST_SEED, so that a campaign can be held again over others.
inline std::uint64_t first_seed() {
  const char* text = std::getenv("PENRIG_FIRST_SEED");
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

/// So many simulations: the environment's number, else those of every commit.
inline int campaign(const char* variable, int each_commit) {
  const char* text = std::getenv(variable);
  return text == nullptr ? each_commit : std::atoi(text);
}

}  // namespace penrig::statistics::testing
