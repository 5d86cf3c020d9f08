#include "reports/statistics/gage_study.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace penrig::statistics {

namespace {

/// Names in the order of their first coming.
class Names {
 public:
  std::size_t place(const std::string& name) {
    const auto [at, fresh] = places_.emplace(name, names_.size());
    if (fresh) names_.push_back(name);
    return at->second;
  }
  const std::vector<std::string>& all() const { return names_; }

 private:
  std::map<std::string, std::size_t> places_;
  std::vector<std::string> names_;
};

struct Cell {
  std::string part, appraiser;
  std::vector<double> values;
};

std::string title(const Cell& cell) { return fmt::format("part '{}', appraiser '{}'", cell.part, cell.appraiser); }

Result<std::size_t> trials_of(const std::vector<Cell>& cells) {
  std::size_t most = 0;
  for (const Cell& cell : cells) most = std::max(most, cell.values.size());
  for (const Cell& cell : cells) {
    if (cell.values.size() != most)
      return fail(Errc::usage,
                  fmt::format("{} has {} of {} trials: every cell of a gage study needs the same number of them; "
                              "measure what is missing, or leave the part or the appraiser out",
                              title(cell), cell.values.size(), most));
  }
  if (most < 2)
    return fail(Errc::usage, "each part was measured once by each appraiser: repeatability needs at least two trials");
  return most;
}

Result<GageStudy> lay_out_crossed(const std::vector<GageReading>& readings) {
  Names parts, appraisers;
  for (const GageReading& r : readings) {
    parts.place(r.part);
    appraisers.place(r.appraiser);
  }
  GageStudy study;
  study.parts = parts.all();
  study.appraisers = appraisers.all();
  study.parts_each = study.parts.size();
  std::vector<Cell> cells;
  for (const std::string& part : study.parts)
    for (const std::string& appraiser : study.appraisers) cells.push_back({part, appraiser, {}});
  for (const GageReading& r : readings)
    cells[parts.place(r.part) * study.appraisers.size() + appraisers.place(r.appraiser)].values.push_back(r.value);
  const Result<std::size_t> trials = trials_of(cells);
  if (!trials) return trials.error();
  study.trials = *trials;
  study.layout = {study.parts.size(), study.appraisers.size(), *trials, {}};
  for (const Cell& cell : cells)
    study.layout.values.insert(study.layout.values.end(), cell.values.begin(), cell.values.end());
  return study;
}

Result<GageStudy> lay_out_nested(const std::vector<GageReading>& readings) {
  Names appraisers;
  std::vector<Names> parts;
  std::vector<std::vector<Cell>> cells;
  for (const GageReading& r : readings) {
    const std::size_t i = appraisers.place(r.appraiser);
    if (i == parts.size()) {
      parts.emplace_back();
      cells.emplace_back();
    }
    const std::size_t j = parts[i].place(r.part);
    if (j == cells[i].size()) cells[i].push_back({r.part, r.appraiser, {}});
    cells[i][j].values.push_back(r.value);
  }
  GageStudy study;
  study.design = GageDesign::nested;
  study.appraisers = appraisers.all();
  std::vector<Cell> all;
  for (const auto& of_one : cells) {
    study.parts_each = std::max(study.parts_each, of_one.size());
    all.insert(all.end(), of_one.begin(), of_one.end());
  }
  for (const auto& of_one : cells) {
    if (of_one.size() != study.parts_each)
      return fail(Errc::usage,
                  fmt::format("appraiser '{}' measured {} parts, another {}: a nested study needs as many of each",
                              of_one.front().appraiser, of_one.size(), study.parts_each));
  }
  const Result<std::size_t> trials = trials_of(all);
  if (!trials) return trials.error();
  study.trials = *trials;
  study.layout = {study.appraisers.size(), study.parts_each, *trials, {}};
  for (const Cell& cell : all)
    study.layout.values.insert(study.layout.values.end(), cell.values.begin(), cell.values.end());
  return study;
}

}  // namespace

bool repeats_exactly(const GageStudy& study) {
  const std::vector<double>& v = study.layout.values;
  for (std::size_t i = 0; i < v.size(); ++i)
    if (v[i] != v[i - i % study.trials]) return false;
  return true;
}

Result<GageStudy> lay_out(const std::vector<GageReading>& readings, GageDesign design) {
  if (readings.empty()) return fail(Errc::usage, "the gage study has no readings");
  for (const GageReading& r : readings) {
    if (!std::isfinite(r.value))
      return fail(Errc::usage,
                  fmt::format("part '{}', appraiser '{}' has a reading that is no number", r.part, r.appraiser));
  }
  Result<GageStudy> study = design == GageDesign::crossed ? lay_out_crossed(readings) : lay_out_nested(readings);
  if (!study) return study;
  if (study->appraisers.size() < 2)
    return fail(Errc::usage, fmt::format("one appraiser alone ('{}'): reproducibility needs at least two",
                                         study->appraisers.front()));
  if (study->parts_each < 2) return fail(Errc::usage, "one part alone: the spread of parts needs at least two");
  return study;
}

}  // namespace penrig::statistics
