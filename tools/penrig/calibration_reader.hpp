#pragma once

#include <optional>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "rig/calibrate/series_head.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {

/// Reads what the user wrote into a calibration; every mistake is kept. Points that come from the rig are put in later:
/// until then their columns alone are known.
class CalibrationReader {
 public:
  /// @param utc_ns  now: the date of a calibration that does not say one, and when it was filed.
  CalibrationReader(const CalibrateOptions& options, std::int64_t utc_ns);

  /// Everything but the evaluation.
  void read();
  /// Fits the points. Errc::bad_data or ::usage.
  Result<void> evaluate_points();

  Calibration& calibration() { return c_; }
  const CalibrationTarget& target() const { return *target_; }
  const Inputs& inputs() const { return inputs_; }  ///< the rig, if one was named
  void mistake(const std::string& option, std::string message);
  void mistake(Mistake at_its_place) { mistakes_.push_back(std::move(at_its_place)); }
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  void read_target();
  void take(const CalibrationTarget* target);
  void read_rig();
  void read_points();
  /// Points that a series left behind say whose they are and of which day.
  void check_head(const SeriesHead& head);
  std::optional<CivilDate> date_in(const char* option, const std::string& text);
  void read_dates();
  void read_standards();

  const CalibrateOptions& options_;
  Calibration c_;
  CivilDate today_;
  std::optional<CivilDate> begun_;  ///< the day of a series that left its points in a file
  const CalibrationTarget* target_ = nullptr;
  Inputs inputs_;
  bool have_points_ = false;
  std::vector<Mistake> mistakes_;
};

}  // namespace penrig::cli
