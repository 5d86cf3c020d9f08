#include "tools/penrig/bench_command.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/scratch_directory.hpp"
#include "tools/live/live_bench.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/finite_number.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kStartMs = 20'000, kEndMs = 40'000;

/// The process of the DAQs. It ends when the last stream has; before, when this goes.
class SourceProcess {
 public:
  SourceProcess() = default;
  ~SourceProcess() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    wait();
    if (told_ >= 0) ::close(told_);
  }
  SourceProcess(const SourceProcess&) = delete;
  SourceProcess& operator=(const SourceProcess&) = delete;

  /// The paths of the ptys.
  Result<std::vector<std::string>> start(const live::StreamPlan& plan) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return fail(Errc::io, "no pipe to the process of the DAQs");
    std::vector<std::string> words{"penrig",
                                   "bench",
                                   "source",
                                   "--slots",
                                   fmt::format("{}", plan.slots),
                                   "--rate",
                                   fmt::format("{}", plan.sample_rate_hz),
                                   "--block-samples",
                                   fmt::format("{}", plan.block_samples),
                                   "--seconds",
                                   fmt::format("{}", plan.seconds)};
    if (plan.flat_out) words.emplace_back("--flat-out");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      std::signal(SIGINT, SIG_IGN);  // the whole foreground group gets it; the first process decides
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv("/proc/self/exe", arguments.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    told_ = ends[0];
    if (pid_ < 0) return fail(Errc::io, "the process of the DAQs could not be started");
    return read_paths(plan.slots);
  }
  /// Whether it sent everything. It ends by itself, when its links are closed; else it is ended.
  bool ended_well() {
    pollfd over{told_, 0, 0};  // its end of the pipe goes with it
    if (::poll(&over, 1, kEndMs) <= 0) ::kill(pid_, SIGKILL);
    wait();
    return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
  }

 private:
  /// A line each; its end before that is the end of the process.
  Result<std::vector<std::string>> read_paths(std::size_t slots) const {
    std::vector<std::string> paths(1);
    while (paths.size() <= slots) {
      pollfd heard{told_, POLLIN, 0};
      const int ready = ::poll(&heard, 1, kStartMs);
      if (ready < 0 && errno == EINTR) continue;  // a stop signal: it is looked at when all are served
      if (ready <= 0) {
        return fail(Errc::timeout,
                    fmt::format("the process of the DAQs served {} of {} ports and then nothing for {} s",
                                paths.size() - 1, slots, kStartMs / 1000));
      }
      char c = 0;
      if (::read(told_, &c, 1) != 1) {
        return fail(Errc::io,
                    fmt::format("the process of the DAQs ended after {} of {} ports", paths.size() - 1, slots));
      }
      if (c != '\n') paths.back() += c;
      if (c == '\n') paths.emplace_back();
    }
    paths.pop_back();
    return paths;
  }
  void wait() {
    if (pid_ > 0) ::waitpid(pid_, &status_, 0);
    pid_ = -1;
  }

  pid_t pid_ = -1;
  int told_ = -1, status_ = 0;
};

Json live_result_json(const live::LiveResult& result, const BenchOptions& options, bool sent) {
  const double cpu_s = result.user_s + result.system_s;
  Json slots = Json::array();
  for (const live::SlotCount& slot : result.slots) {
    slots.push_back({{"run", slot.run_id},
                     {"samples", slot.samples},
                     {"gaps", slot.gaps},
                     {"strokes", slot.strokes},
                     {"error", slot.error.empty() ? Json(nullptr) : Json(slot.error)}});
  }
  return {{"type", "live"},
          {"slots", options.plan.slots},
          {"rate_hz", options.plan.sample_rate_hz},
          {"block_samples", options.plan.block_samples},
          {"seconds", options.plan.seconds},
          {"flat_out", options.plan.flat_out},
          {"waveforms", options.waveforms},
          {"whole", sent && result.whole(options.plan)},
          {"samples", result.samples()},
          {"gaps", result.gaps()},
          {"took_s", result.seconds},
          {"user_s", result.user_s},
          {"system_s", result.system_s},
          {"cpu_share", cpu_s / result.seconds},
          {"times_real_time", result.times_real_time(options.plan)},
          {"ns_per_sample", 1e9 * cpu_s / static_cast<double>(std::max<std::uint64_t>(result.samples(), 1))},
          {"most_resident_kib", result.most_resident_kib},
          {"by_slot", slots}};
}

void say_result(const live::LiveResult& result, const BenchOptions& options, bool sent) {
  const double cpu_s = result.user_s + result.system_s;
  const std::uint64_t strokes = result.slots.empty() ? 0 : result.slots.front().strokes;
  const auto line = [](const char* label, const std::string& text) {
    std::cout << render(detect_style(STDOUT_FILENO), {{fmt::format("{:<9}", label), Ink::label}, {text}});
  };
  line("streams", fmt::format("{} slots, 2 channels of {:g} samples/s in blocks of {}, {:g} s{}", options.plan.slots,
                              options.plan.sample_rate_hz, options.plan.block_samples, options.plan.seconds,
                              options.plan.flat_out ? ", as fast as they go" : ""));
  line("taken", fmt::format("{} samples, {} gaps, {} strokes a slot; waveforms {}", result.samples(), result.gaps(),
                            strokes, options.waveforms));
  line("time", fmt::format("{:.1f} s: {:.2f} times real time", result.seconds, result.times_real_time(options.plan)));
  line("cpu", fmt::format("{:.2f} s user, {:.2f} s system: {:.1f} % of a core, {:.1f} ns a sample", result.user_s,
                          result.system_s, 100 * cpu_s / result.seconds,
                          1e9 * cpu_s / static_cast<double>(std::max<std::uint64_t>(result.samples(), 1))));
  line("memory", fmt::format("{:.1f} MiB resident at most", static_cast<double>(result.most_resident_kib) / 1024));
  for (std::size_t i = 0; i < result.slots.size(); ++i) {
    if (!result.slots[i].error.empty()) line("slot", fmt::format("{}: {}", i + 1, result.slots[i].error));
  }
  if (!sent) line("source", "the process of the DAQs did not send all of it");
}

}  // namespace

ExitCode bench_source_command(const BenchOptions& options) {
  const auto timeline = make_real_timeline();
  const auto served = [](const std::vector<std::string>& paths) {
    for (const std::string& path : paths) std::cout << path << '\n';
    std::cout << std::flush;
  };
  try {
    return timeline->run(live::serve_streams(*timeline, options.plan, served)) == 0 ? ExitCode::pass : ExitCode::error;
  } catch (const ErrorException& e) {
    return complain(e.error);
  }
}

ExitCode bench_live_command(const BenchOptions& options) {
  const auto timeline = make_real_timeline();
  StopRequest stop(*timeline);
  const StopSignals signals(*timeline, stop);  // from the first on: nothing is left behind
  std::optional<ScratchDirectory> own;
  if (options.records.empty()) own.emplace();
  RecordStoreOptions how = store_options();
  how.waveform_form = options.waveforms == "flac" ? WaveformForm::flac : WaveformForm::raw;
  auto store = RecordStore::open(own ? own->path() : std::filesystem::path(options.records), how);
  if (!store) return complain(store.error());
  SourceProcess source;
  const auto ports = source.start(options.plan);
  if (!ports) return complain(ports.error());
  live::LiveResult result;
  const TerminalStyle style = detect_style(STDERR_FILENO);
  const bool shows = style.rewrites && !options.json;
  const auto told = [&](const live::LiveProgress& now) {
    if (!shows) return;
    std::cerr << fmt::format("\r\x1b[K{:.0f} of {:g} s, {} samples, {} gaps, {:.1f} % of a core, {:.1f} MiB",
                             now.seconds, options.plan.seconds, now.samples, now.gaps, 100 * now.cpu_share,
                             static_cast<double>(now.resident_kib) / 1024)
              << std::flush;
  };
  const auto whole_way = [&]() -> Awaitable<int> {
    auto taking = live::take_streams(*timeline, options.plan, *ports, **store, stop, told);
    result = co_await std::move(taking);
    co_return 0;
  };
  timeline->run(whole_way());
  if (shows) std::cerr << "\r\x1b[K" << std::flush;
  const bool sent = source.ended_well();
  if (options.json) {
    std::cout << live_result_json(result, options, sent).dump(-1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
  } else {
    say_result(result, options, sent || stop.requested());
  }
  if (stop.requested()) {
    std::cerr << fmt::format("penrig: stopped by {} after {:.1f} of {:g} s\n", stop.why(), result.seconds,
                             options.plan.seconds);
    return ExitCode::aborted;
  }
  return sent && result.whole(options.plan) ? ExitCode::pass : ExitCode::error;
}

void add_bench(CLI::App& app, BenchOptions& o, std::function<ExitCode()>& chosen) {
  CLI::App* bench = app.add_subcommand("bench", "how fast penrig is on this machine");
  bench->require_subcommand(1);
  const auto streams = [&o](CLI::App* command) {
    command->add_option("--slots", o.plan.slots, "DAQs at the same time")
        ->check(CLI::Range(1U, 256U))
        ->type_name("N")
        ->capture_default_str();
    command->add_option("--rate", o.plan.sample_rate_hz, "samples a second and channel; two channels a slot")
        ->check(finite_range(1000.0, 1e6))
        ->type_name("HZ")
        ->capture_default_str();
    command
        ->add_option("--block-samples", o.plan.block_samples,
                     "of a channel in one message, as in a plan; unless given what comes in 10.24 ms, 16 to 1024")
        ->check(CLI::Range(16U, 1024U))
        ->type_name("N");
    command->add_option("--seconds", o.plan.seconds, "of each stream")
        ->check(finite_range(1.0, 86'400.0))
        ->type_name("S")
        ->capture_default_str();
    command->add_flag("--flat-out", o.plan.flat_out, "as fast as the links take it, in place of the rate");
  };
  CLI::App* live = bench->add_subcommand("live", "take the streams of many DAQs at the same time, with everything on");
  streams(live);
  const auto usual = [&o] {
    if (o.plan.block_samples == 0) o.plan.block_samples = live::usual_block(o.plan.sample_rate_hz);
  };
  live->add_option("--waveforms", o.waveforms, "form of their files")
      ->check(CLI::IsMember({"raw", "flac"}))
      ->type_name("FORM")
      ->capture_default_str();
  live->add_option("--records", o.records, "keep the records there")->type_name("DIR");
  live->add_flag("--json", o.json, "one JSON object on stdout");
  live->footer(
      "The DAQs are simulated in a process of their own, which is not counted, each over a pty; their streams were "
      "made\n"
      "beforehand. Taken is what a run takes: links, samples, strokes with their forces, waveform files, records. "
      "Nothing\n"
      "is judged.\n"
      "\n"
      "Examples:\n"
      "  penrig bench live --slots 4 --seconds 10\n"
      "  penrig bench live --slots 32 --rate 100000 --seconds 60 --waveforms flac\n"
      "\n"
      "Exit codes: 0 nothing was lost; 2 it was stopped; 3 something was lost, or the machine failed; 4 a mistake in "
      "what\n"
      "you wrote.");
  live->callback([&o, &chosen, usual] {
    usual();
    chosen = [&o] { return bench_live_command(o); };
  });
  CLI::App* source = bench->add_subcommand("source", "the process of the DAQs: serves their streams on ptys");
  source->group("");
  streams(source);
  source->callback([&o, &chosen, usual] {
    usual();
    chosen = [&o] { return bench_source_command(o); };
  });
}

}  // namespace penrig::cli
