#include "tools/penrig/calibration_hand.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"
#include "tools/penrig/typed_lines.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kPatience = std::chrono::minutes{30};
constexpr std::size_t kLongestLine = 200;

std::string unit_of(const CalibrationTarget& target) {
  return std::string(unit_of_key(live_columns(target.kind).front()).unit);
}

/// "51/63 up   "
std::string prompt_head(const HandRequest& request) {
  const int direction = request.point.direction;
  return fmt::format("{:>3}/{} {:<4} ", request.number, request.of, direction > 0 ? "up" : direction < 0 ? "down" : "");
}

/// What the simulated bench's reference reads where the rig drove; what was applied where a hand does.
double on_bench(sim::Bench& bench, const CalibrationTarget& target, double applied) {
  if (target.kind == CalibrationKind::load_cell) {
    bench.hang_weight(applied);
    return applied;
  }
  return target.name == "encoder" ? bench.needle_gauge_mm() : bench.stage_gauge_mm();
}

class Person final : public CalibrationHand {
 public:
  explicit Person(HandSetting setting) : setting_(std::move(setting)), echoes_(::isatty(STDIN_FILENO) == 1) {}

  Awaitable<Result<std::optional<double>>> apply(HandRequest request,
                                                 std::function<std::optional<Error>()> halted) override {
    if (!request.complaint.empty()) complain(request.complaint);
    while (true) {
      setting_.guide.prompt(prompt_head(request) + question(request.point) + ": ");
      auto answer = co_await next_line(halted);
      if (!answer) {
        setting_.guide.end_prompt();
        co_return answer.error();
      }
      setting_.guide.answered(*answer, echoes_);
      if (*answer == "q") co_return fail(Errc::aborted, "ended by q");
      if (*answer == "s") co_return std::optional<double>{};
      std::optional<double> value = request.point.applied;
      if (!answer->empty()) {
        value = number_of(*answer);
        if (!value) {
          complain(fmt::format("'{}' is no number{} (an empty line, a number in {}, s or q)", penrig::shown(*answer),
                               answer->size() > kLongestLine ? " that anybody would type" : "",
                               unit_of(setting_.target)));
          continue;
        }
      }
      if (!value && setting_.bench == nullptr) {
        complain(fmt::format("what does the reference read? (a number in {}, s or q)", unit_of(setting_.target)));
        continue;
      }
      if (value) {
        if (auto allowed = check_applied(*value, setting_.target, setting_.rig); !allowed) {
          complain(allowed.error().message);
          continue;
        }
      }
      if (setting_.bench != nullptr) {
        const double seen = on_bench(*setting_.bench, setting_.target, value.value_or(0));
        if (!value) value = seen;
      }
      co_return value;
    }
  }

 private:
  void complain(const std::string& text) const { setting_.guide.line({{"      " + text, Ink::strong}}); }

  std::string question(const PlannedPoint& point) const {
    const bool needle = setting_.target.name == "encoder";
    if (!point.applied) {
      const std::string where = needle ? fmt::format("the needles stand at {:g}° of the crank", point.drive_to)
                                       : fmt::format("the stage stands at {:.3f} mm", point.drive_to);
      return fmt::format("{}: write what the reference reads, {}{}", where, unit_of(setting_.target),
                         setting_.bench != nullptr ? "; Enter reads it off" : "");
    }
    if (!point.what.empty()) return point.what + " and press Enter";
    return fmt::format("apply {:g} {} and press Enter", *point.applied, unit_of(setting_.target));
  }

  std::optional<double> number_of(const std::string& text) const {
    if (text.size() > kLongestLine) return std::nullopt;
    auto value = parse_number(text);
    if (!value) value = converted_to_key_unit(text, live_columns(setting_.target.kind).front());
    return value && std::isfinite(*value) ? value : std::nullopt;
  }

  /// In real time the loop goes on beside it; virtual time stands while somebody thinks.
  Awaitable<Result<std::string>> next_line(std::function<std::optional<Error>()> halted) {
    Timeline& timeline = setting_.timeline;
    const TimePoint deadline = timeline.now() + kPatience;
    const auto wait =
        timeline.is_virtual() ? std::chrono::duration_cast<std::chrono::milliseconds>(kPatience) : TypedLines::kLook;
    do {
      setting_.look_for_signals();
      if (setting_.stop.requested()) co_return fail(Errc::aborted, "stopped by " + setting_.stop.why());
      if (auto why = halted()) co_return *why;
      std::string line;
      auto state = TypedLines::State::nothing;
      const auto look = [&] { state = input_.take(line, wait); };
      co_await timeline.run_blocking(look);
      if (state == TypedLines::State::line) co_return line;
      if (state == TypedLines::State::ended) {
        co_return fail(Errc::aborted, "the standard input ended before the series did");
      }
    } while (timeline.now() < deadline && !timeline.is_virtual());
    setting_.look_for_signals();
    if (setting_.stop.requested()) co_return fail(Errc::aborted, "stopped by " + setting_.stop.why());
    co_return fail(Errc::timeout, "nobody answered for half an hour");
  }

  HandSetting setting_;
  bool echoes_;
  TypedLines input_;
};

class SimulatedHand final : public CalibrationHand {
 public:
  explicit SimulatedHand(HandSetting setting) : setting_(std::move(setting)) {}

  Awaitable<Result<std::optional<double>>> apply(HandRequest request, std::function<std::optional<Error>()>) override {
    setting_.look_for_signals();
    if (setting_.stop.requested()) co_return fail(Errc::aborted, "stopped by " + setting_.stop.why());
    if (!request.complaint.empty()) {
      co_return fail(Errc::not_determined, fmt::format("point {}: {}", request.number, request.complaint));
    }
    co_return std::optional(on_bench(*setting_.bench, setting_.target, request.point.applied.value_or(0)));
  }

 private:
  HandSetting setting_;
};

}  // namespace

void Guide::line(const Line& line) {
  const std::lock_guard lock(mutex_);
  end_prompt_locked();
  std::fputs(render(style_, line).c_str(), file_);
  std::fflush(file_);
}

void Guide::end_prompt() {
  const std::lock_guard lock(mutex_);
  end_prompt_locked();
}

void Guide::end_prompt_locked() {
  if (prompting_) std::fputc('\n', file_);
  prompting_ = false;
}

void Guide::answered(const std::string& text, bool typed) {
  {
    const std::lock_guard lock(mutex_);
    prompting_ = false;
  }
  if (!typed) line({{penrig::shown(text)}});
}

void Guide::prompt(const std::string& text) {
  const std::lock_guard lock(mutex_);
  prompting_ = true;
  std::fputs(shown(style_, text).c_str(), file_);
  std::fflush(file_);
}

std::unique_ptr<CalibrationHand> make_person(HandSetting setting) {
  return std::make_unique<Person>(std::move(setting));
}

std::unique_ptr<CalibrationHand> make_simulated_hand(HandSetting setting) {
  return std::make_unique<SimulatedHand>(std::move(setting));
}

}  // namespace penrig::cli
