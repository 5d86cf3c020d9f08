#include "tools/penrig/look_at_slot.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace penrig::cli {
namespace {

constexpr Nanoseconds kSafeWithin = std::chrono::seconds{2};
constexpr Nanoseconds kLookAgain = std::chrono::milliseconds{50};

Awaitable<Result<SlotLook>> look(Timeline& timeline, BenchPorts& ports) {
  SlotLook seen;
  const auto stopped = co_await ports.pen().urgent_stop();
  const auto withdrawn = co_await ports.daq().withdraw();
  if (!stopped) co_return stopped.error();
  if (!withdrawn) co_return withdrawn.error();
  const TimePoint deadline = timeline.now() + kSafeWithin;
  for (;;) {
    const auto status = co_await ports.daq().status();
    if (!status) co_return status.error();
    seen.status = *status;
    if (status->withdrawn && !status->moving) break;
    if (timeline.now() >= deadline) {
      co_return fail(Errc::interlock,
                     fmt::format("the stage of {} does not stand back: it is at {:.2f} mm (look at it, and withdraw it "
                                 "by hand)",
                                 ports.daq().link_name(), status->stage_axial_mm));
    }
    co_await ports.daq().changed().wait_until(std::min(deadline, timeline.now() + kLookAgain));
  }
  auto daq = co_await ports.daq().identify();
  if (!daq) co_return daq.error();
  seen.daq = std::move(*daq);
  auto pen = co_await ports.pen().identify();
  if (!pen) co_return pen.error();
  seen.pen = std::move(*pen);
  co_return seen;
}

}  // namespace

Awaitable<Result<SlotLook>> look_at_slot(Timeline& timeline, ConnectBench connect) {
  auto ports = co_await connect();
  if (!ports) co_return ports.error();
  auto seen = co_await look(timeline, **ports);
  co_await (*ports)->close();
  co_return seen;
}

}  // namespace penrig::cli
