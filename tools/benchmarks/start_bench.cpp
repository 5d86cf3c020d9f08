#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/scratch_directory.hpp"
#include "rig/base/timeline.hpp"
#include "rig/measure/statistics.hpp"
#include "tools/benchmarks/pty.hpp"

// What somebody waits for before anything happens: the program's start, and a run's first bytes on a link. Wanted:
// `penrig --version` in 20 ms, the first command of a run in 60 ms.

namespace penrig {
namespace {

constexpr int kStarts = 40;
constexpr int kLongestMs = 10'000;

double ms(Nanoseconds d) { return std::chrono::duration<double, std::milli>(d).count(); }

/// A program whose output goes nowhere; killed where it still runs.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (::posix_spawn(&pid_, argv.front(), &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)ended_well();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits for its end.
  bool ended_well() {
    int status = -1;
    const bool waited = pid_ > 0 && ::waitpid(std::exchange(pid_, -1), &status, 0) > 0;
    return waited && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t pid_ = -1;
};

void tell(benchmark::State& state, std::vector<double>& times_ms) {
  std::sort(times_ms.begin(), times_ms.end());
  state.counters["median_ms"] = quantile_of(times_ms, 0.5);
  state.counters["least_ms"] = times_ms.front();
}

void start_and_end(benchmark::State& state, const std::vector<std::string>& command) {
  const auto timeline = make_real_timeline();
  for (auto _ : state) {
    std::vector<double> times_ms;
    for (int i = 0; i < kStarts; ++i) {
      const TimePoint started = timeline->now();
      if (!Child(command).ended_well()) return state.SkipWithError((command.front() + " did not end well").c_str());
      times_ms.push_back(ms(timeline->now() - started));
    }
    tell(state, times_ms);
  }
}

/// The least that a start can take on this machine.
void start_nothing(benchmark::State& state) { start_and_end(state, {"/bin/true"}); }
BENCHMARK(start_nothing)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

void start_version(benchmark::State& state) { start_and_end(state, {PENRIG_PROGRAM, "--version"}); }
BENCHMARK(start_version)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

/// The example's description of a rig, with these links in it.
std::string rig_on(const std::array<Pty, 2>& devices) {
  std::ifstream in(PENRIG_SOURCE_DIR "/fixtures/rigs/bench-example.yaml");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::array<std::string, 2> keys{"    pen: ", "    daq: "};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t at = text.find(keys[i]);
    if (at == std::string::npos) return "";
    const std::size_t from = at + keys[i].size();
    text.replace(from, text.find('\n', from) - from, "serial:" + devices[i].path);
  }
  return text;
}

/// Until one of the devices is spoken to.
bool first_bytes(const std::array<Pty, 2>& devices) {
  std::array<pollfd, 2> ends{};
  for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = {devices[i].master.get(), POLLIN, 0};
  return ::poll(ends.data(), ends.size(), kLongestMs) > 0;
}

void start_of_a_run(benchmark::State& state) {
  const auto timeline = make_real_timeline();
  const std::string plan = PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml";
  for (auto _ : state) {
    std::vector<double> times_ms;
    for (int i = 0; i < kStarts; ++i) {
      const ScratchDirectory folder(folder_in_memory());
      const std::array<Pty, 2> devices;
      if (!devices[0].slave || !devices[1].slave) return state.SkipWithError("no pseudo-terminal");
      const std::string rig = folder.path() / "rig.yaml";
      std::ofstream(rig) << rig_on(devices);
      const TimePoint started = timeline->now();
      const Child run({PENRIG_PROGRAM, "run", plan, "--rig", rig, "--serial-number", "PRO-0001", "--records",
                       folder.path() / "records"});
      if (!first_bytes(devices)) return state.SkipWithError("nobody spoke to the devices");
      times_ms.push_back(ms(timeline->now() - started));
    }
    tell(state, times_ms);
  }
}
BENCHMARK(start_of_a_run)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penrig
