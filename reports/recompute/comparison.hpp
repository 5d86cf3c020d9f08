#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

  void bits(const std::string& what, double recorded, double recomputed);
  void ten_digits(const std::string& what, double recorded, double recomputed);
  void text(const std::string& what, const std::string& recorded, const std::string& recomputed);
  void count(const std::string& what, std::uint64_t recorded, std::uint64_t recomputed);
  void bits(const std::string& what, const std::optional<double>& recorded, const std::optional<double>& recomputed);
  void ten_digits(const std::string& what, const std::optional<double>& recorded,
                  const std::optional<double>& recomputed);

  const std::vector<RecordDifference>& differences() const { return differences_; }
  /// How many values were held against each other.
  std::uint64_t compared() const { return compared_; }

 private:
  void add(const std::string& what, std::string recorded, std::string recomputed);
  std::string where_;
  std::vector<RecordDifference> differences_;
  std::uint64_t compared_ = 0;
};

/// An input as text; "none" where there is no such one.
std::string text_of_input(const AnalysisInputs& inputs, const std::string& name);

/// "2.5 mm at 9000/min: penetration", "run: depth_linearity".
std::string name_of_measurement(const std::string& phase, const Measurement& measurement);

void compare(RecordComparison& comparison, const Measurement& recorded, const Measurement& recomputed);
void compare(RecordComparison& comparison, const Decision& recorded, const Decision& recomputed);
void compare(RecordComparison& comparison, const Correction& recorded, const Correction& recomputed);
void compare(RecordComparison& comparison, const std::vector<StrokeRow>& recorded,
             const std::vector<StrokeRow>& recomputed);
void compare(RecordComparison& comparison, const SettingTraces& recorded, const SettingTraces& recomputed);

}  // namespace penrig
