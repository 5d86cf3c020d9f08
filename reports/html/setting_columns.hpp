#pragma once

#include <string>
#include <string_view>

#include "reports/html/run_view.hpp"

namespace penrig::html {

/// What a table by setting shows: which requirement judges depth, rate and jitter, and what was measured at all.
struct SettingColumns {
  explicit SettingColumns(const RunView& view);
  const RequirementView* depth = nullptr;   ///< penetration_ti or extension_ti
  const RequirementView* rate = nullptr;    ///< stroke_rate
  const RequirementView* jitter = nullptr;  ///< period_jitter
  std::string_view mean = "penetration", strokes = "penetration_ti";
  bool any_depth = false, any_rate = false, any_jitter = false;

  /// A requirement that the table by setting shows whole.
  bool shows(const RunView& view, const RequirementView& requirement) const;
};

/// nullptr if nothing was decided about that setting.
const Decision* decision_at(const RunView& view, const RequirementView* requirement, std::size_t setting);

/// Decimals that a column shares: those of its smallest U.
int column_decimals(const RunView& view, std::string_view measurand);

/// The tolerance as the head of a column says it, from the first decision: "setting ± 0.150 mm", "± 2 %". Escaped.
std::string limit_head(const RunView& view, const RequirementView& requirement, bool against_setting, bool percent);

}  // namespace penrig::html
