#include "rig/run/busy_link.hpp"

namespace penrig {
namespace {

constexpr int kUnderWay = 4;
/// Between an answer and the next question: a link without delay would be asked for ever at one instant.
constexpr Nanoseconds kPause = std::chrono::milliseconds{1};

}  // namespace

void BusyLink::begin() {
  began_ = run_.timeline.now();
  for (; running_ < kUnderWay; ++running_) run_.timeline.spawn(ask(*run_.driven));
}

Awaitable<void> BusyLink::ask(Pen& pen) {
  while (!ending_ && !run_.safety.halted()) {
    const auto status = co_await pen.status();
    if (!status) break;  // whoever drives the pen meets the same
    ++answers_;
    co_await run_.timeline.sleep_for(kPause);
  }
  --running_;
  ended_.notify_all();
}

Awaitable<void> BusyLink::end(PhaseRecord& record) {
  const double s = static_cast<double>((run_.timeline.now() - began_).count()) * 1e-9;
  if (s > 0) record.values["link_answers_per_s"] = static_cast<double>(answers_) / s;
  ending_ = true;
  // NOLINTNEXTLINE(bugprone-infinite-loop): ask() counts it, in a coroutine that clang-tidy does not follow
  while (running_ > 0) co_await ended_.wait_until(run_.timeline.now() + std::chrono::seconds{1});
}

}  // namespace penrig
