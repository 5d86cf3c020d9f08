#include "reports/study/gage_table.hpp"

#include <array>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr std::array<std::string_view, 6> kPartColumns{"part", "pen", "serial_number", "serial", "sample", "item"};
constexpr std::array<std::string_view, 5> kAppraiserColumns{"appraiser", "operator", "inspector", "slot", "person"};
constexpr std::array<std::string_view, 6> kReadingColumns{"value", "y", "measurement", "reading", "response", "result"};
constexpr std::array<std::string_view, 4> kReferenceColumns{"reference", "master", "true_value", "standard"};

std::optional<double> reading_at(const ValueTable& table, std::size_t row, std::size_t column,
                                 std::vector<Mistake>& mistakes,
                                 const char* what_to_do = "measure it, or leave the part or the appraiser out") {
  const std::size_t before = mistakes.size();
  const auto value = table.number(row, column, mistakes);
  if (!value && mistakes.size() == before) {
    mistakes.push_back(table.mistake(
        row, column, fmt::format("no value stands here in column '{}': {}", table.names()[column], what_to_do)));
  }
  return value;
}

}  // namespace

Loaded<std::vector<statistics::GageReading>> gage_readings(const ValueTable& table, const GageColumns& columns) {
  Loaded<std::vector<statistics::GageReading>> loaded;
  const auto part = table.column(columns.part, kPartColumns, "--part", loaded.mistakes);
  const auto appraiser = table.column(columns.appraiser, kAppraiserColumns, "--appraiser", loaded.mistakes);
  const auto value = table.column(columns.value, kReadingColumns, "--value", loaded.mistakes);
  if (!loaded.ok()) return loaded;
  for (std::size_t row = 0; row < table.rows() && loaded.mistakes.size() < 5; ++row) {
    if (const auto v = reading_at(table, row, *value, loaded.mistakes))
      loaded.value.push_back({std::string(table.text(row, *part)), std::string(table.text(row, *appraiser)), *v});
  }
  return loaded;
}

Loaded<std::vector<double>> plain_readings(const ValueTable& table, const std::string& value_column) {
  Loaded<std::vector<double>> loaded;
  const auto value = table.column(value_column, kReadingColumns, "--value", loaded.mistakes);
  if (!loaded.ok()) return loaded;
  for (std::size_t row = 0; row < table.rows() && loaded.mistakes.size() < 5; ++row) {
    if (const auto v = reading_at(table, row, *value, loaded.mistakes, "measure the reference again"))
      loaded.value.push_back(*v);
  }
  return loaded;
}

Loaded<std::vector<statistics::ReferenceReading>> reference_readings(const ValueTable& table,
                                                                     const GageColumns& columns) {
  Loaded<std::vector<statistics::ReferenceReading>> loaded;
  const auto part = table.optional_column(columns.part, kPartColumns, "--part", loaded.mistakes);
  const auto reference = table.column(columns.reference, kReferenceColumns, "--reference", loaded.mistakes);
  const auto value = table.column(columns.value, kReadingColumns, "--value", loaded.mistakes);
  if (!loaded.ok()) return loaded;
  for (std::size_t row = 0; row < table.rows() && loaded.mistakes.size() < 5; ++row) {
    const auto r = reading_at(table, row, *reference, loaded.mistakes),
               v = reading_at(table, row, *value, loaded.mistakes);
    if (r && v) loaded.value.push_back({part ? std::string(table.text(row, *part)) : "", *r, *v});
  }
  return loaded;
}

}  // namespace penrig
