#include "reports/html/run_view.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "reports/verdict_word.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::html {
namespace {

bool same_setting(const Measurement& m, const SettingView& s) {
  return m.depth_mm && m.rate_per_min && *m.depth_mm == s.depth_mm && *m.rate_per_min == s.rate_per_min;
}

bool worse(const Decision& a, const Decision& b) {
  return a.verdict != b.verdict ? b.verdict < a.verdict : a.used > b.used;
}

/// A repeated phase replaces the attempt before it.
std::vector<const PhaseRecord*> last_attempts(const std::vector<PhaseRecord>& phases) {
  std::vector<const PhaseRecord*> kept;
  for (const PhaseRecord& phase : phases) {
    if (!is_setting(phase) || !phase.depth_mm || !phase.rate_per_min) continue;
    if (phase.attempt > 1 && !kept.empty() && kept.back()->name == phase.name) kept.pop_back();
    kept.push_back(&phase);
  }
  return kept;
}

}  // namespace

bool is_setting(const PhaseRecord& phase) { return phase.kind == "setting" || phase.kind == "soak"; }

std::string title_of(const Measurement& m) {
  if (m.measurand.starts_with(kAnswerPrefix)) return m.measurand.substr(kAnswerPrefix.size());
  const MeasurandInfo* info = find_measurand(m.measurand);
  std::string title = info == nullptr ? m.measurand : std::string(info->title);
  if (info == nullptr) std::replace(title.begin(), title.end(), '_', ' ');
  return m.link == PenLink::ble ? title + " over BLE" : title;
}

const Measurement* SettingView::find(std::string_view measurand) const {
  const auto found = std::find_if(measurements.begin(), measurements.end(),
                                  [&](const Measurement* m) { return m->measurand == measurand; });
  return found == measurements.end() ? nullptr : *found;
}

RunView::RunView(const RunRecord& record)
    : run(record), verdict(counted_verdict(record)), word(verdict_word(record)), void_word(void_mark(record)) {
  std::map<std::pair<double, double>, std::size_t> seen;
  for (const PhaseRecord* phase : last_attempts(record.phases)) {
    SettingView s;
    s.phase = phase;
    s.depth_mm = *phase->depth_mm;
    s.rate_per_min = *phase->rate_per_min;
    s.verdict = phase->verdict;
    // Only a capture that gave numbers takes its place in the order of the outcome's measurements.
    s.occurrence = phase->measurements.empty() ? static_cast<std::size_t>(-1) : seen[{s.depth_mm, s.rate_per_min}]++;
    s.name = format_setting(s.depth_mm, s.rate_per_min, " at ");
    strokes += phase->strokes.size();
    settings.push_back(std::move(s));
  }
  for (SettingView& s : settings) {
    if (seen[{s.depth_mm, s.rate_per_min}] > 1 && s.occurrence != static_cast<std::size_t>(-1)) {
      s.name += fmt::format(", capture {}", s.occurrence + 1);
    }
  }

  // The outcome's measurements are the ones that decisions refer to; the k-th of a measurand at a setting belongs to
  // the k-th capture of that setting.
  const auto& all = record.outcome.measurements;
  std::vector<std::optional<std::size_t>> owner(all.size());
  std::map<std::tuple<std::string, std::optional<PenLink>, double, double>, std::size_t> nth;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].depth_mm || !all[i].rate_per_min) continue;
    const std::size_t k = nth[{all[i].measurand, all[i].link, *all[i].depth_mm, *all[i].rate_per_min}]++;
    for (std::size_t s = 0; s < settings.size(); ++s) {
      if (!same_setting(all[i], settings[s]) || settings[s].occurrence != k) continue;
      owner[i] = s;
      settings[s].measurements.push_back(&all[i]);
    }
  }
  for (SettingView& s : settings) {
    for (const Measurement& m : s.phase->measurements) {
      if (s.find(m.measurand) == nullptr) s.measurements.push_back(&m);
    }
  }

  const auto& decisions = record.outcome.decisions;
  setting_of.resize(decisions.size());
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& d = decisions[i];
    auto r = std::find_if(requirements.begin(), requirements.end(),
                          [&](const auto& known) { return known.id == d.requirement_id; });
    if (r == requirements.end()) {
      r = requirements.insert(requirements.end(), {d.requirement_id, d.title, {}, i, false});
    }
    r->decisions.push_back(i);
    if (worse(d, decisions[r->nearest])) r->nearest = i;
    if (d.measurement < owner.size()) setting_of[i] = owner[d.measurement];
    if (setting_of[i]) {
      SettingView& s = settings[*setting_of[i]];
      s.decisions.push_back(i);
      s.verdict = s.decisions.size() == 1 ? worst(s.phase->verdict, d.verdict) : worst(s.verdict, d.verdict);
    }
  }
  for (RequirementView& r : requirements) {
    const auto placed =
        std::count_if(r.decisions.begin(), r.decisions.end(), [&](std::size_t d) { return setting_of[d].has_value(); });
    r.per_setting = placed > 0 && static_cast<std::size_t>(placed) == r.decisions.size();
  }
  if (record.outcome.deciding && *record.outcome.deciding < decisions.size()) deciding = record.outcome.deciding;
  if (deciding && setting_of[*deciding]) {
    shown_setting = *setting_of[*deciding];
  } else {
    show_worst_setting();
  }
}

void RunView::show_worst_setting() {
  const auto bad = std::max_element(settings.begin(), settings.end(),
                                    [](const auto& a, const auto& b) { return a.verdict < b.verdict; });
  if (bad == settings.end()) return;
  shown_setting = static_cast<std::size_t>(bad - settings.begin());
  // Among settings of one verdict the depth nearest to its limit says most.
  double most = 0;
  for (std::size_t i = 0; i < run.outcome.decisions.size(); ++i) {
    const Decision& d = run.outcome.decisions[i];
    const Measurement* m = measured(d);
    if (!setting_of[i] || m == nullptr || !m->interval || settings[*setting_of[i]].verdict != bad->verdict) continue;
    if (d.used > most) {
      most = d.used;
      shown_setting = *setting_of[i];
    }
  }
}

const Measurement* RunView::measured(const Decision& d) const {
  return d.measurement < run.outcome.measurements.size() ? &run.outcome.measurements[d.measurement] : nullptr;
}

std::size_t RunView::count(Verdict v) const {
  return static_cast<std::size_t>(std::count_if(run.outcome.decisions.begin(), run.outcome.decisions.end(),
                                                [&](const Decision& d) { return d.verdict == v; }));
}

const RequirementView* RunView::requirement_on(std::string_view measurand) const {
  for (const RequirementView& r : requirements) {
    const Measurement* m = measured(run.outcome.decisions[r.decisions.front()]);
    if (m != nullptr && m->measurand == measurand) return &r;
  }
  return nullptr;
}

std::string RunView::place(std::size_t decision, std::string_view between) const {
  if (setting_of[decision]) {
    const SettingView& s = settings[*setting_of[decision]];
    const std::size_t capture = s.name.find(", capture");
    return format_setting(s.depth_mm, s.rate_per_min, between) +
           (capture == std::string::npos ? "" : s.name.substr(capture));
  }
  const Measurement* m = measured(run.outcome.decisions[decision]);
  return m == nullptr ? "" : format_setting(m->depth_mm, m->rate_per_min, between);
}

}  // namespace penrig::html
