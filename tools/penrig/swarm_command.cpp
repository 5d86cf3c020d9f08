#include "tools/penrig/swarm_command.hpp"

#include <charconv>
#include <csignal>
#include <iostream>
#include <limits>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "reports/counted.hpp"
#include "reports/scratch_directory.hpp"
#include "tools/penrig/answers.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/json_view.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/swarm_view.hpp"
#include "tools/swarm/shrink.hpp"
#include "tools/swarm/workers.hpp"

namespace penrig::cli {
namespace {

volatile std::sig_atomic_t g_stopped = 0;
extern "C" void stop_swarm(int) { g_stopped = 1; }

struct SeedRange {
  std::uint64_t first = 1, last = 1;
};

Result<SeedRange> parse_seeds(const std::string& text) {
  SeedRange range;
  const char* const end = text.data() + text.size();
  const auto [middle, error] = std::from_chars(text.data(), end, range.first);
  if (error == std::errc{}) {
    if (middle == end) return SeedRange{range.first, range.first};
    if (std::string_view(middle, end).starts_with("..")) {
      const auto [stop, last_error] = std::from_chars(middle + 2, end, range.last);
      // One more would be as many as can be counted.
      const bool countable = range.first > 0 || range.last < std::numeric_limits<std::uint64_t>::max();
      if (last_error == std::errc{} && stop == end && range.last >= range.first && countable) return range;
    }
  }
  return fail(Errc::usage,
              fmt::format("seeds '{}': two whole numbers are expected, the first not greater, and fewer than 2^64 "
                          "seeds (1..1000)",
                          text));
}

bool is_file(const std::string& faults) { return faults.ends_with(".yaml") || faults.ends_with(".yml"); }

/// What `penrig run` refuses before it starts, each seed would end in: nobody can be asked, and its pen has one link.
void check_can_begin(Inputs& inputs) {
  if (!inputs.has_plan) return;
  check_somebody_answers(inputs.plan, {}, false, inputs.mistakes);
  if (!inputs.has_rig || !inputs.plan.needs(PenLink::ble)) return;
  inputs.mistakes.push_back(option_mistake(
      "--plan", fmt::format("plan '{}' drives the pen over {}, and slot '{}' has no such link (a seed's pen hangs on "
                            "its line alone: take a plan without via: ble; penrig run --rig sim:seed=1 has both)",
                            inputs.plan.name, name_of(PenLink::ble), inputs.rig.slots.front().name)));
}

/// Everything that all seeds share. Mistakes are shown, with their places.
std::optional<ExitCode> load_job(const SwarmOptions& o, swarm::SwarmJob& job) {
  Inputs inputs = load_inputs(o.plan_path, "sim:seed=1");
  check_can_begin(inputs);
  if (!o.plant_path.empty()) inputs.plant = load_plant_file(o.plant_path, inputs.mistakes, inputs.documents);
  if (is_file(o.faults)) {
    const Result<std::string> text = read_text(o.faults);
    if (text) {
      Loaded<faults::FaultScript> script = faults::load_fault_script(*text, o.faults);
      for (const Mistake& m : script.mistakes) inputs.mistakes.push_back(m);
      if (script.ok()) check_faults(script.value, o.faults, inputs);
      job.script = std::move(script.value);
    } else {
      inputs.mistakes.push_back(option_mistake(o.faults, text.error().message));
    }
  } else {
    const Result<faults::FaultMix> mix = faults::parse_fault_mix(o.faults);
    if (!mix) return complain(mix.error());
    job.faults = *mix;
  }
  const Result<swarm::DefectMix> defects = swarm::parse_defect_mix(o.defects);
  if (!defects) return complain(defects.error());
  if (!inputs.ok()) {
    if (o.json) write_mistakes_json(std::cout, inputs.mistakes);
    std::cerr << render_mistakes(inputs.mistakes, detect_style(STDERR_FILENO), "no seed has run.");
    return ExitCode::usage;
  }
  job.plan = std::move(inputs.plan);
  job.product = std::move(inputs.product);
  job.rig = std::move(inputs.rig);
  job.plant = inputs.plant;
  job.documents = std::move(inputs.documents);
  job.defects = *defects;
  return std::nullopt;
}

/// The options that make the same seed the same again.
std::string repeat_command(const SwarmOptions& o) {
  std::string text = "penrig swarm --plan " + shell_word(o.plan_path);
  if (o.defects != "all") text += " --defects " + shell_word(o.defects);
  if (o.faults != "none") text += " --faults " + shell_word(o.faults);
  if (!o.plant_path.empty()) text += " --plant " + shell_word(o.plant_path);
  if (o.waveforms == "files") text += " --waveforms files";
  return text;
}

/// Says how far it is, in one line that is rewritten; in none where that cannot be.
class ProgressLine {
 public:
  ProgressLine(bool quiet, std::uint64_t planned, const Timeline& clock)
      : style_(detect_style(STDERR_FILENO)), shows_(style_.rewrites && !quiet), planned_(planned), clock_(clock) {}
  ~ProgressLine() { erase(); }
  void show(const swarm::Summary& summary) {
    const double now_s = clock_.now().seconds();
    if (!shows_ || (last_s_ && now_s - *last_s_ < 0.2)) return;
    last_s_ = now_s;
    std::cerr << "\r\x1b[K" << swarm_progress(style_, summary, planned_, now_s) << std::flush;
  }
  void erase() {
    if (shows_ && last_s_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  TerminalStyle style_;
  bool shows_;
  std::uint64_t planned_;
  const Timeline& clock_;
  std::optional<double> last_s_;
};

/// Writes each seed's smallest script beside where the command was called.
ExitCode shrink_broken(const swarm::SwarmJob& job, const std::set<std::uint64_t>& seeds,
                       const swarm::WorkerOptions& options, const SwarmOptions& o) {
  for (const std::uint64_t seed : seeds) {
    const swarm::Shrunk small = swarm::shrink(job, seed, options.folder, options.waveforms_in_memory);
    const std::string file = fmt::format("swarm-seed-{}.yaml", seed);
    const Result<void> written = replace_file(file, faults::fault_script_yaml(small.script));
    if (!written) return complain(written.error());
    if (o.json) {
      std::cout << nlohmann::ordered_json{{"event", "shrunk"},
                                          {"seed", seed},
                                          {"faults", small.script.faults.size()},
                                          {"file", file},
                                          {"invariant", small.invariant},
                                          {"what", small.what}}
                       .dump()
                << '\n';
      continue;
    }
    SwarmOptions again = o;
    again.faults = file;
    std::cout << fmt::format("  seed {}: {} left of {} after {}, in {}\n    again: {} --seeds {}..{}\n", seed,
                             counted(small.script.faults.size(), "fault"), swarm::script_of(job, seed).faults.size(),
                             counted(small.tries, "run"), file, repeat_command(again), seed, seed);
  }
  return ExitCode::pass;
}

}  // namespace

ExitCode swarm_command(const SwarmOptions& o) {
  if (o.plan_path.empty())
    return complain(fail(Errc::usage, "--plan is required (rig/plans/swarm.yaml is made for it)"));
  const Result<SeedRange> seeds = parse_seeds(o.seeds);
  if (!seeds) return complain(seeds.error());
  if (!o.records.empty() && o.waveforms == "memory") {
    return complain(fail(Errc::usage,
                         "--waveforms memory: what --records keeps has to be there when the swarm is over, "
                         "and waveforms in memory are not (leave one of them out)"));
  }
  swarm::SwarmJob job;
  if (const auto refused = load_job(o, job)) return *refused;

  swarm::WorkerOptions options;
  options.first = seeds->first;
  options.last = seeds->last;
  options.jobs = o.jobs != 0 ? o.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.group = o.group;
  options.keep = !o.records.empty();
  options.waveforms_in_memory = !options.keep && o.waveforms != "files";
  std::optional<ScratchDirectory> scratch;  // memory, where there is some: what is thrown away need not reach a disk
  if (options.keep) {
    std::error_code error;
    options.folder = o.records;
    std::filesystem::create_directories(options.folder, error);
    if (error) return complain(fail(Errc::io, fmt::format("{}: cannot be made: {}", o.records, error.message())));
  } else {
    try {
      options.folder = scratch.emplace(folder_in_memory()).path();
    } catch (const ErrorException& e) {
      return complain(e.error);
    }
  }

  g_stopped = 0;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, stop_swarm);
  const auto clock = make_real_timeline();
  swarm::Summary summary;
  std::set<std::uint64_t> broken;
  const std::uint64_t planned = seeds->last - seeds->first + 1;
  Result<void> ran;
  {
    ProgressLine progress(o.json, planned, *clock);
    ran = swarm::run_on_workers(
        job, options,
        [&](const swarm::SeedResult& seed) {
          summary.add(seed);
          if (!seed.broken.empty()) broken.insert(seed.seed);
          if (o.json) std::cout << swarm::to_json(seed).dump() << '\n' << std::flush;
          progress.show(summary);
        },
        [] { return g_stopped != 0; });
  }
  ExitCode code = summary.whole() ? ExitCode::pass : summary.nothing_tested() ? ExitCode::error : ExitCode::not_passed;
  if (!ran) code = complain(ran.error());
  if (!o.json) {
    const TerminalStyle style = detect_style(STDOUT_FILENO);
    for (const Line& line : swarm_text(style, summary, clock->now().seconds(), repeat_command(o)))
      std::cout << render(style, line);
  }
  if (o.shrink && ran) {
    if (const ExitCode shrunk = shrink_broken(job, broken, options, o); shrunk != ExitCode::pass) code = shrunk;
  }
  if (!o.html.empty()) {
    const std::string title = fmt::format("swarm of plan {}, seeds {}..{}, defects {}, faults {}", job.plan.name,
                                          seeds->first, seeds->last, o.defects, o.faults);
    const Result<void> written = replace_file(o.html, swarm::summary_html(summary, title));
    if (!written) code = complain(written.error());
  }
  const bool cut = ran.has_value() && summary.seeds < planned;
  if (cut) {
    std::cerr << fmt::format("penrig: stopped after {} of {}\n", summary.seeds, counted(planned, "seed"));
    code = ExitCode::aborted;
  }
  if (o.json) {
    nlohmann::ordered_json last = swarm::to_json(summary);
    last["stopped"] = cut;
    last["took_s"] = clock->now().seconds();
    std::cout << last.dump() << '\n';
  }
  return code;
}

}  // namespace penrig::cli
