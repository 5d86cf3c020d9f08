// E-stop to stop command on the wire, in real time: four simulated slots in a process of their own stream at 50 kS/s
// over ptys to one event loop with the production clients and the production safety. A dozen trips on each commit;
// tools/campaign estop 200 makes so many.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixtures/bench_ports.hpp"
#include "fixtures/sim/bench.hpp"
#include "protocols/forwarding_link.hpp"
#include "protocols/links.hpp"
#include "protocols/message_name.hpp"
#include "rig/base/random.hpp"
#include "rig/run/safety.hpp"
#include "tests/system/frames_in_bytes.hpp"
#include "tests/system/over_ptys.hpp"
#include "tests/system/variable.hpp"

namespace penrig::test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kStreamingSlots = 4;

/// The device's end of a link: notes when the host's commands came off the wire.
class ListeningLink final : public ForwardingLink {
 public:
  using Heard = std::function<void(std::string_view)>;
  ListeningLink(std::unique_ptr<ByteLink> inner, Heard heard)
      : ForwardingLink(std::move(inner)), heard_(std::move(heard)) {}

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    const Result<std::size_t> count = co_await inner().read_some(into);
    if (!count) co_return count.error();
    unfinished_.insert(unfinished_.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(*count));
    unfinished_ = for_each_frame(std::move(unfinished_), [&](std::span<const std::byte> frame) {
      if (const auto message = message_in(frame)) heard_(message_name(*message));
    });
    co_return *count;
  }

 private:
  Heard heard_;
  std::vector<std::byte> unfinished_;
};

// --- the bench, in a process of its own ---

struct SimulatedSlot {
  explicit SimulatedSlot(Timeline& timeline, std::uint64_t seed) : bench(timeline, {}, seed) {}
  sim::Bench bench;
  std::string pen_path, daq_path;
  bool armed = false;  ///< its pen runs and the host watches
  std::optional<TimePoint> stop_came, withdraw_came;
};

void serve(Timeline& timeline, SimulatedSlot& slot) {
  auto pen = open_pty(timeline).value();
  auto daq = open_pty(timeline).value();
  slot.pen_path = pen.second;
  slot.daq_path = daq.second;
  const auto note = [&timeline](std::optional<TimePoint>& at) {
    if (!at) at = timeline.now();
  };
  auto pen_link = std::make_unique<ListeningLink>(std::move(pen.first), [&slot, note](std::string_view message) {
    if (message == "pen.start") slot.armed = true;
    if (message == "pen.stop") note(slot.stop_came);
  });
  auto daq_link = std::make_unique<ListeningLink>(std::move(daq.first), [&slot, note](std::string_view message) {
    if (message == "daq.withdraw") note(slot.withdraw_came);
  });
  timeline.spawn(slot.bench.serve_pen(std::move(pen_link)));
  timeline.spawn(slot.bench.serve_daq(std::move(daq_link)));
}

/// Presses the e-stop of one slot after the other at random instants; writes for each how many µs later both commands
/// had come, 0 if they did not within a second.
Awaitable<int> press(Timeline& timeline, std::vector<std::unique_ptr<SimulatedSlot>>& slots, std::uint64_t trips,
                     std::uint64_t seed, std::ostream& out) {
  Random random(seed, "e-stop");
  for (std::uint64_t i = 0; i < trips; ++i) {
    SimulatedSlot& slot = *slots[i % slots.size()];
    const TimePoint give_up = timeline.now() + std::chrono::seconds{10};
    while (!slot.armed && timeline.now() < give_up) co_await timeline.sleep_for(milliseconds{1});
    co_await timeline.sleep_for(Nanoseconds{random.below(100'000'000)});
    slot.armed = false;
    slot.stop_came.reset();
    slot.withdraw_came.reset();
    const TimePoint pressed = timeline.now();
    slot.bench.press_e_stop();
    while ((!slot.stop_came || !slot.withdraw_came) && timeline.now() < pressed + std::chrono::seconds{1}) {
      co_await timeline.sleep_for(milliseconds{1});
    }
    const bool both = slot.stop_came && slot.withdraw_came;
    const Nanoseconds took = both ? std::max(*slot.stop_came, *slot.withdraw_came) - pressed : Nanoseconds{0};
    out << took.count() / 1000 << '\n';
    slot.bench.release_e_stop();
  }
  for (auto& slot : slots) co_await slot->bench.shut_down();
  co_return 0;
}

[[noreturn]] void be_the_bench(int to_host, std::uint64_t trips, std::uint64_t seed) {
  std::ostringstream out;
  const auto tell = [&] {
    const std::string text = out.str();
    out.str("");
    return ::write(to_host, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  };
  auto timeline = make_real_timeline();
  std::vector<std::unique_ptr<SimulatedSlot>> slots;
  for (std::size_t i = 0; i < kStreamingSlots; ++i) {
    slots.push_back(std::make_unique<SimulatedSlot>(*timeline, seed + i));
    serve(*timeline, *slots.back());
    out << slots.back()->pen_path << ' ' << slots.back()->daq_path << '\n';
  }
  if (!tell()) ::_exit(1);
  timeline->run(press(*timeline, slots, trips, seed, out));
  ::_exit(tell() ? 0 : 1);
}

// --- the host ---

struct HostSlot final : SampleSink {
  explicit HostSlot(Timeline& timeline) : stop(timeline) {}
  void samples(const SampleBlock& block) override {
    taken += block.force.size();
    if (safety) safety->check(block);
  }
  void gap(const std::string&) override { ++gaps; }

  StopRequest stop;
  std::unique_ptr<Safety> safety;
  std::uint64_t taken = 0, gaps = 0, rounds = 0;
  std::string error;
  bool ended = false;
};

RigDescription description() {
  RigDescription rig;
  rig.calibrations.position_mm_per_count.value = 1e-4;
  rig.calibrations.force_n_per_count.value = 2e-4;
  rig.calibrations.force_min_counts = -50'000;
  rig.calibrations.force_max_counts = 50'000;
  return rig;
}

/// Until the DAQ says that nothing is latched, and the pen that it stands.
Awaitable<bool> made_ready(Timeline& timeline, BenchPorts& ports) {
  for (int tries = 0; tries < 200; ++tries) {
    (void)co_await ports.daq().reset_latches();
    const auto daq = co_await ports.daq().status();
    const auto pen = co_await ports.pen().status();
    if (!daq || !pen) co_return false;
    if (!daq->any_trip() && daq->withdrawn && !pen->running && pen->parked) co_return true;
    co_await timeline.sleep_for(milliseconds{5});
  }
  co_return false;
}

Awaitable<void> watch(Timeline& timeline, HostSlot& slot, const RigDescription& rig, std::string pen_path,
                      std::string daq_path) {
  auto pen = open_serial(timeline, "serial:" + pen_path);
  auto daq = open_serial(timeline, "serial:" + daq_path);
  auto ports = co_await make_bench_ports(timeline, std::move(pen.value()), std::move(daq.value()));
  if (!ports) {
    slot.error = ports.error().message;
    slot.ended = true;
    co_return;
  }
  BenchPorts& bench = **ports;
  (void)co_await made_ready(timeline, bench);
  StreamRequest stream{50'000, 512};
  const auto streams = co_await bench.daq().start_stream(stream, slot);
  const auto depth = co_await bench.pen().set_depth(millimetres(1));
  const auto rate = co_await bench.pen().set_rate(per_minute(9000));
  if (!streams || !depth || !rate) slot.error = "it could not be set going";
  while (slot.error.empty()) {
    const bool ready = co_await made_ready(timeline, bench);
    if (!ready) break;
    slot.safety = std::make_unique<Safety>(timeline, rig, slot.stop, [](RunEvent) {});
    slot.safety->attach(bench);
    slot.safety->expect_stream(true);
    const auto started = co_await bench.pen().start();
    if (started) co_await slot.safety->wait_until(timeline.now() + std::chrono::seconds{60});
    co_await slot.safety->detach();
    const std::optional<Error> why = slot.safety->halted();
    slot.safety.reset();
    if (!started || !why || why->code != Errc::interlock) break;  // the bench has gone
    if (why->message.find("e-stop") == std::string::npos) slot.error = why->message;
    ++slot.rounds;
  }
  co_await bench.close();
  slot.ended = true;
}

Awaitable<int> wait_for_all(Timeline& timeline, std::vector<std::unique_ptr<HostSlot>>& slots) {
  while (!std::all_of(slots.begin(), slots.end(), [](const auto& s) { return s->ended; })) {
    co_await timeline.sleep_for(milliseconds{20});
  }
  co_return 0;
}

std::string line_from(int descriptor) {
  std::string line;
  for (char c = 0; ::read(descriptor, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

TEST_F(OverPtys, AnEStopIsOnTheWireWithinMillisecondsWhileFourSlotsStream) {
  const std::uint64_t trips = number_of("PENRIG_TRIPS", 12), seed = number_of("PENRIG_TEST_SEED", 1);
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t bench = ::fork();
  ASSERT_GE(bench, 0);
  if (bench == 0) {
    ::close(pipe[0]);
    be_the_bench(pipe[1], trips, seed);
  }
  ::close(pipe[1]);
  const RigDescription rig = description();
  auto timeline = make_real_timeline();
  std::vector<std::unique_ptr<HostSlot>> slots;
  for (std::size_t i = 0; i < kStreamingSlots; ++i) {
    const std::string paths = line_from(pipe[0]);
    const auto blank = paths.find(' ');
    ASSERT_NE(blank, std::string::npos) << "the bench did not come up";
    slots.push_back(std::make_unique<HostSlot>(*timeline));
    timeline->spawn(watch(*timeline, *slots.back(), rig, paths.substr(0, blank), paths.substr(blank + 1)));
  }
  timeline->run(wait_for_all(*timeline, slots));
  std::vector<double> took_ms;
  for (std::string line = line_from(pipe[0]); !line.empty(); line = line_from(pipe[0])) {
    const double us = std::stod(line);
    EXPECT_GT(us, 0) << "a trip was not answered within 1 s";
    took_ms.push_back(us > 0 ? us * 1e-3 : 1000);
  }
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(bench, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  ASSERT_EQ(took_ms.size(), trips);
  std::uint64_t samples = 0, gaps = 0;
  for (const auto& slot : slots) {
    EXPECT_EQ(slot->error, "");
    samples += slot->taken;
    gaps += slot->gaps;
  }
  std::sort(took_ms.begin(), took_ms.end());
  const double median_ms = took_ms[took_ms.size() / 2];
  const auto in_time = std::count_if(took_ms.begin(), took_ms.end(), [](double ms) { return ms <= 50; });
  std::puts(fmt::format("{} trips, seed {}: median {:.2f} ms, {} within 50 ms, latest {:.2f} ms; {} samples, {} gaps",
                        trips, seed, median_ms, in_time, took_ms.back(), samples, gaps)
                .c_str());
  EXPECT_LE(median_ms, 5);
  // Of few trips 97.5 % is all of them, and one that a shared machine was away for is no fault: the campaign asks that.
  constexpr std::uint64_t kCampaign = 40;
  if (trips < kCampaign) return;
  EXPECT_GE(static_cast<double>(in_time), 0.975 * static_cast<double>(trips));
  EXPECT_EQ(gaps, 0U);
}

}  // namespace
}  // namespace penrig::test
