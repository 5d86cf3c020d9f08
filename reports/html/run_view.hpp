#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig::html {

/// One measured setting: the last attempt at it, and what was decided about it. A soak has several of one setting.
struct SettingView {
  const PhaseRecord* phase = nullptr;
  double depth_mm = 0, rate_per_min = 0;
  std::size_t occurrence = 0;          ///< among settings of the same depth and rate, from 0
  std::string name;                    ///< "2.5 mm at 9000/min", with the capture's number in a soak; not escaped
  std::vector<std::size_t> decisions;  ///< indices into the outcome's
  std::vector<const Measurement*> measurements;
  Verdict verdict = Verdict::not_judged;
  const Measurement* find(std::string_view measurand) const;  ///< nullptr if it was not measured
};

/// All decisions of one requirement.
struct RequirementView {
  std::string id, title;
  std::vector<std::size_t> decisions;
  std::size_t nearest = 0;   ///< the worst, among equals the largest share of its tolerance
  bool per_setting = false;  ///< there is one for every setting
};

/// A record arranged for reading. Holds pointers into the record, which must outlive it.
struct RunView {
  explicit RunView(const RunRecord& record);

  const RunRecord& run;
  Verdict verdict = Verdict::error;  ///< as it counts
  std::string word;                  ///< "PASS" ... or INTERRUPTED
  std::string void_word;             ///< "SIMULATED", "ENGINEERING" or empty
  std::vector<SettingView> settings;
  std::vector<RequirementView> requirements;
  std::vector<std::optional<std::size_t>> setting_of;  ///< of each decision
  std::optional<std::size_t> deciding;                 ///< checked index of the deciding decision
  std::size_t shown_setting = 0;  ///< the panel that opens: of the deciding decision, else of the one nearest its limit
  std::uint64_t strokes = 0;

  const Measurement* measured(const Decision& d) const;  ///< nullptr if the record has no such measurement
  std::size_t count(Verdict v) const;                    ///< of decisions
  const RequirementView* requirement_on(std::string_view measurand) const;
  /// Where a decision belongs, "2.5 mm, 9000/min"; empty for the whole run. Not escaped.
  std::string place(std::size_t decision, std::string_view between = ", ") const;

 private:
  void show_worst_setting();
};

/// "penetration of strokes" for penetration_ti; the id with spaces if the catalogue does not know it.
std::string title_of(const Measurement& m);
/// True for the settings that a sweep or soak measured.
bool is_setting(const PhaseRecord& phase);

}  // namespace penrig::html
