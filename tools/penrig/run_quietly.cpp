#include "tools/penrig/run_quietly.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "tools/penrig/run_several.hpp"
#include "tools/penrig/side_by_side.hpp"

namespace penrig::cli {
namespace {

/// Keeps what a run came to.
class QuietView final : public RunView {
 public:
  QuietView(RunTold& told, std::function<void(const Progress&)> progress)
      : told_(told), progress_(std::move(progress)) {}
  void begin(const RunIntroduction&) override {}
  void connected(const PenIdentity&, const DaqIdentity&) override {}
  void progress(const Progress& progress) override { progress_(progress); }
  void phase_done(const PhaseRecord&) override {}
  void event(const RunEvent&) override {}
  void end(const RunEnd& end) override {
    const RunResult& result = end.result;
    told_.run_id = result.run_id;
    told_.verdict = result.verdict();
    told_.reason = result.record_durable ? result.outcome.reason : result.record_error;
    for (const Decision& d : result.outcome.decisions) {
      if (d.verdict == Verdict::pass) continue;
      if (std::ranges::find(told_.failed, d.requirement_id) == told_.failed.end())
        told_.failed.push_back(d.requirement_id);
    }
  }

 private:
  RunTold& told_;
  std::function<void(const Progress&)> progress_;
};

void refuse(RunTold& told, const Error& error) {
  told.reason = error.message;
  told.exit = exit_code_of(error.code);
}

void refuse_mistakes(RunTold& told, const std::vector<Mistake>& mistakes) {
  TerminalStyle plain;
  plain.columns = 128;
  told.reason = render_mistakes(mistakes, plain, "nothing has moved, no record was opened.");
  told.exit = ExitCode::usage;
}

}  // namespace

std::vector<RunTold> run_quietly(const std::vector<RunOptions>& each,
                                 const std::function<void(std::size_t, const Progress&)>& progress) {
  std::vector<RunTold> told(each.size());
  const auto timeline = sim::is_simulated_rig_uri(each.front().rig) ? make_virtual_timeline() : make_real_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  std::vector<PreparedRun> prepared;
  prepared.reserve(each.size());
  for (const RunOptions& options : each) prepared.push_back(prepare_run(options));
  signals.poll();
  if (stop.requested()) {
    for (RunTold& one : told) {
      one.stopped = true;
      refuse(one, fail(Errc::aborted, stop.why() + " came before the run began: nothing ran"));
    }
    return told;
  }
  std::vector<RunOptions> whole;
  std::vector<PreparedRun> of_whole;
  std::vector<std::size_t> places;  // of those among each
  for (std::size_t i = 0; i < each.size(); ++i) {
    if (!prepared[i].inputs.ok()) {
      refuse_mistakes(told[i], prepared[i].inputs.mistakes);
      continue;
    }
    whole.push_back(each[i]);
    of_whole.push_back(std::move(prepared[i]));
    places.push_back(i);
  }
  if (whole.empty()) return told;
  std::vector<std::unique_ptr<QuietView>> views;
  views.reserve(places.size());
  for (const std::size_t i : places)
    views.push_back(std::make_unique<QuietView>(told[i], [&progress, i](const Progress& p) { progress(i, p); }));
  SideBySide runs(*timeline, stop, signals);
  const auto begun = runs.run(
      whole, std::move(of_whole), [&](std::size_t k) -> RunView& { return *views[k]; },
      [&](std::size_t k, const Error& error) { refuse(told[places[k]], error); });
  if (!begun)
    for (const std::size_t i : places)
      if (told[i].reason.empty()) refuse(told[i], begun.error());
  if (runs.disk_hangs()) end_without_disk();
  for (const auto& run : runs.runs()) {
    const auto k = std::ranges::find(whole, run->options().slot, &RunOptions::slot) - whole.begin();
    told[places[static_cast<std::size_t>(k)]].exit = run->exit_code();
  }
  for (RunTold& one : told) one.stopped = stop.requested();
  return told;
}

}  // namespace penrig::cli
