#include "tools/penrig/study_command.hpp"

#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/study/bias_report.hpp"
#include "reports/study/gage_report.hpp"
#include "reports/study/gage_table.hpp"
#include "tools/penrig/study_output.hpp"

namespace penrig::cli {
namespace {

/// What keeps a study from being one, as a mistake of its file.
ExitCode refuse_file(const std::string& file, const Error& error) {
  return refuse_study({option_mistake(file, error.message)});
}

ValueTable table_of(const StudyFiles& files, std::vector<Mistake>& mistakes) {
  keep_apart(files.html, files.csv, mistakes);
  return read_study_table(files.csv, mistakes);
}

}  // namespace

ExitCode study_grr_command(const GrrOptions& o) {
  std::vector<Mistake> mistakes;
  const int sources = (o.files.csv.empty() ? 0 : 1) + (o.plan.empty() ? 0 : 1) + (o.of.empty() ? 0 : 1);
  if (sources != 1) {
    mistakes.push_back(option_mistake(
        "PLAN, --of, --csv",
        fmt::format("{} (write: a plan to study the rig by, --of TRAIL to evaluate "
                    "such a study again, or --csv FILE)",
                    sources == 0 ? "nothing to study is named" : "one of them is studied, not several")));
    return refuse_study(mistakes);
  }
  if (o.files.csv.empty()) return study_rig_command(o);
  const ValueTable table = table_of(o.files, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  const auto readings = gage_readings(table, {o.part, o.appraiser, o.value, ""});
  if (!readings.ok()) return refuse_study(readings.mistakes);
  auto study =
      statistics::lay_out(readings.value, o.nested ? statistics::GageDesign::nested : statistics::GageDesign::crossed);
  if (!study) return refuse_file(o.files.csv, study.error());
  const GageReport report =
      gage_report(o.files.csv, o.files.unit, std::move(*study), {o.tolerance, o.accept_percent / 100, o.categories});
  return put_study(
      gage_summary(report), o.files.json, [&] { return gage_json(report); }, o.files.html,
      [&] { return gage_html(report); });
}

ExitCode study_linearity_command(const LinearityOptions& o) {
  std::vector<Mistake> mistakes;
  const ValueTable table = table_of(o.files, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  auto readings = reference_readings(table, {o.part, "", o.value, o.reference});
  if (!readings.ok()) return refuse_study(readings.mistakes);
  const auto linearity = statistics::linearity_of(readings.value);
  if (!linearity) return refuse_file(o.files.csv, linearity.error());
  const LinearityReport report{o.files.csv, o.files.unit, std::move(readings.value), *linearity, o.allowed_bias};
  return put_study(
      linearity_summary(report), o.files.json, [&] { return linearity_json(report); }, o.files.html,
      [&] { return linearity_html(report); });
}

ExitCode study_type_one_command(const TypeOneOptions& o) {
  std::vector<Mistake> mistakes;
  const ValueTable table = table_of(o.files, mistakes);
  if (!mistakes.empty()) return refuse_study(mistakes);
  const auto loaded = plain_readings(table, o.value);
  if (!loaded.ok()) return refuse_study(loaded.mistakes);
  const std::vector<double>& readings = loaded.value;
  std::vector<double> order(readings.size());
  std::iota(order.begin(), order.end(), 0.0);
  const statistics::TypeOneWidths widths{0.2, 6, o.least, 0.05};
  const auto study = statistics::type_one(readings, o.reference, o.tolerance, widths);
  if (!study) return refuse_file(o.files.csv, study.error());
  const auto drift = statistics::drift_of(order, readings);
  if (!drift) return refuse_file(o.files.csv, drift.error());
  const TypeOneReport report{o.files.csv, o.files.unit, readings, *study, widths, *drift};
  return put_study(
      type_one_summary(report), o.files.json, [&] { return type_one_json(report); }, o.files.html,
      [&] { return type_one_html(report); });
}

}  // namespace penrig::cli
