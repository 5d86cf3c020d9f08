#include "rig/calibrate/filed.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/measure/corrections.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

bool newer(const Calibration& a, const Calibration& b) { return a.date.days >= b.date.days; }

/// The newest of those for which `counts` holds; of one date the one that was filed later. nullptr: none.
template <class Counts>
const Calibration* newest(const std::vector<Calibration>& filed, std::string_view target, Counts counts) {
  const Calibration* best = nullptr;
  for (const Calibration& c : filed) {
    if (c.target == target && counts(c) && (best == nullptr || newer(c, *best))) best = &c;
  }
  return best;
}

/// "penrig calibrate encoder --of stage --points FILE --fixture BENCH-2"
std::string calibrate_command(std::string_view target, const std::string& fixture_id) {
  const std::size_t colon = target.find(':');
  const std::string of = colon == std::string_view::npos ? "" : fmt::format(" --of {}", target.substr(colon + 1));
  return fmt::format("penrig calibrate {}{} --points FILE --fixture {} ...", target.substr(0, colon), of, fixture_id);
}

/// With what of u is the reference standard's, which other factors may have in common: of several standards the one
/// that contributes most, for a factor names one. The others' parts stay with its own.
Factor filed_factor(const CalibrationEvaluation& e) {
  constexpr std::string_view kStandard = "reference standard ";
  Factor factor{e.value, *e.u, e.nu};
  for (const BudgetLine& line : e.budget) {
    if (!line.source.starts_with(kStandard) || !(line.u > factor.u_standard)) continue;
    factor.u_standard = std::min(line.u, factor.u);
    factor.standard = line.source.substr(kStandard.size());
  }
  return factor;
}

/// The evaluation is plausible.
void put_in_place(Calibrations& calibrations, const CalibrationTarget& target, const CalibrationEvaluation& e) {
  if (target.kind == CalibrationKind::cell_response) return replace_cell_response(calibrations, *cell_response_of(e));
  replace_factor(calibrations, target, filed_factor(e));
}

/// A trial on a simulation takes the place of nothing that was made on a real rig.
bool takes_the_place(const Calibration& later, bool of_simulated) { return of_simulated || !later.simulated; }

/// Of this fixture; or of another one, but real or simulated as this rig is: a name that was written wrong. Trials on a
/// simulation do not hold up a real rig, nor does a real rig's past a trial.
bool concerns(const Calibration& c, const RigDescription& rig) {
  return c.fixture_id == rig.calibrations.fixture_id || c.simulated == rig.simulated;
}

/// ", and C-000001 of 2026-01-01 does not do in its place": the newest that this one took the place of; empty if none.
std::string superseded_text(const std::vector<Calibration>& filed, const Calibration& by, const RigDescription& rig) {
  if (by.fixture_id != rig.calibrations.fixture_id) return "";
  const Calibration* before = newest(filed, by.target, [&](const Calibration& c) {
    return &c != &by && c.fixture_id == by.fixture_id && takes_the_place(by, c.simulated) &&
           c.date.days <= by.date.days;
  });
  if (before == nullptr) return "";
  return fmt::format(", and {} of {} does not do in its place", before->id, before->date.text);
}

/// What to do about one that is newer than the description, and not in force.
std::string remedy(const Calibration& c, const RigDescription& rig) {
  std::string text = fmt::format("calibrate it ({}), or enter a newer certificate into the description",
                                 calibrate_command(c.target, rig.calibrations.fixture_id));
  if (c.fixture_id != rig.calibrations.fixture_id) {
    text += fmt::format("; the calibrations of {} may have a record store of their own (--records)", c.fixture_id);
  }
  return text;
}

}  // namespace

std::string why_not_plausible(const CalibrationTarget& target, const CalibrationEvaluation& e,
                              const RigDescription& rig) {
  const std::string gives = fmt::format("{} = {}", target.factor, number_text(e.value));
  if (!lies_in(target.range, e.value)) {
    return fmt::format("{}, which must be {} (wrong unit or sign?): calibrate it anew ({})", gives,
                       range_text(target.factor, target.range),
                       calibrate_command(target.name, rig.calibrations.fixture_id));
  }
  if (target.kind == CalibrationKind::cell_response) {
    if (const auto response = cell_response_of(e); !response)
      return fmt::format("{}, and {}: calibrate it anew ({})", gives, response.error().message,
                         calibrate_command(target.name, rig.calibrations.fixture_id));
  }
  const bool scale = target.kind == CalibrationKind::load_cell || target.kind == CalibrationKind::encoder;
  const double described = factor_of(rig.calibrations, target).value;
  if (scale && !(e.value > described / 2 && e.value < described * 2)) {
    return fmt::format("{}, and the description of rig '{}' says {}: one of them is wrong (a unit?)", gives, rig.name,
                       number_text(described));
  }
  return "";
}

std::string why_not_in_force(const Calibration& c, const RigDescription& rig, const CivilDate& today) {
  const std::string what = fmt::format("{} ({})", c.id, c.target);
  if (c.fixture_id != rig.calibrations.fixture_id) {
    return fmt::format("{} belongs to fixture {}, and this rig is {}", what, c.fixture_id, rig.calibrations.fixture_id);
  }
  if (c.simulated && !rig.simulated) return fmt::format("{} was made on a simulation, and this rig is real", what);
  if (c.date.days > today.days) {
    return fmt::format("{} is dated {}, and today is {} (is the clock of this machine right?)", what, c.date.text,
                       today.text);
  }
  if (c.due.days < today.days) {
    return fmt::format("{} was due on {}, and today is {}", what, c.due.text, today.text);
  }
  if (!c.evaluation.u || !(*c.evaluation.u > 0) || !std::isfinite(*c.evaluation.u) ||
      !std::isfinite(c.evaluation.value)) {
    return fmt::format("{} has no uncertainty, because a reference standard had none", what);
  }
  return "";
}

bool is_superseded(const std::vector<Calibration>& filed, std::size_t index) {
  const Calibration& c = filed.at(index);
  for (std::size_t i = 0; i < filed.size(); ++i) {
    const Calibration& other = filed[i];
    const bool later = other.date.days > c.date.days || (other.date.days == c.date.days && i > index);
    if (later && other.target == c.target && other.fixture_id == c.fixture_id && takes_the_place(other, c.simulated))
      return true;
  }
  return false;
}

Result<CalibrationChoice> apply_filed(const RigDescription& rig, const std::vector<Calibration>& filed,
                                      const CivilDate& today) {
  CalibrationChoice choice;
  choice.calibrations = rig.calibrations;
  const std::string& fixture = rig.calibrations.fixture_id;
  std::string refused;
  const auto refuse = [&](const std::string& why) { refused += (refused.empty() ? "" : "; ") + why; };
  for (const CalibrationTarget& target : calibration_targets()) {
    const bool required = std::ranges::find(rig.calibrations.required, target.name) != rig.calibrations.required.end();
    // The newest of this fixture, and no other: one that it took the place of is known to be old, and going back to it
    // in silence would hide the clock, the date or the standard that is wrong.
    const Calibration* c = newest(filed, target.name, [&](const Calibration& one) {
      return one.fixture_id == fixture && takes_the_place(one, rig.simulated);
    });
    if (c != nullptr && why_not_in_force(*c, rig, today).empty()) {
      if (const std::string why = why_not_plausible(target, c->evaluation, rig); !why.empty()) {
        refuse(fmt::format("{} ({}) gives {}", c->id, c->target, why));
        continue;
      }
      put_in_place(choice.calibrations, target, c->evaluation);
      if (c->temperature_c) refer_to_temperature(choice.calibrations, target.factor, *c->temperature_c);
      choice.used.push_back(*c);
      continue;
    }
    const Calibration* ours =
        c != nullptr ? c
                     : newest(filed, target.name, [&](const Calibration& one) { return one.fixture_id == fixture; });
    if (required) {
      const Calibration* any = ours ? ours : newest(filed, target.name, [](const Calibration&) { return true; });
      const std::string found =
          any ? why_not_in_force(*any, rig, today) + superseded_text(filed, *any, rig) : "none was ever filed here";
      refuse(fmt::format("rig '{}' requires a filed {} calibration of {}, and {}: calibrate it ({})", rig.name,
                         target.name, fixture, found, calibrate_command(target.name, fixture)));
      continue;
    }
    // Somebody found out later than the description what this factor is, and that cannot be taken: the description's
    // value is known to be old, and going back to it in silence would hide the clock, the date or the name that is
    // wrong.
    const auto later_than_described = [&](const Calibration& one) {
      return one.date.days >= rig.calibrations.head.date.days;
    };
    const Calibration* later =
        ours != nullptr && later_than_described(*ours) ? ours : newest(filed, target.name, [&](const Calibration& one) {
          return concerns(one, rig) && later_than_described(one);
        });
    if (later != nullptr) {
      refuse(
          fmt::format("{}{}; the description of rig '{}' is no newer (certificate {} of {}), so its {} does not do: {}",
                      why_not_in_force(*later, rig, today), superseded_text(filed, *later, rig), rig.name,
                      rig.calibrations.head.id, rig.calibrations.head.date.text, target.factor, remedy(*later, rig)));
    } else if (ours != nullptr) {
      choice.passed_over.push_back(why_not_in_force(*ours, rig, today));
    }
  }
  if (!refused.empty()) return fail(Errc::calibration, refused);
  return choice;
}

}  // namespace penrig
