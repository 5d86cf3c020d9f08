#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "reports/statistics/acceptance_sampling.hpp"
#include "reports/statistics/sample_size.hpp"
#include "tools/penrig/study_command.hpp"
#include "tools/penrig/study_output.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;
using namespace statistics;

/// One answer, in words and as JSON.
class Answers {
 public:
  Answers() {
    table_.title = "How many";
    table_.columns = {{"what for", true, false}, {"how many", false, false}, {"of what", true, false}};
  }
  void add(const char* key, std::string what, const std::optional<std::size_t>& n, std::string unit) {
    json_[key] = n ? Json(*n) : Json(nullptr);
    table_.rows.push_back(
        {{std::move(what), n ? std::to_string(*n) : "> 1 000 000", std::move(unit)}, Verdict::not_judged, false, 0});
  }
  Json& json() { return json_; }
  bool empty() const { return table_.rows.empty(); }
  StudyTable take() { return std::move(table_); }

 private:
  StudyTable table_;
  Json json_ = Json::object();
};

void add_comparison(const StudySizeOptions& o, Answers& answers) {
  const auto comparison = o.pairs ? statistics::Comparison::pairs : statistics::Comparison::two_groups;
  const std::string unit = o.pairs ? "pens, each in both" : "units on each side";
  const double alpha = 0.05 / static_cast<double>(o.family);
  if (o.difference)
    answers.add("to_find",
                fmt::format("a difference of {} is found with {:.0f} %, sd {}{}", *o.difference, 100 * o.power, *o.sd,
                            o.family > 1 ? fmt::format(", one of {}", o.family) : ""),
                units_to_find(comparison, *o.difference, *o.sd, alpha, o.power), unit);
  if (o.margin)
    answers.add("to_show_equal",
                fmt::format("equality within {} is shown with {:.0f} %, sd {}", *o.margin, 100 * o.power, *o.sd),
                units_to_show_equal(comparison, *o.margin, *o.sd, 0.05, o.power), unit);
}

void add_tolerance(const StudySizeOptions& o, Answers& answers) {
  const double share = *o.share / 100, confidence = o.confidence / 100;
  const std::string what = fmt::format("{} % of the population, {} % confidence", *o.share, o.confidence);
  answers.add("tolerance_free_two_sided", what + ", between least and greatest",
              values_of_free_tolerance_interval(share, confidence, true), "values, of any distribution");
  answers.add("tolerance_free_one_sided", what + ", below the greatest",
              values_of_free_tolerance_interval(share, confidence, false), "values, of any distribution");
  answers.add("tolerance_normal", fmt::format("{}, k_T at most {} times the known distribution's", what, o.factor),
              values_of_tolerance_interval(share, confidence, o.factor), "values, normal");
}

void add_sampling(const StudySizeOptions& o, Answers& answers) {
  const SamplingTarget target{*o.good / 100, o.alpha / 100, *o.bad / 100, o.beta / 100};
  const auto attributes = attributes_plan(target);
  const auto variables = variables_plan(target);
  const std::string what =
      fmt::format("{} % rejected with at most {} %, {} % accepted with at most {} %", *o.good, o.alpha, *o.bad, o.beta);
  const auto size = [](const auto& plan) { return plan ? std::optional<std::size_t>(plan->sample) : std::nullopt; };
  answers.add("attributes_sample", what + ", by attributes", size(attributes),
              attributes ? fmt::format("pens, accept with up to {}", attributes->accept) : "");
  answers.add("variables_sample", what + ", by variables, one limit", size(variables),
              variables ? fmt::format("pens, accept when (limit − mean)/s ≥ {:.4f}", variables->k) : "");
  answers.json()["attributes_accept"] = attributes ? Json(attributes->accept) : Json(nullptr);
  answers.json()["variables_k"] = variables ? Json(variables->k) : Json(nullptr);
}

std::vector<Mistake> mistakes_of(const StudySizeOptions& o) {
  std::vector<Mistake> all;
  if ((o.difference || o.margin) && !(o.sd && *o.sd > 0))
    all.push_back(
        option_mistake("--sd", "how far values of one kind lie apart (their standard deviation, above 0) is needed"));
  if (o.difference && *o.difference == 0) all.push_back(option_mistake("--difference", "of 0 is never found"));
  if (o.margin && !(*o.margin > 0)) all.push_back(option_mistake("--margin", "has to be above 0"));
  if (o.good.has_value() != o.bad.has_value())
    all.push_back(option_mistake("--good, --bad", "sampling needs both: which share is good, and which is bad"));
  if (o.good && o.bad && !(*o.good < *o.bad))
    all.push_back(option_mistake("--good", fmt::format("{} % is not below the {} % of --bad", *o.good, *o.bad)));
  return all;
}

}  // namespace

ExitCode study_size_command(const StudySizeOptions& o) {
  std::vector<Mistake> mistakes = mistakes_of(o);
  Answers answers;
  if (mistakes.empty()) {
    add_comparison(o, answers);
    if (o.share) add_tolerance(o, answers);
    if (o.parts)
      answers.add("gage_trials",
                  fmt::format("repeatability known to a factor of {}, {}, {}", o.factor, counted(*o.parts, "part"),
                              counted(o.appraisers, "appraiser")),
                  trials_of_gage_study(*o.parts, o.appraisers, o.factor), "trials");
    if (o.good && o.bad) add_sampling(o, answers);
    if (answers.empty())
      mistakes.push_back(option_mistake("penrig study size",
                                        "how many of what? Name --difference or --margin (with --sd), "
                                        "--share, --parts, or --good and --bad"));
  }
  if (!mistakes.empty()) return refuse_study(mistakes);
  StudySummary s;
  s.title = "how many";
  s.lead = "Sample sizes, worked out before anything is measured.";
  s.tables = {answers.take()};
  s.tables.front().note =
      "Comparisons by the noncentral t distribution, two-sided at 5 % (divided by how many are compared at once). "
      "Sampling plans "
      "are computed from their operating characteristics for large lots; they are not the tables of ISO 2859-1 or ISO "
      "3951.";
  return put_study(s, o.json, [&] { return answers.json(); }, "", {});
}

}  // namespace penrig::cli
