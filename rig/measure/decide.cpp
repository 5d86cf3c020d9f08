#include "rig/measure/decide.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "rig/measure/conformity.hpp"
#include "rig/measure/decision_text.hpp"
#include "rig/measure/more_strokes.hpp"
#include "rig/measure/probability.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

using text::fixed;
using text::shortest;

/// The limits as numbers at this setting.
struct Limits {
  std::optional<double> lower, upper, centre;  ///< centre: the setting, for tolerances
  double tolerance = 0;
  bool stated = false;
  bool about_setting = false;  ///< nothing but the tolerance limits it
};

bool resolve(const Requirement& requirement, const Measurement& m, Limits& limits, std::string& why) {
  const Limit& l = requirement.limit;
  if (l.tolerance || l.tolerance_percent) {
    const SettingReference reference = requirement.measurand->reference;
    const std::optional<double> setting = reference == SettingReference::depth_mm       ? m.depth_mm
                                          : reference == SettingReference::rate_per_min ? m.rate_per_min
                                                                                        : std::nullopt;
    if (!setting || !std::isfinite(*setting)) {
      why = "the tolerance holds about a setting, and this measurement belongs to none";
      return false;
    }
    limits.centre = setting;
    limits.tolerance = l.tolerance ? *l.tolerance : std::abs(*setting) * *l.tolerance_percent / 100;
    if (l.tolerance && l.tolerance_percent) {
      limits.tolerance = std::min(limits.tolerance, std::abs(*setting) * *l.tolerance_percent / 100);
    }
    limits.lower = *setting - limits.tolerance;
    limits.upper = *setting + limits.tolerance;
    limits.stated = std::isfinite(limits.tolerance) && limits.tolerance >= 0;
  }
  if (l.min) limits.lower = limits.lower ? std::max(*limits.lower, *l.min) : *l.min;
  if (l.max) limits.upper = limits.upper ? std::min(*limits.upper, *l.max) : *l.max;
  if (l.min || l.max) limits.stated = true;
  limits.about_setting = limits.centre && !l.min && !l.max;
  const bool finite =
      (!limits.lower || std::isfinite(*limits.lower)) && (!limits.upper || std::isfinite(*limits.upper));
  if (!limits.stated || !finite || (limits.lower && limits.upper && *limits.lower > *limits.upper)) {
    why = "the requirement states no limit that can be held against a number";
    return false;
  }
  return true;
}

std::string limit_text(const Requirement& requirement, const Limits& limits) {
  const Limit& l = requirement.limit;
  const int decimals = requirement.measurand->decimals;
  if (l.tolerance) return fmt::format("{} ± {}", shortest(*limits.centre), fixed(*l.tolerance, decimals));
  if (l.tolerance_percent) return fmt::format("{} ± {} %", shortest(*limits.centre), shortest(*l.tolerance_percent));
  const auto number = [&](double v) { return requirement.measurand->exact_count ? shortest(v) : fixed(v, decimals); };
  if (limits.lower && limits.upper) {
    if (*limits.lower == *limits.upper) return "= " + number(*limits.upper);
    return number(*limits.lower) + " … " + number(*limits.upper);
  }
  if (limits.upper && requirement.measurand->exact_count && *limits.upper == 0) return "= 0";  // no count is below
  return limits.upper ? "≤ " + number(*limits.upper) : "≥ " + number(*limits.lower);
}

/// Share of a one-sided limit that is used; 1 at the limit, rising towards it from inside and beyond it.
double used_of_upper(double x, double limit) {
  if (x > limit) return 1 + (x - limit) / (limit != 0 ? std::abs(limit) : 1);
  if (limit > 0) return std::max(x, 0.0) / limit;
  return x != 0 ? limit / x : 0;
}
double used_of(const Limits& limits, double low, double high) {
  if (limits.lower && limits.upper) {
    const double middle = (*limits.lower + *limits.upper) / 2, half = (*limits.upper - *limits.lower) / 2;
    const double distance = std::max(high - middle, middle - low);
    return half > 0 ? distance / half : (distance > 0 ? 1 + distance : 0);
  }
  return limits.upper ? used_of_upper(high, *limits.upper) : used_of_upper(-low, -*limits.lower);
}

bool inside(const Limits& limits, double low, double high) {
  return (!limits.upper || high <= *limits.upper) && (!limits.lower || low >= *limits.lower);
}
bool outside(const Limits& limits, double low, double high) {
  return (limits.upper && low > *limits.upper) || (limits.lower && high < *limits.lower);
}

Decision error(Decision d, std::string why) {
  d.verdict = Verdict::error;
  d.reason = std::move(why);
  d.used = 0;
  return d;
}

double rounded(double value, int decimals) {
  return std::strtod(fmt::format("{:.{}f}", value, decimals).c_str(), nullptr);
}

/// Decimals of the terms before a sum of so many: more than its own where, rounded like it, they would not add up to
/// it. added: the terms rounded to so many decimals, added up.
template <class Added>
int decimals_of_terms(int decimals, double sum, const Added& added) {
  constexpr int kMoreMax = 3;
  int more = 0;
  while (more < kMoreMax && fixed(added(decimals + more), decimals) != fixed(sum, decimals)) ++more;
  return decimals + more;
}

void judge_text(const Requirement& requirement, const Measurement& m, Decision& d) {
  const std::vector<std::string>& allowed = requirement.limit.allowed;
  for (const std::string& a : allowed) d.limit_text += (d.limit_text.empty() ? "" : ", ") + a;
  if (allowed.empty()) {
    d.reason = "the requirement allows no text at all";
    return;
  }
  if (m.text_value.empty()) {
    d.reason = m.note.empty() ? "nothing was read" : m.note;
    return;
  }
  const bool fits = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& a) {
    if (!a.empty() && a.back() == '*') return m.text_value.starts_with(std::string_view(a).substr(0, a.size() - 1));
    return m.text_value == a;
  });
  d.rule = fmt::format("{} is {}one of: {}", m.text_value, fits ? "" : "not ", d.limit_text);
  d.verdict = fits ? Verdict::pass : Verdict::fail;
  d.used = fits ? 0 : 1;
  if (!fits) d.reason = fmt::format("'{}' is not among the allowed ({})", m.text_value, d.limit_text);
}

void judge_count(const Limits& limits, const Measurement& m, Decision& d) {
  const double value = *m.value;
  d.used = used_of(limits, value, value);
  const bool fits = inside(limits, value, value);
  d.rule = fmt::format("{} {} {}", shortest(value), fits ? "meets" : "does not meet", d.limit_text);
  d.verdict = fits ? Verdict::pass : Verdict::fail;
  if (!fits) d.reason = fmt::format("{} counted, {} allowed", shortest(value), d.limit_text);
  if (fits && m.censored_high && limits.upper) {
    d.verdict = Verdict::indeterminate;
    d.reason = fmt::format("at least {} counted, and the count was not over", shortest(value));
  }
}

/// Value with guard band; asymmetric intervals have a guard of their own on each side.
void judge_value(const Limits& limits, const MeasurandInfo& info, const Measurement& m, double r, bool simple,
                 Decision& d) {
  const double value = *m.value;
  const double above = m.high ? std::max(*m.high - value, 0.0) : m.expanded_u;
  const double below = m.low ? std::max(value - *m.low, 0.0) : m.expanded_u;
  const double high = value + r * above, low = value - r * below;
  d.guard_band = r * std::max(above, below);
  const Bounds bounds{limits.lower, limits.upper};
  const double floor = info.not_negative ? 0 : kNoFloor;
  d.conformity = conformity_of_value(m, bounds, floor);
  d.false_acceptance_max = false_acceptance_of_value(m, bounds, r, floor);
  d.used = used_of(limits, low, high);
  const int decimals = text::decimals_for(std::max({m.expanded_u, above, below}));
  const auto n = [decimals](double v) { return fixed(v, decimals); };
  const std::string unit = m.unit == "1" ? "" : " " + m.unit;
  const std::string u = simple ? "" : r == 1 ? " + U" : fmt::format(" + {}·U", shortest(r));
  // "0.356 + 0.046", the second without its sign.
  const auto terms = [&](double first, double second, const char* sign) {
    const auto added = [&](int at) { return rounded(first, at) + rounded(second, at); };
    const int at = decimals_of_terms(decimals, first + second, added);
    return fixed(first, at) + (simple ? "" : sign + fixed(std::abs(second), at));
  };
  if (m.censored_high && limits.upper) {
    d.rule = fmt::format("value ≥ {}{} of {}{}", n(value), unit, n(*limits.upper), unit);
  } else if (limits.about_setting) {
    const double off = std::abs(value - *limits.centre), w = r * std::max(above, below);
    d.rule = fmt::format("|value − setting|{} = {} = {}{} of {}{}", u, terms(off, w, " + "), n(off + w), unit,
                         n(limits.tolerance), unit);
  } else if (limits.upper && (!limits.lower || high - *limits.upper >= *limits.lower - low)) {
    d.rule = fmt::format("value{} = {} = {}{} of {}{}", u, terms(value, high - value, " + "), n(high), unit,
                         n(*limits.upper), unit);
  } else {
    const std::string minus = simple ? "" : r == 1 ? " − U" : fmt::format(" − {}·U", shortest(r));
    d.rule = fmt::format("value{} = {} = {}{}, at least {}{}", minus, terms(value, low - value, " − "), n(low), unit,
                         n(*limits.lower), unit);
  }
  const std::string seen = fmt::format("{}{}", n(value), unit);
  if (outside(limits, low, high)) {
    d.verdict = Verdict::fail;
    d.reason = simple ? fmt::format("{} lies outside {}", seen, d.limit_text)
                      : fmt::format("{} lies outside {} by more than its uncertainty", seen, d.limit_text);
  } else if (inside(limits, low, high) && !(m.censored_high && limits.upper)) {
    d.verdict = Verdict::pass;
  } else {
    d.verdict = Verdict::indeterminate;
    d.reason = m.censored_high
                   ? fmt::format("at least {}, and it had not ended when watching ended", seen)
                   : fmt::format("{} lies nearer to a limit of {} than its uncertainty", seen, d.limit_text);
    const bool of_strokes = !m.budget.empty() || (m.depth_mm && (m.low || m.high));
    if (!m.censored_high && of_strokes && r > 0) {
      const double to_upper = limits.upper ? std::abs(value - *limits.upper) : 1e300;
      const double to_lower = limits.lower ? std::abs(value - *limits.lower) : 1e300;
      d.reason += in_words(strokes_to_decide(m, std::min(to_upper, to_lower), r));
    }
  }
  if (m.censored_high && limits.upper) {
    d.used = std::max(d.used, 1.0);
    if (value > *limits.upper) {  // the true value is larger still
      d.verdict = Verdict::fail;
      d.reason =
          fmt::format("at least {}, and it had not ended when watching ended; {} is allowed", seen, d.limit_text);
    }
  }
}

/// Strokes that lie beyond a limit by more than their own U.
struct Beyond {
  std::uint64_t count = 0;
  double farthest = 0;  ///< the value of the one that lies farthest beyond
  double inside = 1;    ///< probability that this one lies inside after all
};
Beyond strokes_beyond(const Limits& limits, std::span<const StrokeRow> strokes, double StrokeRow::*depth) {
  Beyond found;
  double most = 0;
  for (const StrokeRow& row : strokes) {
    const double value = row.*depth;
    const double beyond =
        std::max(limits.upper ? value - *limits.upper : -1e300, limits.lower ? *limits.lower - value : -1e300);
    if (!(beyond > 2 * row.u_penetration_mm)) continue;
    ++found.count;
    if (beyond > most) {
      most = beyond;
      found.farthest = value;
      found.inside = row.u_penetration_mm > 0 ? to_ten_digits(normal_above(beyond / row.u_penetration_mm)) : 0;
    }
  }
  return found;
}

/// The strokes conform no more likely than the one that was seen outside.
void limit_conformity(const Beyond& beyond, Decision& d) {
  d.conformity = std::min(d.conformity.value_or(1), beyond.inside);
}

/// The rule for every stroke: tolerance interval of the strokes, plus what is systematic.
void judge_strokes(const Requirement& requirement, const Limits& limits, Measurement& m,
                   std::span<const StrokeRow> strokes, double r, bool simple, Decision& d) {
  const ToleranceInterval& t = *m.interval;
  const double w = r * t.u_sys;
  d.guard_band = w;
  const Bounds bounds{limits.lower, limits.upper};
  d.conformity = conformity_of_strokes(t, m.n_eff, bounds);
  d.false_acceptance_max = false_acceptance_of_strokes(t, m.n_eff, bounds, r);
  const double spread = t.k_factor * t.s, least = t.k_factor_low * t.s;
  const double low = t.mean - spread - w, high = t.mean + spread + w;
  d.used = used_of(limits, low, high);
  // The side that is nearer to its limit speaks.
  const double over_upper = limits.upper ? t.mean - *limits.upper : -std::numeric_limits<double>::infinity();
  const double over_lower = limits.lower ? *limits.lower - t.mean : -std::numeric_limits<double>::infinity();
  const bool up = over_upper >= over_lower;
  const int decimals = text::decimals_for(std::max(t.u_sys, m.expanded_u));
  const auto n = [decimals](double v) { return fixed(v, decimals); };
  const std::string u = simple ? "" : r == 1 ? " + U_sys" : fmt::format(" + {}·U_sys", shortest(r));
  // "0.0254 + 2.86 × 0.0214 + 0.0058", or taken away from the mean.
  const auto terms = [&](double first, int sign) {
    constexpr int kOfFactor = 2;
    const auto added = [&](int at) {
      const int of_factor = kOfFactor + at - decimals;
      return rounded(first, at) + sign * (rounded(t.k_factor, of_factor) * rounded(t.s, at) + rounded(w, at));
    };
    const int at = decimals_of_terms(decimals, first + sign * (spread + w), added);
    const char* const plus = sign > 0 ? " + " : " − ";
    return fixed(first, at) + plus + fixed(t.k_factor, kOfFactor + at - decimals) + " × " + fixed(t.s, at) +
           (simple ? "" : plus + fixed(w, at));
  };
  if (limits.about_setting) {
    const double off = std::abs(t.mean - *limits.centre);
    d.rule = fmt::format("|mean − setting| + k_T·s{} = {} = {} {} of {} {}", u, terms(off, 1), n(off + spread + w),
                         m.unit, n(limits.tolerance), m.unit);
  } else if (up) {
    d.rule = fmt::format("mean + k_T·s{} = {} = {} {} of {} {}", u, terms(t.mean, 1), n(high), m.unit, n(*limits.upper),
                         m.unit);
  } else {
    d.rule = fmt::format("mean − k_T·s{} = {} = {} {}, at least {} {}",
                         simple   ? ""
                         : r == 1 ? " − U_sys"
                                  : fmt::format(" − {}·U_sys", shortest(r)),
                         terms(t.mean, -1), n(low), m.unit, n(*limits.lower), m.unit);
  }

  const bool extension = requirement.measurand->id.starts_with("extension");
  const Beyond beyond =
      strokes_beyond(limits, strokes, extension ? &StrokeRow::extension_mm : &StrokeRow::penetration_mm);
  m.strokes_beyond = beyond.count;
  if (m.strokes_beyond > 0) {
    d.verdict = Verdict::fail;
    d.used = std::max(d.used, used_of(limits, beyond.farthest, beyond.farthest));
    limit_conformity(beyond, d);
    d.reason = fmt::format("{} of {} strokes beyond {} by more than their U; the farthest {} {}", m.strokes_beyond,
                           strokes.size(), d.limit_text, n(beyond.farthest), m.unit);
  } else if (inside(limits, low, high)) {
    d.verdict = Verdict::pass;
  } else if ((limits.upper && t.mean + least - w > *limits.upper) ||
             (limits.lower && t.mean - least + w < *limits.lower)) {
    d.verdict = Verdict::fail;
    d.reason = fmt::format("no stroke beyond {}, but 99 % of strokes cannot lie inside: mean {} {}, s {} {}",
                           d.limit_text, n(t.mean), m.unit, n(t.s), m.unit);
  } else {
    d.verdict = Verdict::indeterminate;
    const double room =
        std::min(limits.upper ? *limits.upper - w - t.mean : 1e300, limits.lower ? t.mean - w - *limits.lower : 1e300);
    d.reason =
        fmt::format("no stroke beyond {}, but {} strokes do not show that 99 % of them lie inside", d.limit_text, m.n) +
        in_words(strokes_to_decide(t, m.n_eff, static_cast<double>(m.n), room));
  }
}

}  // namespace

std::optional<LimitsAt> limits_at(const Requirement& requirement, std::optional<double> depth_mm,
                                  std::optional<double> rate_per_min) {
  if (requirement.measurand->text) return std::nullopt;
  Measurement at;
  at.depth_mm = depth_mm;
  at.rate_per_min = rate_per_min;
  Limits limits;
  std::string why;
  if (!resolve(requirement, at, limits, why)) return std::nullopt;
  return LimitsAt{limits.lower, limits.upper};
}

Decision decide(const Requirement& requirement, Measurement& m, std::span<const StrokeRow> strokes) {
  Decision d;
  d.requirement_id = requirement.id;
  d.title = requirement.title;
  if (requirement.measurand == nullptr) return error(std::move(d), "the requirement names no measurand");
  const MeasurandInfo& info = *requirement.measurand;
  if (info.id != m.measurand)
    return error(std::move(d), fmt::format("the requirement limits {}, not {}", info.id, m.measurand));
  if (info.text) {
    judge_text(requirement, m, d);
    return d;
  }
  const bool simple = requirement.limit.simple_acceptance;
  const double r = simple ? 0 : requirement.limit.guard_band_r;
  if (!(r >= 0) || !std::isfinite(r))
    return error(std::move(d), "the guard band's factor r must be a number of at least 0");
  Limits limits;
  std::string why;
  if (!resolve(requirement, m, limits, why)) return error(std::move(d), why);
  d.lower = limits.lower;
  d.upper = limits.upper;
  d.limit_text = limit_text(requirement, limits);
  if (!m.value) return error(std::move(d), m.note.empty() ? "it was not measured" : m.note);
  if (!std::isfinite(*m.value)) return error(std::move(d), "the measured value is not a number");
  if (info.exact_count) {
    judge_count(limits, m, d);
    return d;
  }
  const bool u_stated = m.expanded_u > 0 || m.low || m.high;
  const bool u_finite = std::isfinite(m.expanded_u) && m.expanded_u >= 0 && (!m.low || std::isfinite(*m.low)) &&
                        (!m.high || std::isfinite(*m.high));
  if (!u_stated || !u_finite) return error(std::move(d), "the measurement has no uncertainty, so it cannot be judged");
  if (!info.per_stroke) {
    judge_value(limits, info, m, r, simple, d);
    return d;
  }
  const bool whole = m.interval && std::isfinite(m.interval->mean) && std::isfinite(m.interval->s) &&
                     m.interval->s >= 0 && std::isfinite(m.interval->k_factor) && m.interval->k_factor > 0 &&
                     std::isfinite(m.interval->k_factor_low) && std::isfinite(m.interval->u_sys) &&
                     m.interval->u_sys > 0;
  if (!whole) return error(std::move(d), "the tolerance interval of the strokes is not there");
  if (strokes.empty()) return error(std::move(d), "the strokes behind the interval are not there");
  const bool rows_whole = std::all_of(strokes.begin(), strokes.end(), [](const StrokeRow& row) {
    return std::isfinite(row.extension_mm) && std::isfinite(row.penetration_mm) &&
           std::isfinite(row.u_penetration_mm) && row.u_penetration_mm >= 0;
  });
  if (!rows_whole) return error(std::move(d), "a stroke's depth is not a number");
  judge_strokes(requirement, limits, m, strokes, r, simple, d);
  return d;
}

void hold_strokes_in_air(const Requirement& requirement, const StrokesInAir& air, Decision& d) {
  if (d.verdict >= Verdict::fail || requirement.measurand == nullptr || !requirement.measurand->per_stroke) return;
  Measurement there;
  there.depth_mm = air.depth_mm;
  Limits limits;
  std::string why;
  if (!resolve(requirement, there, limits, why) || !limits.upper) return;
  const Limits both = limits;
  limits.lower.reset();  // the pen runs up and coasts here: a stroke that stays short says nothing
  const Beyond beyond = strokes_beyond(limits, air.strokes, &StrokeRow::extension_mm);
  if (beyond.count == 0) return;
  d.verdict = Verdict::fail;
  limit_conformity(beyond, d);
  d.used = std::max(d.used, used_of(both, beyond.farthest, beyond.farthest));
  d.reason = fmt::format("in air ({}), {} of {} strokes came out beyond {} {} by more than their U; the farthest {} {}",
                         air.phase, beyond.count, air.strokes.size(), fixed(*limits.upper, 3),
                         requirement.measurand->unit, fixed(beyond.farthest, 3), requirement.measurand->unit);
}

std::optional<std::size_t> deciding(std::span<const Decision> decisions) {
  std::optional<std::size_t> at;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (!at || decisions[i].verdict > decisions[*at].verdict ||
        (decisions[i].verdict == decisions[*at].verdict && decisions[i].used > decisions[*at].used)) {
      at = i;
    }
  }
  return at;
}

}  // namespace penrig
