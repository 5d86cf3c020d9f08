#include "rig/run/cross_checks.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "rig/run/bench_steps.hpp"

namespace penrig {
namespace {

constexpr double kBatteryPercent = 1.01;  ///< whole percents, and one that falls in between
constexpr double kRateShare = 0.02;       ///< a pen's own rate from one question to the next

Error disagree(const std::string& one, const std::string& what, const std::string& value, const std::string& other,
               const std::string& other_value, Errc code) {
  return fail(code, fmt::format("the pen on {} says that its {} is {}, and {} says {}: they are two pens, or one that "
                                "does not know itself (check which pen is near, and its label)",
                                one, what, value, other, other_value));
}

/// Device Information, where the link has one.
Result<void> hold_against_facts(const Pen& pen, const PenIdentity& said) {
  const PenFacts facts = pen.facts();
  for (const auto& [what, told, in_session] : {std::tuple{"product", &facts.product, &said.product},
                                               std::tuple{"serial number", &facts.serial_number, &said.serial_number},
                                               std::tuple{"firmware", &facts.firmware, &said.firmware},
                                               std::tuple{"hardware", &facts.hardware, &said.hardware}}) {
    if (told->empty() || *told == *in_session) continue;
    return disagree(pen.link_name(), what, *in_session, "its Device Information", *told, Errc::wrong_device);
  }
  return {};
}

Result<void> hold_against_each_other(const Pen& one, const PenStatus& a, const Pen& other, const PenStatus& b,
                                     bool stands) {
  const auto unlike = [&](const char* what, const std::string& value, const std::string& other_value) {
    return disagree(one.link_name(), what, value, "the one on " + other.link_name(), other_value, Errc::device_fault);
  };
  const auto runs = [](const PenStatus& s) { return s.running ? "running" : "standing"; };
  if (a.running != b.running) return unlike("motor", runs(a), runs(b));
  if (stands && a.stroke_count != b.stroke_count)
    return unlike("stroke count", fmt::to_string(a.stroke_count), fmt::to_string(b.stroke_count));
  // Written so that what is no number disagrees.
  if (!(std::abs(a.battery_percent - b.battery_percent) <= kBatteryPercent))
    return unlike("battery", fmt::format("{:.0f} %", a.battery_percent), fmt::format("{:.0f} %", b.battery_percent));
  const bool same_rate =
      std::abs(a.reported_rate_per_min - b.reported_rate_per_min) <= kRateShare * std::abs(a.reported_rate_per_min) + 1;
  if (!stands && !same_rate)
    return unlike("rate", fmt::format("{:.0f}/min", a.reported_rate_per_min),
                  fmt::format("{:.0f}/min", b.reported_rate_per_min));
  return {};
}

}  // namespace

Result<void> no_fault(const Pen& pen, const PenStatus& said) {
  const std::string faults = faults_of(said);
  if (!faults.empty())
    return fail(Errc::device_fault, fmt::format("the pen on {} reports a fault: {} (mend the pen, then test it anew)",
                                                pen.link_name(), faults));
  // Written so that what is no number is no charge.
  if (said.battery_percent >= 0 && said.battery_percent <= 100) return {};
  return fail(Errc::device_fault, fmt::format("the pen on {} says that its battery holds {:g} %, which is no charge: 0 "
                                              "to 100 % is (its firmware does not know its battery)",
                                              pen.link_name(), said.battery_percent));
}

Awaitable<Result<PenIdentity>> identify_pen(RunState& run) {
  std::optional<PenIdentity> first = run.pen;
  std::string of_first = "the one at set-up";
  for (Pen* pen : run.ports->pens()) {
    auto said = co_await pen->identify();
    if (!said) co_return said.error();
    if (const auto held = hold_against_facts(*pen, *said); !held) co_return held.error();
    if (!first) {
      first = std::move(*said);
      of_first = "the one on " + pen->link_name();
      continue;
    }
    for (const auto& [what, value, other] : {std::tuple{"serial number", &said->serial_number, &first->serial_number},
                                             {"product", &said->product, &first->product},
                                             {"firmware", &said->firmware, &first->firmware},
                                             {"hardware", &said->hardware, &first->hardware}}) {
      if (*value == *other) continue;
      co_return disagree(pen->link_name(), what, *value, of_first, *other, Errc::wrong_device);
    }
  }
  co_return *first;
}

Awaitable<Result<PenStatus>> same_status(RunState& run) {
  auto status = co_await pen_status(run);
  if (!status) co_return status.error();
  for (Pen* pen : run.ports->pens()) {
    if (pen == run.driven) continue;
    auto said = co_await pen->status();
    if (!said) co_return said.error();
    if (const auto well = no_fault(*pen, *said); !well) co_return well.error();
    if (const auto held = hold_against_each_other(*run.driven, *status, *pen, *said, true); !held)
      co_return held.error();
  }
  co_return *status;
}

Awaitable<PhaseOutcome> last_word(RunState& run) {
  std::optional<Error> unanswered, faulty;
  bool answered = false;
  for (Pen* pen : run.ports->pens()) {
    const auto said = co_await pen->status();
    if (!said) {
      if (!unanswered) unanswered = said.error();
      continue;
    }
    if (!answered) run.outcome.battery_after_percent = said->battery_percent;
    answered = true;
    if (const auto well = no_fault(*pen, *said); !well && !faulty) faulty = well.error();
  }
  if (faulty) co_return *faulty;
  if (!answered && unanswered) co_return *unanswered;
  co_return PhaseOutcome{};
}

Result<void> take_facts(RunState& run, const Pen& pen, const PenStatus& said) {
  const PenFacts facts = pen.facts();
  if (facts.rssi_dbm) {
    std::optional<double>& weakest = run.links[pen_link_of(pen.link_name())].rssi_dbm;
    weakest = std::min(weakest.value_or(*facts.rssi_dbm), *facts.rssi_dbm);
  }
  if (!facts.battery_percent || std::abs(*facts.battery_percent - said.battery_percent) <= kBatteryPercent) return {};
  return disagree(pen.link_name(), "battery", fmt::format("{:.0f} %", said.battery_percent), "its Battery service",
                  fmt::format("{:.0f} %", *facts.battery_percent), Errc::device_fault);
}

Awaitable<Result<PenStatus>> watched_status(RunState& run, Pen& watching, PenStatus driven) {
  auto said = co_await watching.status();
  if (!said) co_return said.error();
  if (const auto well = no_fault(watching, *said); !well) co_return well.error();
  if (const auto held = hold_against_each_other(*run.driven, driven, watching, *said, false); !held)
    co_return held.error();
  co_return *said;
}

}  // namespace penrig
