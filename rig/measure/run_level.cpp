#include <algorithm>
#include <cmath>
#include <map>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/record/attempts.hpp"

namespace penrig {

namespace {

constexpr double kMostGrowthMm = 0.010;

/// Depths that hang on the reference zero or on a surface touched before the strokes: growth moves them.
bool grows(const Measurement& m) {
  for (const char* id :
       {"extension", "extension_ti", "penetration", "penetration_ti", "penetration_min", "penetration_max",
        "penetration_p005", "penetration_p995", "penetration_error", "parked_extension"}) {
    if (m.measurand == id) return true;
  }
  return false;
}

void add_growth(std::vector<PhaseRecord>& phases, double growth_mm) {
  for (PhaseRecord& phase : phases) {
    for (Measurement& m : phase.measurements) {
      if (!m.value || !grows(m)) continue;
      if (!(std::abs(growth_mm) <= kMostGrowthMm)) {
        m.value.reset();
        m.realised.reset();
        m.note =
            "the zero moved by more than 10 µm between the reference before and after: thermal growth or a loose clamp";
        continue;
      }
      // All of it: the zero before counts, and the last setting may have all of the growth.
      m.budget.push_back(uniform_line("thermal growth", growth_mm));
      finish(m);
    }
    if (phase.kind != "setting" && phase.kind != "free-run") continue;
    for (StrokeRow& row : phase.strokes) {
      const double u = growth_mm / std::sqrt(3.0);
      row.u_penetration_mm = std::sqrt(row.u_penetration_mm * row.u_penetration_mm + u * u);
    }
  }
}

const Measurement* find(const PhaseRecord& phase, const char* id) {
  for (const Measurement& m : phase.measurements) {
    if (m.measurand == id && m.value) return &m;
  }
  return nullptr;
}

struct Setting {
  double depth = 0, value = 0;
  const std::vector<BudgetLine>* budget = nullptr;  ///< of the phases' measurement
  int direction = 0;                                ///< 1: the setting before was shallower, -1: deeper
};

/// Settings of each rate in the order they ran.
std::map<double, std::vector<Setting>> settings_by_rate(const std::vector<PhaseRecord>& phases) {
  std::map<double, std::vector<Setting>> out;
  for (const PhaseRecord& phase : phases) {
    if (superseded(phase, phases)) continue;
    if (phase.kind != "setting" || !phase.depth_mm || !phase.rate_per_min) continue;
    const Measurement* m = find(phase, "penetration");
    if (m == nullptr) m = find(phase, "extension");
    if (m == nullptr) continue;
    std::vector<Setting>& list = out[*phase.rate_per_min];
    Setting s{*phase.depth_mm, *m->value, &m->budget, 0};
    if (!list.empty()) s.direction = s.depth > list.back().depth ? 1 : s.depth < list.back().depth ? -1 : 0;
    list.push_back(s);
  }
  for (auto& [rate, list] : out) {
    if (list.size() > 1) list[0].direction = list[1].direction;  // the first belongs to the way that it begins
  }
  return out;
}

Measurement run_measurement(const char* id, const char* unit) {
  Measurement m;
  m.measurand = id;
  m.unit = unit;
  return m;
}

void add_linearity(const std::map<double, std::vector<Setting>>& rates, std::vector<Measurement>& out) {
  Measurement m = run_measurement("depth_linearity", "mm");
  std::size_t most_depths = 0;
  for (const auto& [rate, list] : rates) {
    std::vector<double> depths;
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (const Setting& s : list) depths.push_back(s.depth);
    std::sort(depths.begin(), depths.end());
    const auto distinct = static_cast<std::size_t>(std::unique(depths.begin(), depths.end()) - depths.begin());
    most_depths = std::max(most_depths, distinct);
    if (distinct < 3) continue;
    const auto n = static_cast<double>(list.size());
    for (const Setting& s : list) {
      sx += s.depth / n;
      sy += s.value / n;
    }
    for (const Setting& s : list) {
      sxx += (s.depth - sx) * (s.depth - sx);
      sxy += (s.depth - sx) * (s.value - sy);
    }
    const double slope = sxy / sxx;
    for (const Setting& s : list) {
      const double residual = std::abs(s.value - sy - slope * (s.depth - sx));
      if (m.value && residual <= *m.value) continue;
      // A residual is a sum of all values with weights delta_ij - h_ij: a zero that is common cancels, and so does a
      // scale, which is in proportion to the depth.
      std::vector<WeightedBudget> terms;
      for (const Setting& other : list) {
        const double weight = (&other == &s ? 1.0 : 0.0) - 1 / n - (s.depth - sx) * (other.depth - sx) / sxx;
        terms.push_back({weight, other.budget});
      }
      m.value = residual;
      m.n = list.size();
      m.budget = budget_of_sum(terms);
    }
  }
  if (!m.value) {
    if (most_depths == 0) return;
    m.note = "fewer than three depths at one rate";
  }
  finish(m);
  out.push_back(std::move(m));
}

void add_depth_hysteresis(const std::map<double, std::vector<Setting>>& rates, std::vector<Measurement>& out) {
  Measurement m = run_measurement("depth_hysteresis", "mm");
  for (const auto& [rate, list] : rates) {
    for (const Setting& up : list) {
      for (const Setting& down : list) {
        if (up.direction != 1 || down.direction != -1 || up.depth != down.depth) continue;
        const double difference = std::abs(up.value - down.value);
        if (m.value && difference <= *m.value) continue;
        m.value = difference;
        m.n = 2;
        m.budget = budget_of_sum(std::vector<WeightedBudget>{{1, up.budget}, {-1, down.budget}});
      }
    }
  }
  if (!m.value) return;
  finish(m);
  out.push_back(std::move(m));
}

void add_droop(const std::vector<PhaseRecord>& phases, std::vector<Measurement>& out) {
  Measurement m = run_measurement("rate_droop", "%");
  bool free_run = false;
  for (const PhaseRecord& free : phases) {
    if (superseded(free, phases)) continue;
    if (free.kind != "free-run" || !free.depth_mm || !free.rate_per_min) continue;
    const Measurement* unloaded = find(free, "stroke_rate");
    if (unloaded == nullptr) continue;
    free_run = true;
    for (const PhaseRecord& setting : phases) {
      if (superseded(setting, phases)) continue;
      if (setting.kind != "setting" || setting.depth_mm != free.depth_mm || setting.rate_per_min != free.rate_per_min)
        continue;
      const Measurement* loaded = find(setting, "stroke_rate");
      if (loaded == nullptr) continue;
      const double droop = 100 * (*unloaded->value - *loaded->value) / *unloaded->value;
      if (m.value && droop <= *m.value) continue;
      m.value = droop;
      m.depth_mm = free.depth_mm;
      m.rate_per_min = free.rate_per_min;
      m.n = 2;
      // Derivatives of 100 (1 - loaded/free): the time base is common to both, and cancels.
      const double by_loaded = -100 / *unloaded->value;
      const double by_free = 100 * *loaded->value / (*unloaded->value * *unloaded->value);
      m.budget = budget_of_sum(std::vector<WeightedBudget>{{by_loaded, &loaded->budget}, {by_free, &unloaded->budget}});
    }
  }
  if (!free_run) return;
  if (!m.value) m.note = "no setting has the depth and rate of the free run";
  finish(m);
  out.push_back(std::move(m));
}

}  // namespace

std::vector<Measurement> run_level(std::vector<PhaseRecord>& phases, std::optional<double> thermal_growth_mm) {
  std::vector<Measurement> out;
  if (thermal_growth_mm) {
    add_growth(phases, *thermal_growth_mm);
    Measurement m = run_measurement("thermal_growth", "mm");
    m.value = *thermal_growth_mm;
    double squares = 0;
    int references = 0;
    for (const PhaseRecord& phase : phases) {
      const auto u = phase.values.find("needle_zero_u_um");
      if (phase.kind != "reference" || u == phase.values.end()) continue;
      squares += u->second * u->second * 1e-6;
      ++references;
    }
    // The sequencer leaves each reference's own uncertainty in its phase; without it a micrometre stands for it.
    m.budget = {normal_line("reference zeros", references >= 2 ? std::sqrt(squares) : 1e-3)};
    finish(m);
    out.push_back(std::move(m));
  }
  const auto rates = settings_by_rate(phases);
  add_linearity(rates, out);
  add_depth_hysteresis(rates, out);
  add_droop(phases, out);
  return out;
}

}  // namespace penrig
