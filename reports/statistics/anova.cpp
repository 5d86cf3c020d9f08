#include "reports/statistics/anova.hpp"

#include <algorithm>
#include <cmath>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/not_finite.hpp"
#include "rig/base/double_double.hpp"

namespace penrig::statistics {

namespace {

DoubleDouble mean_of(const DoubleDouble& sum, std::size_t n) { return sum / DoubleDouble(static_cast<double>(n)); }

void square_into(DoubleDouble& sum, const DoubleDouble& deviation, std::size_t times = 1) {
  sum += deviation * deviation * DoubleDouble(static_cast<double>(times));
}

/// A sum of squares that is nothing but rounding is none.
AnovaRow row(const char* source, std::size_t df, const DoubleDouble& ss) {
  return {source, static_cast<double>(df), df == 0 ? 0 : std::max(ss.rounded(), 0.0), kNaN, kNaN};
}

void hold_against(AnovaRow& effect, const AnovaRow& below) {
  if (!(effect.df > 0) || !(below.df > 0)) return;
  if (below.ss == 0) {
    effect.f = effect.ss == 0 ? kNaN : kInfinite;
    effect.p = effect.ss == 0 ? 1 : 0;
    return;
  }
  effect.f = effect.ms() / below.ms();
  effect.p = f_above(effect.f, effect.df, below.df);
}

/// Means of a balanced layout: of cells, rows, columns and all.
struct Means {
  std::vector<DoubleDouble> cell, of_row, of_column;
  DoubleDouble all;

  explicit Means(const Layout& l) : cell(l.rows * l.columns), of_row(l.rows), of_column(l.columns) {
    for (std::size_t i = 0; i < l.rows; ++i) {
      for (std::size_t j = 0; j < l.columns; ++j) {
        DoubleDouble sum;
        for (std::size_t k = 0; k < l.repeats; ++k) sum += l.at(i, j, k);
        of_row[i] += sum;
        of_column[j] += sum;
        all += sum;
        cell[i * l.columns + j] = mean_of(sum, l.repeats);
      }
    }
    for (DoubleDouble& m : of_row) m = mean_of(m, l.columns * l.repeats);
    for (DoubleDouble& m : of_column) m = mean_of(m, l.rows * l.repeats);
    all = mean_of(all, l.rows * l.columns * l.repeats);
  }
};

struct Squares {
  DoubleDouble rows, columns, interaction, columns_in_rows, error, total;
};

Squares squares_of(const Layout& l) {
  const Means m(l);
  Squares s;
  for (std::size_t i = 0; i < l.rows; ++i) square_into(s.rows, m.of_row[i] - m.all, l.columns * l.repeats);
  for (std::size_t j = 0; j < l.columns; ++j) square_into(s.columns, m.of_column[j] - m.all, l.rows * l.repeats);
  for (std::size_t i = 0; i < l.rows; ++i) {
    for (std::size_t j = 0; j < l.columns; ++j) {
      const DoubleDouble& cell = m.cell[i * l.columns + j];
      square_into(s.interaction, cell - m.of_row[i] - m.of_column[j] + m.all, l.repeats);
      square_into(s.columns_in_rows, cell - m.of_row[i], l.repeats);
      for (std::size_t k = 0; k < l.repeats; ++k) {
        square_into(s.error, DoubleDouble(l.at(i, j, k)) - cell);
        square_into(s.total, DoubleDouble(l.at(i, j, k)) - m.all);
      }
    }
  }
  return s;
}

}  // namespace

OneWay one_way(std::span<const std::vector<double>> groups) {
  std::size_t n = 0;
  DoubleDouble all;
  for (const auto& group : groups) {
    n += group.size();
    for (const double y : group) all += y;
  }
  if (groups.size() < 2 || n <= groups.size())
    return {{"between", kNaN, kNaN, kNaN, kNaN}, {"within", kNaN, kNaN, kNaN, kNaN}};
  all = mean_of(all, n);
  DoubleDouble between, within;
  for (const auto& group : groups) {
    if (group.empty()) continue;
    DoubleDouble mean;
    for (const double y : group) mean += y;
    mean = mean_of(mean, group.size());
    square_into(between, mean - all, group.size());
    for (const double y : group) square_into(within, DoubleDouble(y) - mean);
  }
  OneWay a{row("between", groups.size() - 1, between), row("within", n - groups.size(), within)};
  hold_against(a.between, a.within);
  return a;
}

Crossed crossed(const Layout& l) {
  const Squares s = squares_of(l);
  Crossed a{row("rows", l.rows - 1, s.rows), row("columns", l.columns - 1, s.columns),
            row("interaction", (l.rows - 1) * (l.columns - 1), s.interaction),
            row("error", l.rows * l.columns * (l.repeats - 1), s.error), row("total", l.values.size() - 1, s.total)};
  hold_against(a.rows, a.interaction);
  hold_against(a.columns, a.interaction);
  hold_against(a.interaction, a.error);
  return a;
}

AnovaRow pooled_with_error(const Crossed& a) {
  return {a.error.source, a.error.df + a.interaction.df, a.error.ss + a.interaction.ss, kNaN, kNaN};
}

AnovaRow against(AnovaRow effect, const AnovaRow& below) {
  hold_against(effect, below);
  return effect;
}

Nested nested(const Layout& l) {
  const Squares s = squares_of(l);
  Nested a{row("rows", l.rows - 1, s.rows), row("columns", l.rows * (l.columns - 1), s.columns_in_rows),
           row("error", l.rows * l.columns * (l.repeats - 1), s.error), row("total", l.values.size() - 1, s.total)};
  hold_against(a.rows, a.columns);
  hold_against(a.columns, a.error);
  return a;
}

}  // namespace penrig::statistics
