#include "rig/run/busy_link.hpp"

namespace penrig {
namespace {

constexpr int kUnderWay = 4;
/// Between an answer and the next question: a link without delay would be asked for ever at one instant.
constexpr Nanoseconds kPause = std::chrono::milliseconds{1};

}  // namespace

struct BusyLink::Asking {
  explicit Asking(RunState& r) : run(r), ended(r.timeline) {}
  RunState& run;
  Event ended;
  TimePoint began;
  std::uint64_t answers = 0;
  int running = 0;
  bool ending = false;
};

BusyLink::BusyLink(RunState& run) : asking_(std::make_shared<Asking>(run)) {}
BusyLink::~BusyLink() { asking_->ending = true; }

void BusyLink::begin() {
  RunState& run = asking_->run;
  asking_->began = run.timeline.now();
  for (; asking_->running < kUnderWay; ++asking_->running) run.timeline.spawn(ask(asking_, *run.driven));
}

Awaitable<void> BusyLink::ask(std::shared_ptr<Asking> asking, Pen& pen) {
  while (!asking->ending && !asking->run.safety.halted()) {
    const auto status = co_await pen.status();
    if (!status) break;  // whoever drives the pen meets the same
    ++asking->answers;
    co_await asking->run.timeline.sleep_for(kPause);
  }
  --asking->running;
  asking->ended.notify_all();
}

Awaitable<void> BusyLink::end(PhaseRecord& record) {
  Timeline& timeline = asking_->run.timeline;
  const double s = static_cast<double>((timeline.now() - asking_->began).count()) * 1e-9;
  if (s > 0) record.values["link_answers_per_s"] = static_cast<double>(asking_->answers) / s;
  asking_->ending = true;
  // NOLINTNEXTLINE(bugprone-infinite-loop): ask() counts it, in a coroutine that clang-tidy does not follow
  while (asking_->running > 0) co_await asking_->ended.wait_until(timeline.now() + std::chrono::seconds{1});
}

}  // namespace penrig
