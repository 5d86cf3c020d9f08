#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig {

// What a run, a phase of it, and a device that it holds can be, what may happen to each then, and what it is
// afterwards. These tables are what the sequencer (run, phase) and the clients (device) go by: an event that is not in
// the table for the state at hand is an ERROR that names both. rig/ARCHITECTURE.md draws them; a test holds the page
// against them.

enum class RunStage { new_, opening, stepping, tearing_down, judging, closing, closed, without_record };
enum class RunHappening {
  begins,
  record_open,
  record_refused,
  steps_done,
  stopped,
  torn_down,
  judged,
  record_durable,
  record_lost
};

enum class PhaseStage { due, trying, keeping_result, keeping_error, in_error, mending, done, failed };
enum class PhaseHappening {
  begins,
  went_well,
  went_wrong,
  written,
  not_written,
  repeats,
  given_up,
  mended,
  not_mended
};

enum class DeviceStage { new_, opening, open, silent, lost, closed };
enum class DeviceHappening { opens, answered, not_answered, request, falls_silent, speaks, link_lost, closes };

template <class State, class Event>
struct Transition {
  State from;
  Event event;
  State to;
};
/// Said for clang 14, which lints and fuzzes, and does not deduce it for an aggregate.
template <class State, class Event>
Transition(State, Event, State) -> Transition<State, Event>;

// clang-format off
inline constexpr std::array<std::string_view, 8> kRunStages{
    "new", "opening the record", "stepping through the plan", "tearing down", "judging", "closing the record", "closed",
    "without a whole record"};
inline constexpr std::array<std::string_view, 9> kRunHappenings{
    "begins", "record open", "record refused", "steps done", "stopped", "torn down", "judged", "record durable",
    "record lost"};
inline constexpr std::array kRunTable{
    Transition{RunStage::new_, RunHappening::begins, RunStage::opening},
    Transition{RunStage::opening, RunHappening::record_open, RunStage::stepping},
    Transition{RunStage::opening, RunHappening::record_refused, RunStage::without_record},
    Transition{RunStage::stepping, RunHappening::steps_done, RunStage::tearing_down},
    Transition{RunStage::stepping, RunHappening::stopped, RunStage::tearing_down},
    Transition{RunStage::tearing_down, RunHappening::torn_down, RunStage::judging},
    Transition{RunStage::judging, RunHappening::judged, RunStage::closing},
    Transition{RunStage::closing, RunHappening::record_durable, RunStage::closed},
    Transition{RunStage::closing, RunHappening::record_lost, RunStage::without_record}};

inline constexpr std::array<std::string_view, 8> kPhaseStages{
    "due", "trying", "keeping its result", "keeping its error", "in error", "mending", "done", "failed"};
inline constexpr std::array<std::string_view, 9> kPhaseHappenings{
    "begins", "went well", "went wrong", "written", "not written", "repeats", "given up", "mended", "not mended"};
inline constexpr std::array kPhaseTable{
    Transition{PhaseStage::due, PhaseHappening::begins, PhaseStage::trying},
    Transition{PhaseStage::trying, PhaseHappening::went_well, PhaseStage::keeping_result},
    Transition{PhaseStage::trying, PhaseHappening::went_wrong, PhaseStage::keeping_error},
    Transition{PhaseStage::keeping_result, PhaseHappening::written, PhaseStage::done},
    Transition{PhaseStage::keeping_result, PhaseHappening::not_written, PhaseStage::failed},
    Transition{PhaseStage::keeping_error, PhaseHappening::written, PhaseStage::in_error},
    Transition{PhaseStage::keeping_error, PhaseHappening::not_written, PhaseStage::failed},
    Transition{PhaseStage::in_error, PhaseHappening::repeats, PhaseStage::mending},
    Transition{PhaseStage::in_error, PhaseHappening::given_up, PhaseStage::failed},
    Transition{PhaseStage::mending, PhaseHappening::mended, PhaseStage::due},
    Transition{PhaseStage::mending, PhaseHappening::not_mended, PhaseStage::failed}};

inline constexpr std::array<std::string_view, 6> kDeviceStages{"new", "opening", "open", "silent", "lost", "closed"};
inline constexpr std::array<std::string_view, 8> kDeviceHappenings{
    "opens", "answered", "not answered", "request", "falls silent", "speaks", "link lost", "closes"};
// A request on a lost link is no mistake of this program: it ends with why the link was lost.
inline constexpr std::array kDeviceTable{
    Transition{DeviceStage::new_, DeviceHappening::opens, DeviceStage::opening},
    Transition{DeviceStage::new_, DeviceHappening::closes, DeviceStage::closed},
    Transition{DeviceStage::opening, DeviceHappening::answered, DeviceStage::open},
    Transition{DeviceStage::opening, DeviceHappening::not_answered, DeviceStage::lost},
    Transition{DeviceStage::opening, DeviceHappening::link_lost, DeviceStage::lost},
    Transition{DeviceStage::opening, DeviceHappening::closes, DeviceStage::closed},
    Transition{DeviceStage::open, DeviceHappening::request, DeviceStage::open},
    Transition{DeviceStage::open, DeviceHappening::falls_silent, DeviceStage::silent},
    Transition{DeviceStage::open, DeviceHappening::speaks, DeviceStage::open},
    Transition{DeviceStage::open, DeviceHappening::link_lost, DeviceStage::lost},
    Transition{DeviceStage::open, DeviceHappening::closes, DeviceStage::closed},
    Transition{DeviceStage::silent, DeviceHappening::speaks, DeviceStage::open},
    Transition{DeviceStage::silent, DeviceHappening::link_lost, DeviceStage::lost},
    Transition{DeviceStage::silent, DeviceHappening::closes, DeviceStage::closed},
    Transition{DeviceStage::lost, DeviceHappening::request, DeviceStage::lost},
    Transition{DeviceStage::lost, DeviceHappening::falls_silent, DeviceStage::lost},
    Transition{DeviceStage::lost, DeviceHappening::speaks, DeviceStage::lost},
    Transition{DeviceStage::lost, DeviceHappening::link_lost, DeviceStage::lost},
    Transition{DeviceStage::lost, DeviceHappening::closes, DeviceStage::closed},
    Transition{DeviceStage::closed, DeviceHappening::closes, DeviceStage::closed}};
// clang-format on

/// One of the three tables with the words that its states and events go by.
template <class State, class Event>
struct LifecycleTable {
  const char* of;  ///< "run"
  std::span<const Transition<State, Event>> transitions;
  std::span<const std::string_view> states, events;

  constexpr std::optional<State> next(State state, Event event) const {
    for (const auto& t : transitions) {
      if (t.from == state && t.event == event) return t.to;
    }
    return std::nullopt;
  }
  constexpr std::string_view name(State state) const { return states[static_cast<std::size_t>(state)]; }
  constexpr std::string_view name(Event event) const { return events[static_cast<std::size_t>(event)]; }
};

inline constexpr LifecycleTable<RunStage, RunHappening> kRunLifecycle{"run", kRunTable, kRunStages, kRunHappenings};
inline constexpr LifecycleTable<PhaseStage, PhaseHappening> kPhaseLifecycle{"phase", kPhaseTable, kPhaseStages,
                                                                            kPhaseHappenings};
inline constexpr LifecycleTable<DeviceStage, DeviceHappening> kDeviceLifecycle{"device", kDeviceTable, kDeviceStages,
                                                                               kDeviceHappenings};

/// True if no state has two ways out for one event, every state but the first can be reached, and every event matters.
template <class State, class Event>
constexpr bool is_sound(const LifecycleTable<State, Event>& table) {
  for (std::size_t i = 0; i < table.transitions.size(); ++i) {
    for (std::size_t j = i + 1; j < table.transitions.size(); ++j) {
      const auto &a = table.transitions[i], &b = table.transitions[j];
      if (a.from == b.from && a.event == b.event) return false;
    }
  }
  for (std::size_t state = 1; state < table.states.size(); ++state) {
    bool reached = false;
    for (const auto& t : table.transitions) {
      reached = reached || (t.to == static_cast<State>(state) && t.from != t.to);
    }
    if (!reached) return false;
  }
  for (std::size_t event = 0; event < table.events.size(); ++event) {
    bool matters = false;
    for (const auto& t : table.transitions) matters = matters || t.event == static_cast<Event>(event);
    if (!matters) return false;
  }
  return true;
}
static_assert(is_sound(kRunLifecycle) && is_sound(kPhaseLifecycle) && is_sound(kDeviceLifecycle));

/// Where one run, phase or device is in its table.
template <class State, class Event>
class Lifecycle {
 public:
  explicit constexpr Lifecycle(const LifecycleTable<State, Event>& table) : table_(table) {}

  State state() const { return state_; }
  std::string_view name() const { return table_.name(state_); }

  /// Something happened. Errc::internal, naming state and event, if the table does not know it here; the state stays.
  Result<void> happened(Event event) {
    if (const auto to = table_.next(state_, event)) {
      state_ = *to;
      return {};
    }
    std::string expected;
    for (const auto& t : table_.transitions) {
      if (t.from == state_) expected += (expected.empty() ? "'" : "', '") + std::string(table_.name(t.event));
    }
    return fail(Errc::internal, "the " + std::string(table_.of) + " is '" + std::string(name()) + "', where '" +
                                    std::string(table_.name(event)) + "' is not expected, but " +
                                    (expected.empty() ? "nothing any more" : expected + "'") +
                                    ": a mistake in this program, please report it");
  }

 private:
  const LifecycleTable<State, Event>& table_;
  State state_{};
};

using RunLifecycle = Lifecycle<RunStage, RunHappening>;
using PhaseLifecycle = Lifecycle<PhaseStage, PhaseHappening>;
using DeviceLifecycle = Lifecycle<DeviceStage, DeviceHappening>;

/// A lifecycle as the page shows it, Markdown: one row a state, with what may happen there and what it is then.
template <class State, class Event>
std::string drawn(const LifecycleTable<State, Event>& table) {
  std::string text = "| a " + std::string(table.of) + " is | what may happen → what it is then |\n|---|---|\n";
  for (std::size_t state = 0; state < table.states.size(); ++state) {
    std::string ways;
    for (const auto& t : table.transitions) {
      if (t.from != static_cast<State>(state)) continue;
      ways += (ways.empty() ? "" : "; ") + std::string(table.name(t.event)) + " → **" + std::string(table.name(t.to)) +
              "**";
    }
    text += "| **" + std::string(table.states[state]) + "** | " + (ways.empty() ? "–, it is over" : ways) + " |\n";
  }
  return text;
}

}  // namespace penrig
