#include "reports/statistics/gage_rr.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/variance_interval.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr int kDraws = 10000;

/// The mean squares that the variances are made of. interaction has no df where there is none.
struct MeanSquares {
  MeanSquare part, appraiser, interaction, error;
};

/// Variances of the sources; one that comes out negative is 0.
struct Variances {
  double repeatability = 0, appraiser = 0, interaction = 0, part = 0;
  double reproducibility() const { return appraiser + interaction; }
  double grr() const { return repeatability + reproducibility(); }
  double total() const { return grr() + part; }
};

enum class Model { crossed, pooled, nested };

/// The size of a study, as numbers.
struct Size {
  double p, o, r;
};

Variances variances_of(Model model, const Size& n, const MeanSquares& m) {
  const auto held = [](double v) { return std::max(0.0, v); };
  Variances v;
  v.repeatability = m.error.ms;
  if (model == Model::nested) {
    v.appraiser = held((m.appraiser.ms - m.part.ms) / (n.p * n.r));
    v.part = held((m.part.ms - m.error.ms) / n.r);
    return v;
  }
  const double below = model == Model::pooled ? m.error.ms : m.interaction.ms;
  if (model == Model::crossed) v.interaction = held((m.interaction.ms - m.error.ms) / n.r);
  v.appraiser = held((m.appraiser.ms - below) / (n.p * n.r));
  v.part = held((m.part.ms - below) / (n.o * n.r));
  return v;
}

/// What the generalised intervals are made of: the variances for mean squares divided by chi squared over df.
std::vector<Variances> draw(Model model, const Size& n, const MeanSquares& m) {
  Random random(1, "gage R&R");
  const auto again = [&](const MeanSquare& s) {
    return MeanSquare{s.df > 0 ? s.ms * s.df / draw_chi_squared(random, s.df) : 0, s.df};
  };
  std::vector<Variances> all;
  all.reserve(kDraws);
  for (int i = 0; i < kDraws; ++i) {
    const MeanSquares drawn{again(m.part), again(m.appraiser), again(m.interaction), again(m.error)};
    all.push_back(variances_of(model, n, drawn));
  }
  return all;
}

/// The middle 95 % of what `value` makes of the draws.
template <class Value>
Interval middle(const std::vector<Variances>& draws, Value value) {
  std::vector<double> all;
  all.reserve(draws.size());
  for (const Variances& v : draws) all.push_back(value(v));
  std::ranges::sort(all);
  return {quantile_of(all, 0.025), quantile_of(all, 0.975)};
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

Interval roots(Interval of_variance) { return {std::sqrt(of_variance.low), std::sqrt(of_variance.high)}; }

/// Makes the components of one study.
class Components {
 public:
  Components(Model model, const Size& n, const MeanSquares& m, std::optional<double> tolerance)
      : model_(model),
        n_(n),
        m_(m),
        tolerance_(tolerance),
        now_(variances_of(model, n, m)),
        draws_(draw(model, n, m)) {}

  template <class Value>
  GageComponent make(const char* name, Value value, const Interval& of_variance) const {
    GageComponent c;
    c.name = name;
    c.sd = {std::sqrt(value(now_)), roots(of_variance)};
    c.contribution = share(value(now_), now_.total());
    c.study_share = {std::sqrt(c.contribution),
                     middle(draws_, [&](const Variances& v) { return std::sqrt(share(value(v), v.total())); })};
    if (tolerance_) {
      const double scale = kStudyWidth / *tolerance_;
      c.tolerance_share = Estimate{scale * c.sd.value, {scale * c.sd.interval.low, scale * c.sd.interval.high}};
    }
    return c;
  }
  /// By the draws, where no closed interval is known: mean squares of both signs, more than two of them.
  template <class Value>
  GageComponent make(const char* name, Value value) const {
    return make(name, value, middle(draws_, value));
  }

  /// expectation of (S_O + (p - 1) S_below + p (r - 1) S_E) / (p r), and the same of all sources.
  Interval grr() const {
    const double pr = n_.p * n_.r;
    if (model_ == Model::pooled) return sum({{1 / pr, m_.appraiser}, {(pr - 1) / pr, m_.error}});
    return sum({{1 / pr, m_.appraiser}, {(n_.p - 1) / pr, m_.interaction}, {n_.p * (n_.r - 1) / pr, m_.error}});
  }
  Interval total() const {
    const double pr = n_.p * n_.r, por = pr * n_.o;
    if (model_ == Model::nested)
      return sum({{1 / pr, m_.appraiser}, {(n_.p - 1) / pr, m_.part}, {n_.p * (n_.r - 1) / pr, m_.error}});
    if (model_ == Model::pooled)
      return sum({{n_.p / por, m_.part}, {n_.o / por, m_.appraiser}, {(por - n_.p - n_.o) / por, m_.error}});
    return sum({{n_.p / por, m_.part},
                {n_.o / por, m_.appraiser},
                {(n_.p * n_.o - n_.p - n_.o) / por, m_.interaction},
                {n_.p * n_.o * (n_.r - 1) / por, m_.error}});
  }
  Interval repeatability(double confidence = 0.95) const {
    return interval_of_sum(std::array{WeightedMeanSquare{1, m_.error}}, confidence);
  }
  Interval part(double confidence = 0.95) const {
    if (model_ == Model::nested) return interval_of_difference(1 / n_.r, m_.part, m_.error, confidence);
    return interval_of_difference(1 / (n_.o * n_.r), m_.part, below(), confidence);
  }
  Interval appraiser() const {
    return interval_of_difference(1 / (n_.p * n_.r), m_.appraiser, model_ == Model::nested ? m_.part : below());
  }

  GageCategories categories() const {
    const auto exact = [](const Variances& v) {
      return v.grr() > 0 ? kCategories * std::sqrt(v.part / v.grr()) : kInfinite;
    };
    GageCategories c;
    c.exact = exact(now_);
    c.count = static_cast<unsigned>(std::clamp(c.exact, 1.0, 1e6));
    c.interval = middle(draws_, exact);
    return c;
  }

 private:
  const MeanSquare& below() const { return model_ == Model::pooled ? m_.error : m_.interaction; }
  static Interval sum(std::vector<WeightedMeanSquare> terms) {
    std::erase_if(terms, [](const WeightedMeanSquare& t) { return !(t.weight > 0); });
    return interval_of_sum(terms);
  }

  Model model_;
  Size n_;
  MeanSquares m_;
  std::optional<double> tolerance_;
  Variances now_;
  std::vector<Variances> draws_;
};

MeanSquare mean_square(const AnovaRow& row) { return {row.ms(), row.df}; }

AnovaRow named(AnovaRow row, const char* source) {
  row.source = source;
  return row;
}

GageAnova evaluate(GageAnova g, Model model, const Size& n, const MeanSquares& m, std::optional<double> tolerance) {
  const Components c(model, n, m, tolerance);
  g.repeatability = c.make(
      "repeatability", [](const Variances& v) { return v.repeatability; }, c.repeatability());
  const auto appraiser = [](const Variances& v) { return v.appraiser; };
  const auto reproducibility = [](const Variances& v) { return v.reproducibility(); };
  const auto grr = [](const Variances& v) { return v.grr(); };
  g.appraiser = c.make("appraiser", appraiser, c.appraiser());
  if (model == Model::crossed) {
    g.interaction = c.make(
        "appraiser × part", [](const Variances& v) { return v.interaction; },
        interval_of_difference(1 / n.r, m.interaction, m.error));
    g.reproducibility = c.make("reproducibility", reproducibility);
  } else {
    g.reproducibility = c.make("reproducibility", reproducibility, c.appraiser());
  }
  g.grr = model == Model::nested ? c.make("gage R&R", grr) : c.make("gage R&R", grr, c.grr());
  g.part = c.make(
      "part to part", [](const Variances& v) { return v.part; }, c.part());
  g.total = c.make(
      "total", [](const Variances& v) { return v.total(); }, c.total());
  g.categories = c.categories();
  g.together = {roots(c.repeatability(GageTogether::kEach)), roots(c.part(GageTogether::kEach))};
  return g;
}

GageAnova crossed_anova(const GageStudy& study, std::optional<double> tolerance) {
  const Crossed a = crossed(study.layout);
  const Size n{static_cast<double>(study.layout.rows), static_cast<double>(study.layout.columns),
               static_cast<double>(study.layout.repeats)};
  GageAnova g;
  g.table = {named(a.rows, "part"), named(a.columns, "appraiser"), named(a.interaction, "appraiser × part"),
             named(a.error, "repeatability"), a.total};
  g.interaction_p = a.interaction.p;
  g.pooled = a.interaction.p > kPoolAbove;
  MeanSquares m{mean_square(a.rows), mean_square(a.columns), mean_square(a.interaction), mean_square(a.error)};
  if (!g.pooled) return evaluate(std::move(g), Model::crossed, n, m, tolerance);
  AnovaRow error = pooled_with_error(a);
  m.error = mean_square(error);
  g.pooled_table = {against(named(a.rows, "part"), error), against(named(a.columns, "appraiser"), error),
                    named(error, "repeatability"), a.total};
  return evaluate(std::move(g), Model::pooled, n, m, tolerance);
}

GageAnova nested_anova(const GageStudy& study, std::optional<double> tolerance) {
  const Nested a = nested(study.layout);
  const Size n{static_cast<double>(study.layout.columns), static_cast<double>(study.layout.rows),
               static_cast<double>(study.layout.repeats)};
  GageAnova g;
  g.table = {named(a.rows, "appraiser"), named(a.columns, "part (appraiser)"), named(a.error, "repeatability"),
             a.total};
  const MeanSquares m{mean_square(a.columns), mean_square(a.rows), {}, mean_square(a.error)};
  return evaluate(std::move(g), Model::nested, n, m, tolerance);
}

}  // namespace

GageAnova gage_anova(const GageStudy& study, std::optional<double> tolerance) {
  return study.design == GageDesign::crossed ? crossed_anova(study, tolerance) : nested_anova(study, tolerance);
}

}  // namespace penrig::statistics
