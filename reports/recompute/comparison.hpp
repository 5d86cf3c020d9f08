#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// One number, text or list that is not what the record holds.
struct RecordDifference {
  std::string where;  ///< "2.5 mm at 9000/min, attempt 1: penetration", "decision D1 at 2.5 mm at 9000/min"
  std::string what;   ///< "value", "U", "budget line 3: u", "verdict"
  std::string recorded, recomputed;
};

/// Holds what was derived again against what a record holds. Values are the same when their bits are; U, k, degrees of
/// freedom, limits of intervals and probabilities when their first ten digits are.
class RecordComparison {
 public:
  /// What follows belongs to this.
  void at(std::string where) { where_ = std::move(where); }
  /// What follows is of one of many: "stroke 3: ", "budget line 2, repeatability: ". Texts outlive it. An empty kind
  /// ends that.
  void each(std::string_view kind, std::size_t number = 0, std::string_view name = {}) {
    kind_ = kind;
    number_ = number;
    name_ = name;
  }

  void bits(std::string_view what, double recorded, double recomputed);
  void ten_digits(std::string_view what, double recorded, double recomputed);
  void text(std::string_view what, std::string_view recorded, std::string_view recomputed);
  void count(std::string_view what, std::uint64_t recorded, std::uint64_t recomputed);
  void bits(std::string_view what, const std::optional<double>& recorded, const std::optional<double>& recomputed);
  void ten_digits(std::string_view what, const std::optional<double>& recorded,
                  const std::optional<double>& recomputed);

  const std::vector<RecordDifference>& differences() const { return differences_; }
  /// How many values were held against each other.
  std::uint64_t compared() const { return compared_; }

 private:
  void add(std::string_view what, std::string recorded, std::string recomputed);
  std::string where_;
  std::string_view kind_, name_;  // put into words only where something differs
  std::size_t number_ = 0;
  std::vector<RecordDifference> differences_;
  std::uint64_t compared_ = 0;
};

/// An input as text; "none" where there is no such one.
std::string text_of_input(const AnalysisInputs& inputs, std::string_view name);

/// "2.5 mm at 9000/min: penetration", "run: depth_linearity".
std::string name_of_measurement(const std::string& phase, const Measurement& measurement);

void compare(RecordComparison& comparison, const Measurement& recorded, const Measurement& recomputed);
void compare(RecordComparison& comparison, const Decision& recorded, const Decision& recomputed);
void compare(RecordComparison& comparison, const Correction& recorded, const Correction& recomputed);
void compare(RecordComparison& comparison, const std::vector<StrokeRow>& recorded,
             const std::vector<StrokeRow>& recomputed);
void compare(RecordComparison& comparison, const SettingTraces& recorded, const SettingTraces& recomputed);

}  // namespace penrig
