#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <penrig.pb.h>
#include <unistd.h>

#include "protocols/frame.hpp"
#include "protocols/links.hpp"
#include "protocols/session.hpp"
#include "rig/base/timeline.hpp"
#include "rig/measure/statistics.hpp"
#include "tools/benchmarks/pty.hpp"

// A command and its reply over a pseudo-terminal, a thread at each end, against as many bytes that are written and
// echoed with nothing around them. Wanted: median <= 1.3 times the echo's, 99th percentile <= 2.5 times.

namespace penrig {
namespace {

constexpr std::size_t kRoundTrips = 4'000;

wire::Envelope request() {
  wire::Envelope e;
  e.set_request_id(kRoundTrips / 2);
  e.mutable_daq_request()->mutable_withdraw();
  return e;
}

double us(Nanoseconds d) { return std::chrono::duration<double, std::micro>(d).count(); }

void tell(benchmark::State& state, std::vector<double>& round_trips_us) {
  if (round_trips_us.empty()) return state.SkipWithError("nothing came back");
  std::sort(round_trips_us.begin(), round_trips_us.end());
  state.counters["median_us"] = quantile_of(round_trips_us, 0.5);
  state.counters["p99_us"] = quantile_of(round_trips_us, 0.99);
}

bool read_all(int fd, std::vector<char>& bytes) {
  for (std::size_t got = 0; got < bytes.size();) {
    const ssize_t n = ::read(fd, bytes.data() + got, bytes.size() - got);
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

/// As many bytes there and back as a request has; its reply has about as many.
void pty_echo(benchmark::State& state) {
  const std::size_t size = encode_frame(request()).value().size();
  for (auto _ : state) {
    Pty pty;
    if (!pty.slave) return state.SkipWithError("no pseudo-terminal");
    std::thread echo([&] {
      std::vector<char> bytes(size);
      for (std::size_t i = 0; i < kRoundTrips && read_all(pty.slave.get(), bytes); ++i) {
        if (::write(pty.slave.get(), bytes.data(), bytes.size()) < 0) break;
      }
      pty.slave.reset();
    });
    const auto timeline = make_real_timeline();
    std::vector<double> round_trips_us;
    std::vector<char> bytes(size, 'x');
    for (std::size_t i = 0; i < kRoundTrips; ++i) {
      const TimePoint sent = timeline->now();
      if (::write(pty.master.get(), bytes.data(), bytes.size()) < 0 || !read_all(pty.master.get(), bytes)) break;
      round_trips_us.push_back(us(timeline->now() - sent));
    }
    pty.master.reset();
    echo.join();
    tell(state, round_trips_us);
  }
}
BENCHMARK(pty_echo)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

/// A device that answers every request at once; serves until the host says goodbye.
class Device {
 public:
  Device() {
    auto pty = open_pty(*timeline_);
    if (!pty) return;
    link_ = std::move(pty->first);
    path = pty->second;
    thread_ = std::thread([this] { timeline_->run(serve()); });
  }
  ~Device() {
    if (thread_.joinable()) thread_.join();
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  std::string path;

 private:
  static Awaitable<wire::Envelope> answer(const wire::Envelope&) {
    wire::Envelope reply;
    reply.mutable_done();
    co_return reply;
  }
  Awaitable<int> serve() {
    DeviceSession session(*timeline_, *link_, {.is_daq = true}, answer);
    bool over = false;
    // The host's goodbye trips the dead-man.
    session.on_dead_man([&] {
      if (over) return;
      over = true;
      timeline_->spawn(session.close("the bench ends"));
    });
    co_await session.serve();
    co_return 0;
  }

  std::unique_ptr<Timeline> timeline_ = make_real_timeline();
  std::unique_ptr<ByteLink> link_;
  std::thread thread_;
};

Awaitable<int> ask(Timeline& timeline, const std::string& path, std::vector<double>& round_trips_us) {
  auto port = open_serial(timeline, "serial:" + path);
  if (!port) co_return 1;
  HostSession host(timeline, **port, {});
  const auto limit = timeline.now() + std::chrono::seconds{60};
  if (const auto peer = co_await host.open(limit); !peer) co_return 1;
  for (std::size_t i = 0; i < kRoundTrips; ++i) {
    const TimePoint sent = timeline.now();
    const auto reply = co_await host.request(request(), limit);
    if (!reply) break;
    round_trips_us.push_back(us(timeline.now() - sent));
  }
  co_await host.close();
  co_return 0;
}

void command_round_trip(benchmark::State& state) {
  for (auto _ : state) {
    const Device device;
    if (device.path.empty()) return state.SkipWithError("no pseudo-terminal");
    const auto timeline = make_real_timeline();
    std::vector<double> round_trips_us;
    timeline->run(ask(*timeline, device.path, round_trips_us));
    tell(state, round_trips_us);
  }
}
BENCHMARK(command_round_trip)->Iterations(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penrig
