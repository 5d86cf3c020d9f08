#include "rig/run/safety.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr Nanoseconds kLookAtLeastEvery = std::chrono::milliseconds{20};
constexpr Nanoseconds kStaleAfter = std::chrono::milliseconds{300};
/// Four heartbeats: a link that died counts as lost before, and one that loses a reply now and then is borne.
constexpr Nanoseconds kStatusStaleAfter = std::chrono::milliseconds{500};

/// The acknowledgements of the safe-state commands, or why there is none.
struct SafeStateReceipts {
  /// Of the link that brought it first.
  Result<CommandReceipt> pen_stop = fail(Errc::timeout, "pen stop was not acknowledged");
  Result<CommandReceipt> withdraw = fail(Errc::timeout, "withdraw was not acknowledged");
};

/// What the DAQ says of itself: what the record calls it, and what a person reads.
struct DaqTrip {
  const char* kind;
  const char* text;
};

std::optional<DaqTrip> trip_of(const DaqStatus& s, bool dead_man_counts) {
  if (s.e_stop)
    return DaqTrip{"e-stop", "e-stop is pressed or was not reset (release and reset it at the rig, then start again)"};
  if (s.door_open)
    return DaqTrip{"door", "door is open or was not reset (close it, reset the rig by hand, then start again)"};
  if (s.over_force) {
    return DaqTrip{
        "over-force",
        "the DAQ felt more than its force limit and withdrew (check needles and simulant, reset at the rig)"};
  }
  if (s.over_travel) {
    return DaqTrip{"over-travel", "the stage went beyond its travel limit (check the stage, reset at the rig)"};
  }
  if (s.dead_man && dead_man_counts) {
    return DaqTrip{"dead-man", "the DAQ heard nothing from the host for too long and withdrew"};
  }
  return std::nullopt;
}

Awaitable<void> stop_pen(Pen& pen, Result<CommandReceipt>& stopped, int& waiting, Event& told) {
  auto receipt = co_await pen.urgent_stop();
  if (!stopped) stopped = std::move(receipt);
  --waiting;
  told.notify_all();
}

/// All leave before any is waited for: the pen's stops are started as coroutines of their own.
Awaitable<SafeStateReceipts> send_safe_state(Timeline& timeline, BenchPorts& ports) {
  const std::span<Pen* const> pens = ports.pens();
  SafeStateReceipts receipts;
  int waiting = static_cast<int>(pens.size());
  Event done(timeline);
  for (Pen* pen : pens) {
    pen->speak_again();  // else a stop in the link-loss phase would wait for the end of the silence
    timeline.spawn(stop_pen(*pen, receipts.pen_stop, waiting, done));
  }
  receipts.withdraw = co_await ports.daq().withdraw();
  // NOLINTNEXTLINE(bugprone-infinite-loop): stop_pen() counts it, in a coroutine that clang-tidy does not follow
  while (waiting > 0) co_await done.wait_until(timeline.now() + std::chrono::seconds{1});
  co_return receipts;
}

double ms_between(TimePoint from, TimePoint to) { return static_cast<double>((to - from).count()) * 1e-6; }

/// The latency is that of the later command; of one that was sent several times, of its last transmission.
RunEvent safe_state_event(const SafeStateReceipts& receipts, TimePoint evidence_at) {
  RunEvent event{0, "safe-state", {}, std::nullopt};
  const auto tell = [&](const char* command, const Result<CommandReceipt>& receipt) {
    if (!receipt) return fmt::format("{} not acknowledged (its dead-man acts)", command);
    const double latency_ms = ms_between(evidence_at, receipt->last_sent);
    event.latency_ms = std::max(event.latency_ms.value_or(latency_ms), latency_ms);
    return fmt::format("{} sent after {:.1f} ms{} and acknowledged", command, latency_ms,
                       receipt->tries > 1 ? fmt::format(" ({} tries)", receipt->tries) : "");
  };
  event.text = tell("pen stop", receipts.pen_stop);
  event.text += ", " + tell("stage withdraw", receipts.withdraw);
  return event;
}

}  // namespace

Safety::Safety(Timeline& timeline, const RigDescription& rig, StopRequest& stop, Report report,
               std::function<void(Nanoseconds)> loop_stalled, ShowInterlocks show)
    : timeline_(timeline),
      rig_(rig),
      stop_(stop),
      report_(std::move(report)),
      loop_stalled_(std::move(loop_stalled)),
      show_(std::move(show)),
      changed_(timeline) {}

void Safety::attach(BenchPorts& ports) {
  ports_ = &ports;
  attached_at_ = timeline_.now();
  detaching_ = false;
  meant_to_be_silent_ = nullptr;
  dead_man_armed_ = false;
  shown_.reset();
  watchers_ = 2;
  if (!timeline_.is_virtual()) watchdog_ = std::make_unique<Watchdog>(loop_stalled_);
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
  watchdog_.reset();
  ports_ = nullptr;
}

void Safety::beat() {
  if (!watchdog_) return;
  const auto stood = watchdog_->beat();
  if (!stood) return;
  const auto ms = stood->count() / 1'000'000;
  Error why =
      fail(Errc::interlock,
           fmt::format("this program's event loop stood still for {} ms, so nothing was watched and no heartbeat "
                       "left; pen and DAQ make themselves safe by their dead-man (was the program stopped, the "
                       "computer suspended, its terminal held with Ctrl-S, or something else too busy on it?)",
                       ms));
  if (halted_) {  // whatever it was, this is in the record, and no less than an ERROR
    report_(RunEvent{0, "interlock", "stalled loop: " + why.message, std::nullopt});
    if (halted_->code == Errc::aborted || halted_->code == Errc::link_lost) halted_ = std::move(why);
    return;
  }
  trip({std::move(why), "stalled loop", timeline_.now()});
}

void Safety::expect_stream(bool yes) {
  stream_expected_ = yes;
  last_block_at_ = timeline_.now();
}

void Safety::check_force(const SampleBlock& block) {
  if (block.force.empty()) return;
  const Calibrations& cal = rig_.calibrations;
  const auto [low, high] = block.seen_force().extremes;
  const double zero_counts = force_zero_counts_.value_or(0);
  const double n_per_count = cal.force_n_per_count.value;
  const double worst_n = std::max(high - zero_counts, zero_counts - low) * n_per_count;
  std::string what;
  if (high >= cal.force_max_counts || low <= cal.force_min_counts) {
    what = fmt::format(
        "the load cell is saturated: it reads {:.2f} N, the end of its range (check its zero, its amplifier and what "
        "presses on it)",
        (high >= cal.force_max_counts ? high : low) * n_per_count);
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
  trip({fail(force_zero_counts_ ? Errc::interlock : Errc::saturated, std::move(what)), "over-force", block.arrived});
}

void Safety::check(const SampleBlock& block) {
  last_block_at_ = timeline_.now();
  if (halted_for_good()) return;
  const Calibrations& cal = rig_.calibrations;
  check_force(block);
  if (needle_zero_mm_ && !block.position.empty()) {
    const auto deepest = block.seen_position().extremes.high;
    const double out_mm = deepest * cal.position_mm_per_count.value - *needle_zero_mm_;
    if (out_mm > rig_.over_depth_mm) {
      trip({fail(Errc::interlock, fmt::format("needles are {:.3f} mm out, beyond the rig's limit of {:.3f} mm", out_mm,
                                              rig_.over_depth_mm)),
            "over-depth", block.arrived});
    }
  }
}

void Safety::forgive_link_loss() {
  if (halted_ && halted_->code == Errc::link_lost) halted_.reset();
}

void Safety::trip(Trip reason) {
  const bool first = !halted_;
  const Errc code = reason.why.code;
  if (halted_for_good() || (!first && (code == Errc::link_lost || code == Errc::aborted))) return;
  halted_ = std::move(reason.why);
  report_(RunEvent{0, halted_->code == Errc::aborted ? "abort" : "interlock",
                   std::string(reason.kind) + ": " + halted_->message, std::nullopt});
  changed_.notify_all();
  if (first && ports_ != nullptr) {  // else the commands left when the link was lost
    ++watchers_;
    timeline_.spawn(answer_trip(*ports_, reason.evidence_at));
  }
}

Awaitable<bool> Safety::wait_until(TimePoint t) {
  while (!halted_ && timeline_.now() < t) co_await changed_.wait_until(t);
  co_return !halted_;
}

std::optional<Safety::Trip> Safety::look_at_devices(BenchPorts& ports, TimePoint looked_at) const {
  const Daq& daq = ports.daq();
  const DaqStatus& s = daq.last_status();
  // What was said before this run listened is evidence from when it did.
  const TimePoint status_at = std::max(daq.last_heard(), attached_at_);
  // Who lost one link may fall silent on the other for a moment, and the DAQ then withdraws: that is the same loss.
  const bool link_lost = halted_.has_value();
  if (const auto said = trip_of(s, dead_man_armed_ && !link_lost))
    return Trip{fail(Errc::interlock, said->text), said->kind, status_at};
  if (const auto state = daq.link_state(); !state) {
    // What it said before was looked at then, and what it does not say since is the loss.
    if (link_lost && state.error().code == Errc::link_lost) return std::nullopt;
    return Trip{state.error(), state.error().code == Errc::link_lost ? "lost link" : "clock", looked_at};
  }
  for (const Pen* pen : ports.pens()) {
    if (const auto state = pen->link_state(); !state && pen != meant_to_be_silent_ && !link_lost)
      return Trip{state.error(), "lost link", looked_at};
  }
  const Nanoseconds silent = timeline_.now() - last_block_at_;
  if (stream_expected_ && silent > kStaleAfter && !link_lost) {
    return Trip{fail(Errc::interlock, fmt::format("no samples from {} for {} ms (the stream should not pause)",
                                                  daq.link_name(), silent.count() / 1'000'000)),
                "stale data", last_block_at_ + kStaleAfter};
  }
  if (const Nanoseconds age = timeline_.now() - status_at; age > kStatusStaleAfter && !link_lost) {
    return Trip{fail(Errc::interlock,
                     fmt::format("no status from {} for {} ms, so what its door and e-stop do is not known (its "
                                 "firmware must send one with every heartbeat reply)",
                                 daq.link_name(), age.count() / 1'000'000)),
                "stale status", status_at + kStatusStaleAfter};
  }
  // Written so that a temperature that is not a number trips.
  if (!(s.temperature_c >= rig_.temperature_min_c && s.temperature_c <= rig_.temperature_max_c)) {
    return Trip{
        fail(Errc::interlock, fmt::format("{:.1f} °C at the bench; the rig's description allows {:.1f} to {:.1f} °C",
                                          s.temperature_c, rig_.temperature_min_c, rig_.temperature_max_c)),
        "temperature", status_at};
  }
  return std::nullopt;
}

void Safety::show_interlocks(const DaqStatus& status) {
  if (!show_ || shown_ == status.open_interlocks()) return;
  shown_ = status.open_interlocks();
  show_(status);
}

Awaitable<void> Safety::watch_devices(BenchPorts& ports) {
  TimePoint looked_at = timeline_.now();
  while (!detaching_) {
    beat();
    show_interlocks(ports.daq().last_status());
    if (!halted_for_good()) {
      if (auto reason = look_at_devices(ports, looked_at)) trip(std::move(*reason));
    }
    looked_at = timeline_.now();
    co_await ports.daq().changed().wait_until(looked_at + kLookAtLeastEvery);
  }
  beat();  // a stall just before the end counts as well
  --watchers_;
  changed_.notify_all();
}

Awaitable<void> Safety::watch_stop(BenchPorts&) {
  while (!detaching_) {
    if (stop_.requested()) {
      trip({fail(Errc::aborted, "stopped by " + stop_.why()), "stop", timeline_.now()});
    }
    co_await stop_.changed().wait_until(timeline_.now() + std::chrono::seconds{1});
  }
  --watchers_;
  changed_.notify_all();
}

Awaitable<void> Safety::answer_trip(BenchPorts& ports, TimePoint evidence_at) {
  const SafeStateReceipts receipts = co_await send_safe_state(timeline_, ports);
  report_(safe_state_event(receipts, evidence_at));
  --watchers_;
  changed_.notify_all();
}

Awaitable<Result<void>> Safety::command_safe_state() {
  if (ports_ == nullptr) co_return Result<void>{};
  const SafeStateReceipts receipts = co_await send_safe_state(timeline_, *ports_);
  if (!receipts.pen_stop) co_return receipts.pen_stop.error();
  if (!receipts.withdraw) co_return receipts.withdraw.error();
  co_return Result<void>{};
}

}  // namespace penrig
