#include "rig/run/prove_cables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rig/run/bench_steps.hpp"
#include "rig/run/needle_steps.hpp"

namespace penrig {
namespace {

// A step lasts as long in every slot, jog and rest together, so that patterns keep step with each other. A crank turns
// one way only: half out comes before full, half in behind it.
constexpr double kHalfTurnSeconds = 0.75, kQuarterTurnSeconds = 0.5, kRestSeconds = 0.25;
/// Needles that stand at the end of a step stood already so long before: one that passes by is not taken for it.
constexpr Nanoseconds kStoodFor = std::chrono::milliseconds{200};
constexpr Nanoseconds kOthersCome = std::chrono::seconds{10};
constexpr double kOthersLookSeconds = 0.6;  ///< a slot that found its cables crossed streams on for those beside it
constexpr double kLastBlocksSeconds = 0.1;  ///< until what all slots took by then has come

/// Of the i-th level of a pattern: where the crank turns to, and for how long it turns and rests there.
struct Step {
  double crank_deg, seconds;
};
Step step_of(std::size_t i, double level) {
  if (i == 0) return {0, kHalfTurnSeconds};
  switch ((i - 1) % 4) {
    case 0:
      return {level > 0 ? 90.0 : 0.0, kQuarterTurnSeconds};
    case 1:
      return {180, kHalfTurnSeconds};
    case 2:
      return {level < 1 ? 270.0 : 180.0, kQuarterTurnSeconds};
    default:
      return {0, kHalfTurnSeconds};
  }
}

/// What came of one pattern.
struct Looked {
  bool own = false;
  double own_mm = 0;                ///< by how much this slot's encoder moved
  std::vector<std::string> others;  ///< slots whose encoder showed it
  std::vector<std::string> blind;   ///< slots that did not stream all along, and may yet
  std::vector<std::string> watched;
};

std::string slot_list(const std::vector<std::string>& slots) {
  return fmt::format("slot{} {}", slots.size() == 1 ? "" : "s", fmt::join(slots, ", "));
}

Looked look(const RunState& run, const StartPattern& pattern, const std::vector<TimePoint>& instants, double least_mm) {
  Looked looked;
  for (const auto& place : run.shared->patterns.places()) {
    std::vector<double> read_mm, before_mm;
    for (const TimePoint t : instants) {
      if (const auto mm = place->read_at(t)) read_mm.push_back(*mm);
      if (const auto mm = place->read_at(t - kStoodFor)) before_mm.push_back(*mm);
    }
    const bool all_along = read_mm.size() == instants.size() && before_mm.size() == instants.size();
    const bool shown = shows(read_mm, pattern, least_mm) && shows(before_mm, pattern, least_mm);
    if (place == run.place) {
      looked.own = shown;
      if (all_along) looked.own_mm = std::ranges::max(read_mm) - std::ranges::min(read_mm);
      continue;
    }
    if (all_along) looked.watched.push_back(place->slot);
    if (!all_along && !place->over) looked.blind.push_back(place->slot);
    if (shown) looked.others.push_back(place->slot);
  }
  return looked;
}

/// Whether every other slot's run streams, or will not.
Awaitable<PhaseOutcome> wait_for_others(RunState& run) {
  const TimePoint deadline = run.timeline.now() + kOthersCome;
  const auto comes = [&](const auto& place) { return place != run.place && !place->streams && !place->over; };
  while (run.timeline.now() < deadline && std::ranges::any_of(run.shared->patterns.places(), comes)) {
    auto waited = co_await rest(run, 0.05);
    if (!waited) co_return waited;
  }
  co_return PhaseOutcome{};
}

Awaitable<Result<Looked>> move_and_look(RunState& run, const StartPattern& pattern, double depth_mm) {
  std::vector<TimePoint> instants;
  for (std::size_t i = 0; i < pattern.levels.size(); ++i) {
    const Step step = step_of(i, pattern.levels[i]);
    const TimePoint until = run.timeline.now() + seconds_to_ns(step.seconds);
    auto done = co_await jog_needles(run, step.crank_deg);
    if (done) done = co_await rest(run, kRestSeconds);
    if (done) done = co_await rest(run, std::max(0.0, TimePoint{until - run.timeline.now()}.seconds()));
    if (!done) co_return done.error();
    instants.push_back(run.timeline.now());
  }
  auto arrived = co_await rest(run, kLastBlocksSeconds);
  if (arrived) arrived = co_await wait_for_samples(run);
  if (!arrived) co_return arrived.error();
  co_return look(run, pattern, instants, kLeastShareOfDepth * depth_mm);
}

Error crossed(const RunState& run, const Looked& looked) {
  const std::string& slot = run.place->slot;
  const std::string others = slot_list(looked.others);
  if (looked.own) {
    return fail(Errc::wrong_device,
                fmt::format("slot {}'s pen moves its own DAQ's needle encoder and that of {} as well: two encoders "
                            "cannot hang on one pen (look at the encoders' cables)",
                            slot, others));
  }
  return fail(Errc::wrong_device, fmt::format("slot {}'s pen moves {}'s DAQ: swap their cables (the DAQs', or the "
                                              "pens' if they stand in each other's slot)",
                                              slot, others));
}

Error moves_none(const RunState& run, const Looked& looked) {
  const std::string nor =
      looked.watched.empty() ? std::string() : fmt::format(", nor that of {}", slot_list(looked.watched));
  return fail(Errc::no_motion,
              fmt::format("slot {0}'s pen does not move its own DAQ's needle encoder by the start pattern of slot {0} "
                          "(it moved by {1:.3f} mm){2}: the encoder is stuck or uncoupled, the needles do not come "
                          "out, or a cable leads to a slot that nothing watches now{3}",
                          run.place->slot, looked.own_mm, nor,
                          looked.watched.empty() ? " (start all slots together to see which: --slots all)" : ""));
}

}  // namespace

double start_pattern_seconds(std::size_t slots) {
  if (slots < 2) return 0;
  const std::vector<double> levels = StartPattern::of_slot(0, slots).levels;
  double seconds = kLastBlocksSeconds;
  for (std::size_t i = 0; i < levels.size(); ++i) seconds += step_of(i, levels[i]).seconds;
  return seconds;
}

Awaitable<PhaseOutcome> prove_cables(RunState& run) {
  if (!run.place) co_return PhaseOutcome{};
  const auto& slots = run.job.rig.slots;
  const auto slot = std::ranges::find(slots, run.place->slot, &SlotDescription::name);
  if (slot == slots.end()) co_return fail(Errc::internal, fmt::format("the rig has no slot '{}'", run.place->slot));
  const StartPattern pattern = StartPattern::of_slot(static_cast<std::size_t>(slot - slots.begin()), slots.size());
  auto controls = co_await drive_over(run, std::nullopt);
  if (!controls) co_return controls;
  const double depth_mm = deepest_mm(run);
  auto set = co_await set_needle_depth(run, depth_mm);
  if (!set) co_return set;
  auto looked = co_await move_and_look(run, pattern, depth_mm);
  if (looked && !looked->own && looked->others.empty() && !looked->blind.empty()) {
    auto come = co_await wait_for_others(run);
    if (!come) co_return come;
    looked = co_await move_and_look(run, pattern, depth_mm);
  }
  if (!looked) co_return looked.error();
  if (looked->own && looked->others.empty()) {
    run.note(RunEvent{0, "start-pattern",
                      fmt::format("slot {}'s pen moves its own DAQ{}", run.place->slot,
                                  looked->watched.empty() ? "" : ", and not that of " + slot_list(looked->watched)),
                      std::nullopt});
    co_return PhaseOutcome{};
  }
  // Those beside it may look at this slot's encoder still, to say where their own pen went.
  auto waited = co_await rest(run, kOthersLookSeconds);
  if (!waited) co_return waited;
  if (!looked->others.empty()) co_return crossed(run, *looked);
  co_return moves_none(run, *looked);
}

}  // namespace penrig
