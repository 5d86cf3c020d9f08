#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "fixtures/bench_ports.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/store/record_group.hpp"
#include "reports/study/gage_survey.hpp"
#include "rig/run/sequencer.hpp"
#include "tests/system/forwarding_sink.hpp"
#include "tools/penrig/load_inputs.hpp"

// Studies of the simulated rig, of which the plant's own parameters are the truth. As many as PENRIG_RIG_STUDIES says
// (tools/campaign grr 500), a few where it says nothing.

namespace penrig::test {
namespace {

constexpr std::size_t kPens = 5, kBenches = 2, kTrials = 2;
constexpr double kNoiseUm = 30;  ///< of a stroke's top: far above what the touches add to a run's mean

class WithoutWaveforms final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string&, const WaveformHead&) override { return nullptr; }
};

Awaitable<int> to_end(RunJob job, InProcessRig& rig, RunResult& result) {
  result = co_await run_plan(std::move(job));
  co_await rig.shut_down();
  co_return 0;
}

/// Studies by the production path in virtual time; the record of each run is read back from its store.
class RigStudies {
 public:
  RigStudies() : inputs_(cli::load_inputs(std::string(PENRIG_SOURCE_DIR) + "/rig/plans/swarm.yaml", "sim:seed=1")) {
    if (!inputs_.ok()) throw std::runtime_error("the plan of the studies does not load");
    inputs_.plan.phases.resize(1);
    inputs_.plan.judge = {"D1"};
    inputs_.plant.mechanism.stroke_height_noise_um = kNoiseUm;
  }

  GageReport study(std::uint64_t number, const std::string& measurement) {
    const ScratchDirectory folder;
    auto store = RecordStore::open(folder.path());
    if (!store) throw std::runtime_error(store.error().message);
    auto group = RecordGroup::begin(**store);
    if (!group) throw std::runtime_error(group.error().message);
    std::map<std::string, std::pair<std::string, std::string>> who;
    for (std::uint64_t pen = 0; pen < kPens; ++pen) {
      for (std::uint64_t bench = 0; bench < kBenches; ++bench) {
        for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
          const std::uint64_t run = ((number * kPens + pen) * kBenches + bench) * kTrials + trial;
          who[run_once(**group, number * kPens + pen, number * kBenches + bench, run)] = {std::to_string(pen),
                                                                                          std::to_string(bench)};
        }
      }
    }
    if (auto kept = (*group)->commit(); !kept) throw std::runtime_error(kept.error().message);
    auto runs = runs_to_study(folder.path(), {});
    auto values = values_to_study(folder.path(), {}, runs.value());
    std::vector<ValueSeries> series = series_of(values.value(), GroupBy::none);
    std::erase_if(series, [&](const ValueSeries& s) { return !s.key.starts_with(measurement + "@"); });
    for (ValueSeries& s : series) {
      for (ValueSeries::Point& p : s.points) {
        std::tie(p.pen, p.group) = who.at(p.label);
      }
    }
    if (series.empty()) throw std::runtime_error("no " + measurement);
    const GageSurvey survey = gage_survey("study", {series.front()}, {});
    if (!survey.rows.front().report) throw std::runtime_error(survey.rows.front().why_not);
    return *survey.rows.front().report;
  }

  const sim::PlantParameters& plant() const { return inputs_.plant; }
  double strokes() const { return std::get<SweepPhase>(inputs_.plan.phases.front()).strokes; }

 private:
  std::string run_once(RecordSink& group, std::uint64_t pen, std::uint64_t bench, std::uint64_t run) {
    sim::PlantParameters plant = inputs_.plant;
    plant.pen_seed = 1'000'000 + pen;
    plant.bench_seed = 2'000'000 + bench;
    auto timeline = make_virtual_timeline();
    InProcessRig rig(*timeline, plant, 3'000'000 + run);
    StopRequest stop(*timeline);
    RunObserver nobody;
    RunHeader header;
    header.serial_number = plant.electronics.serial_number;
    header.plan_name = inputs_.plan.name;
    header.product_name = inputs_.product.name;
    header.rig_name = inputs_.rig.name;
    header.documents = inputs_.documents;
    header.simulated = true;
    header.simulation = "a study";
    WithoutWaveforms sink(group);
    RunResult result;
    RunJob job{*timeline, inputs_.plan, inputs_.product, inputs_.rig, rig.connect(), header, sink, nobody, stop, {}};
    timeline->run(to_end(std::move(job), rig, result));
    EXPECT_TRUE(result.outcome.verdict == Verdict::pass || result.outcome.verdict == Verdict::fail ||
                result.outcome.verdict == Verdict::indeterminate)
        << result.outcome.reason;
    return result.run_id;
  }

  cli::Inputs inputs_;
};

TEST(GageStudyOfTheRig, FindsThePlantsOwnRepeatabilityAndSpreadOfPens) {
  const char* wanted = std::getenv("PENRIG_RIG_STUDIES");
  const std::uint64_t studies = wanted == nullptr ? 12 : std::strtoull(wanted, nullptr, 10);
  RigStudies rig;
  const auto& m = rig.plant().mechanism;
  // A run's mean over n strokes: white noise of the tops, and their slow part, whose sum of correlations is exact.
  const double n = rig.strokes(), r = m.drift_correlation;
  double correlated = n;
  for (int k = 1; k < n; ++k) correlated += 2 * (n - k) * std::pow(r, k);
  const double repeatability_mm =
      1e-3 * std::sqrt(m.stroke_height_noise_um * m.stroke_height_noise_um / n +
                       m.stroke_height_drift_um * m.stroke_height_drift_um * correlated / (n * n));
  const double pens_mm = 1e-3 * m.depth_spread_um;
  std::size_t repeatability = 0, pens = 0, both = 0, together = 0;
  double within = 0, between = 0;
  for (std::uint64_t s = 0; s < studies; ++s) {
    const GageReport report = rig.study(s, "extension");
    const bool a = report.anova.repeatability.sd.interval.holds(repeatability_mm);
    const bool b = report.anova.part.sd.interval.holds(pens_mm);
    repeatability += a ? 1U : 0U;
    pens += b ? 1U : 0U;
    both += a && b ? 1U : 0U;
    const statistics::GageTogether& t = report.anova.together;
    together += t.repeatability.holds(repeatability_mm) && t.part.holds(pens_mm) ? 1U : 0U;
    // Of the table before pooling: to pool by a test on the same data makes what is left a little small.
    for (const auto& row : report.anova.table) within += row.source == "repeatability" ? row.ms() : 0;
    between += report.anova.part.variance();
  }
  const auto share = [&](std::size_t hits) { return 100.0 * static_cast<double>(hits) / static_cast<double>(studies); };
  const double count = static_cast<double>(studies);
  std::printf(
      "%llu studies of %zu pens, %zu benches, %zu trials: repeatability %.3f um (true %.3f) within its interval "
      "in %.1f %%, pens %.2f um (true %.2f) in %.1f %%, both at once in %.1f %%; simultaneous intervals hold both in "
      "%.1f %%\n",
      static_cast<unsigned long long>(studies), kPens, kBenches, kTrials, 1e3 * std::sqrt(within / count),
      1e3 * repeatability_mm, share(repeatability), 1e3 * std::sqrt(between / count), 1e3 * pens_mm, share(pens),
      share(both), share(together));
  // Of a few studies the binomial's own spread is added: by chance alone one in ten thousand fails.
  const double slack = studies >= 500 ? 0 : 3.8 * std::sqrt(94.0 * 6 / count);
  EXPECT_GE(share(repeatability), 94 - slack);
  EXPECT_GE(share(pens), 94 - slack);
  EXPECT_GE(share(together), 94 - slack);
  const double degrees = count * static_cast<double>(kPens * kBenches * (kTrials - 1));
  EXPECT_NEAR(std::sqrt(within / count) / repeatability_mm, 1, 4 / std::sqrt(2 * degrees) + 0.01);
}

}  // namespace
}  // namespace penrig::test
