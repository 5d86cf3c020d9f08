#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace penrig::statistics {

/// One source of an analysis of variance.
struct AnovaRow {
  std::string source;
  double df = 0, ss = 0;
  double f = 0, p = 1;  ///< against the row that belongs below it; of an error row NaN
  double ms() const { return df > 0 ? ss / df : 0; }
};

/// One-way analysis of variance of groups that need not be of one size. Sums in doubled precision: what is lost is lost
/// by the values being doubles (NIST StRD, tests/statistics/anova_test.cpp).
struct OneWay {
  AnovaRow between, within;
};
/// At least two groups, and one value more than groups; else NaN in every place.
OneWay one_way(std::span<const std::vector<double>> groups);

/// Values of a balanced layout: `rows` x `columns` cells of `repeats` values each, cell by cell, row by row.
struct Layout {
  std::size_t rows = 0, columns = 0, repeats = 0;
  std::vector<double> values;
  double at(std::size_t row, std::size_t column, std::size_t repeat) const {
    return values[(row * columns + column) * repeats + repeat];
  }
};

/// Rows crossed with columns, both random. F of rows and columns is against the interaction, that of the interaction
/// against the error. With one repeat there is no error row: its df is 0, and the interaction has no F.
/// Source: Montgomery, "Design and Analysis of Experiments", random effects model.
struct Crossed {
  AnovaRow rows, columns, interaction, error, total;
};
Crossed crossed(const Layout& layout);
/// The error together with the interaction, and a row held against another than its own.
AnovaRow pooled_with_error(const Crossed& analysis);
AnovaRow against(AnovaRow effect, const AnovaRow& below);

/// Columns nested in rows, both random. F of rows is against the columns, that of columns against the error.
struct Nested {
  AnovaRow rows, columns, error, total;
};
Nested nested(const Layout& layout);

}  // namespace penrig::statistics
