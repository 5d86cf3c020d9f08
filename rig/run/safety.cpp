#include "rig/run/safety.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr Nanoseconds kLookAtLeastEvery = std::chrono::milliseconds{20};
constexpr Nanoseconds kStaleAfter = std::chrono::milliseconds{300};

std::string trip_text(const DaqStatus& s) {
  if (s.e_stop) return "e-stop is pressed (release it at the rig, then start again)";
  if (s.door_open) return "door is open (close it, then start again)";
  if (s.over_force)
    return "the DAQ felt more than its force limit and withdrew (check needles and simulant, reset at the rig)";
  if (s.over_travel) return "the stage went beyond its travel limit (check the stage, reset at the rig)";
  return "the DAQ heard nothing from the host for too long and withdrew";
}

Awaitable<void> stop_pen(BenchPorts& ports, std::optional<TimePoint>& sent, bool& finished, Event& told) {
  auto receipt = co_await ports.pen().stop();
  if (receipt) sent = receipt->sent;
  finished = true;
  told.notify_all();
}

}  // namespace

Safety::Safety(Timeline& timeline, const RigDescription& rig, StopRequest& stop, Report report)
    : timeline_(timeline), rig_(rig), stop_(stop), report_(std::move(report)), changed_(timeline) {}

void Safety::attach(BenchPorts& ports) {
  ports_ = &ports;
  detaching_ = false;
  dead_man_armed_ = false;
  watchers_ = 2;
  timeline_.spawn(watch_devices(ports));
  timeline_.spawn(watch_stop(ports));
}

Awaitable<void> Safety::detach() {
  if (ports_ == nullptr) co_return;
  detaching_ = true;
  stream_expected_ = false;
  ports_->daq().changed().notify_all();
  stop_.changed().notify_all();
  while (watchers_ > 0) co_await changed_.wait_until(timeline_.now() + std::chrono::seconds{1});
  ports_ = nullptr;
}

void Safety::expect_stream(bool yes) {
  stream_expected_ = yes;
  last_block_at_ = timeline_.now();
}

void Safety::check_force(const SampleBlock& block) {
  if (block.force.empty()) return;
  const Calibrations& cal = rig_.calibrations;
  const auto [low, high] = std::minmax_element(block.force.begin(), block.force.end());
  const double zero_counts = force_zero_counts_.value_or(0);
  const double n_per_count = cal.force_n_per_count.value;
  const double worst_n = std::max(*high - zero_counts, zero_counts - *low) * n_per_count;
  std::string what;
  if (*high >= cal.force_max_counts || *low <= cal.force_min_counts) {
    what = fmt::format(
        "the load cell is saturated: it reads {:.2f} N, the end of its range (check its zero, its amplifier and what "
        "presses on it)",
        (*high >= cal.force_max_counts ? *high : *low) * n_per_count);
  } else if (worst_n > rig_.over_force_n && !force_zero_counts_) {
    what = fmt::format(
        "the load cell reads {:.2f} N before anything touches it, near the end of its range of {:.2f} N: it would be "
        "saturated (check whether it was overloaded, its zero and its amplifier)",
        worst_n, cal.force_max_counts * n_per_count);
  } else if (worst_n > rig_.over_force_n) {
    what = fmt::format("the load cell feels {:.2f} N, beyond the rig's limit of {:.2f} N (check needles and simulant)",
                       worst_n, rig_.over_force_n);
  }
  if (what.empty()) return;
  trip(fail(force_zero_counts_ ? Errc::interlock : Errc::saturated, std::move(what)), "over-force");
}

void Safety::check(const SampleBlock& block) {
  last_block_at_ = timeline_.now();
  if (halted_) return;
  const Calibrations& cal = rig_.calibrations;
  check_force(block);
  if (needle_zero_mm_ && !block.position.empty()) {
    const auto deepest = *std::max_element(block.position.begin(), block.position.end());
    const double out_mm = deepest * cal.position_mm_per_count.value - *needle_zero_mm_;
    if (out_mm > rig_.over_depth_mm) {
      trip(fail(Errc::interlock, fmt::format("needles are {:.3f} mm out, beyond the rig's limit of {:.3f} mm", out_mm,
                                             rig_.over_depth_mm)),
           "over-depth");
    }
  }
}

void Safety::forgive_link_loss() {
  if (halted_ && halted_->code == Errc::link_lost) halted_.reset();
}

void Safety::trip(Error why, const std::string& kind) {
  if (halted_) return;
  halted_ = std::move(why);
  report_(RunEvent{0, halted_->code == Errc::aborted ? "abort" : "interlock", kind + ": " + halted_->message,
                   std::nullopt});
  changed_.notify_all();
  if (ports_ != nullptr) {
    ++watchers_;
    timeline_.spawn(send_safe_state(*ports_, timeline_.now(), true));
  }
}

Awaitable<bool> Safety::wait_until(TimePoint t) {
  while (!halted_ && timeline_.now() < t) co_await changed_.wait_until(t);
  co_return !halted_;
}

Awaitable<void> Safety::watch_devices(BenchPorts& ports) {
  while (!detaching_) {
    const Daq& daq = ports.daq();
    if (!halted_) {
      const DaqStatus& s = daq.last_status();
      if (s.e_stop || s.door_open || s.over_force || s.over_travel || (s.dead_man && dead_man_armed_)) {
        trip(fail(Errc::interlock, trip_text(s)), s.e_stop        ? "e-stop"
                                                  : s.door_open   ? "door"
                                                  : s.over_force  ? "over-force"
                                                  : s.over_travel ? "over-travel"
                                                                  : "dead-man");
      } else if (auto state = daq.link_state(); !state) {
        trip(state.error(), "lost link");
      } else if (auto pen_state = ports.pen().link_state(); !pen_state && !pen_silence_meant_) {
        trip(pen_state.error(), "lost link");
      } else if (stream_expected_ && timeline_.now() - last_block_at_ > kStaleAfter) {
        trip(
            fail(Errc::interlock, fmt::format("no samples from {} for {} ms (the stream should not pause)",
                                              daq.link_name(), (timeline_.now() - last_block_at_).count() / 1'000'000)),
            "stale data");
      } else if (s.temperature_c != 0 &&
                 (s.temperature_c < rig_.temperature_min_c || s.temperature_c > rig_.temperature_max_c)) {
        trip(fail(Errc::interlock,
                  fmt::format("{:.1f} °C at the bench; the rig's description allows {:.1f} to {:.1f} °C",
                              s.temperature_c, rig_.temperature_min_c, rig_.temperature_max_c)),
             "temperature");
      }
    }
    co_await ports.daq().changed().wait_until(timeline_.now() + kLookAtLeastEvery);
  }
  --watchers_;
  changed_.notify_all();
}

Awaitable<void> Safety::watch_stop(BenchPorts&) {
  while (!detaching_) {
    if (stop_.requested()) {
      trip(fail(Errc::aborted, "stopped by " + stop_.why()), "stop");
    }
    co_await stop_.changed().wait_until(timeline_.now() + std::chrono::seconds{1});
  }
  --watchers_;
  changed_.notify_all();
}

Awaitable<void> Safety::send_safe_state(BenchPorts& ports, TimePoint evidence_at, bool report_latency) {
  // Both leave before either is waited for: the pen's stop is started as a coroutine of its own.
  bool pen_done = false;
  Event done(timeline_);
  std::optional<TimePoint> pen_sent;
  timeline_.spawn(stop_pen(ports, pen_sent, pen_done, done));
  auto receipt = co_await ports.daq().withdraw();
  // NOLINTNEXTLINE(bugprone-infinite-loop): stop_pen() sets it, in a coroutine that clang-tidy does not follow
  while (!pen_done) co_await done.wait_until(timeline_.now() + std::chrono::seconds{1});
  if (report_latency) {
    RunEvent event{0, "safe-state", {}, std::nullopt};
    const bool both = receipt.has_value() && pen_sent.has_value();
    if (pen_sent || receipt) {
      TimePoint last = pen_sent ? *pen_sent : receipt->sent;
      if (receipt && receipt->sent > last) last = receipt->sent;
      event.latency_ms = static_cast<double>((last - evidence_at).count()) * 1e-6;
    }
    event.text = both ? "pen stop and stage withdraw sent and acknowledged"
                      : fmt::format("pen stop {}, stage withdraw {}",
                                    pen_sent ? "acknowledged" : "not acknowledged (its dead-man acts)",
                                    receipt ? "acknowledged" : "not acknowledged (its dead-man acts)");
    report_(event);
    --watchers_;
    changed_.notify_all();
  }
}

Awaitable<void> Safety::command_safe_state() {
  if (ports_ != nullptr) co_await send_safe_state(*ports_, timeline_.now(), false);
}

}  // namespace penrig
