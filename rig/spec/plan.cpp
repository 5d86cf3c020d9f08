#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "rig/spec/key_unit.hpp"
#include "rig/spec/load.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

constexpr Range kDepths{.low = 0, .high = 20, .above_low = true};
constexpr Range kRates{.low = 60, .high = 60'000};
constexpr std::uint32_t kFewestStrokes = 4;  ///< fewer are not measured (rig/measure/stroke_stream.cpp)
constexpr std::uint32_t kMostStrokes = 100'000;
constexpr std::array<std::string_view, 6> kKinds{"sweep", "free_run", "link_loss", "soak", "reconnect", "prompt"};

template <class Phase>
void read_via(YamlMapping& item, Phase& phase) {
  if (!item.has("via")) return;
  const std::string text = item.text("via");
  phase.watched = text == "both";
  phase.via = phase.watched ? PenLink::ble : pen_link_named(text);
  if (phase.via || text.empty()) return;
  item.mistake("via", fmt::format("'{}' is no link of a pen (write: serial, ble or both)", shown(text)));
}

SweepPhase read_sweep(YamlMapping& item) {
  SweepPhase phase;
  phase.name = item.text("sweep");
  read_via(item, phase);
  phase.depths_mm = item.numbers("depth_mm", kDepths);
  phase.rates_per_min = item.numbers("rate_per_min", kRates);
  std::set<double> rates;
  for (std::size_t i = 0; i < phase.rates_per_min.size(); ++i) {
    if (phase.rates_per_min[i] > 0 && !rates.insert(phase.rates_per_min[i]).second) {
      // Depths may repeat (up and down again, for hysteresis); rates are outermost and would only repeat the sweep.
      item.mistake_at(item.place("rate_per_min", i),
                      fmt::format("rate {}/min is given twice", number_text(phase.rates_per_min[i])));
    }
  }
  phase.strokes = item.count_or("strokes", phase.strokes, kFewestStrokes, kMostStrokes);
  phase.settle_strokes = item.count_or("settle_strokes", phase.settle_strokes, 0, kMostStrokes);
  phase.min_strokes = item.count_or("min_strokes", phase.min_strokes, kFewestStrokes, kMostStrokes);
  phase.busy = item.flag_or("busy", phase.busy);
  if (item.sound({"strokes", "min_strokes"}) && phase.strokes < phase.min_strokes) {
    item.mistake("strokes", fmt::format("strokes {} is less than min_strokes {}: every setting would be an ERROR",
                                        phase.strokes, phase.min_strokes));
  }
  return phase;
}

FreeRunPhase read_free_run(YamlMapping& item) {
  FreeRunPhase phase;
  phase.name = item.text("free_run");
  read_via(item, phase);
  phase.depth_mm = item.number("depth_mm", kDepths);
  phase.rate_per_min = item.number("rate_per_min", kRates);
  phase.strokes = item.count_or("strokes", phase.strokes, 30, kMostStrokes);
  phase.settle_strokes = item.count_or("settle_strokes", phase.settle_strokes, 0, kMostStrokes);
  return phase;
}

LinkLossPhase read_link_loss(YamlMapping& item) {
  LinkLossPhase phase;
  phase.name = item.text("link_loss");
  read_via(item, phase);
  phase.depth_mm = item.number("depth_mm", kDepths);
  phase.rate_per_min = item.number("rate_per_min", kRates);
  // The dead-man acts after 0.3 s and the stop takes its time: a shorter watch sees nothing.
  phase.watch_s = item.number_or("watch_s", phase.watch_s, {.low = 0.5, .high = 30});
  phase.cut = item.flag_or("cut", phase.cut);
  return phase;
}

SoakPhase read_soak(YamlMapping& item) {
  SoakPhase phase;
  phase.name = item.text("soak");
  read_via(item, phase);
  phase.depth_mm = item.number("depth_mm", kDepths);
  phase.rate_per_min = item.number("rate_per_min", kRates);
  phase.duration_s = item.number("duration_s", {.low = 1, .high = 24 * 3600});
  phase.capture_every_s = item.number("capture_every_s", {.low = 1, .high = 3600});
  phase.strokes = item.count_or("strokes", phase.strokes, 30, kMostStrokes);
  if (item.sound({"duration_s", "capture_every_s"}) && phase.capture_every_s > phase.duration_s) {
    item.mistake("capture_every_s",
                 fmt::format("capture_every_s {} is longer than duration_s {}: nothing would be judged",
                             number_text(phase.capture_every_s), number_text(phase.duration_s)));
  }
  const double capture_s = phase.rate_per_min > 0 ? phase.strokes * 60.0 / phase.rate_per_min : 0;
  if (item.sound({"rate_per_min", "strokes", "capture_every_s"}) && capture_s > phase.capture_every_s) {
    item.mistake("capture_every_s",
                 fmt::format("{} strokes at {}/min take {:.3g} s, longer than capture_every_s {}", phase.strokes,
                             number_text(phase.rate_per_min), capture_s, number_text(phase.capture_every_s)));
  }
  return phase;
}

ReconnectPhase read_reconnect(YamlMapping& item) {
  ReconnectPhase phase;
  phase.name = item.text("reconnect");
  read_via(item, phase);
  phase.times = item.count_or("times", phase.times, 1, 1000);
  return phase;
}

/// The kind of a phase is the key that carries its name.
std::string_view kind_of(YamlMapping& item) {
  std::string_view kind;
  for (const std::string_view candidate : kKinds) {
    if (!item.has(candidate)) continue;
    if (!kind.empty()) {
      item.mistake_at(item.key_place(candidate),
                      fmt::format("a phase is of one kind, but this has '{}' and '{}'", kind, candidate));
      return kind;
    }
    kind = candidate;
  }
  return kind;
}

void read_phase(YamlMapping& item, std::vector<PhaseSpec>& phases) {
  if (!item.present()) return;
  const std::string_view kind = kind_of(item);
  if (kind == "sweep") {
    phases.emplace_back(read_sweep(item));
  } else if (kind == "free_run") {
    phases.emplace_back(read_free_run(item));
  } else if (kind == "link_loss") {
    phases.emplace_back(read_link_loss(item));
  } else if (kind == "soak") {
    phases.emplace_back(read_soak(item));
  } else if (kind == "reconnect") {
    phases.emplace_back(read_reconnect(item));
  } else if (kind == "prompt") {
    phases.emplace_back(read_prompt(item));
  } else {
    item.mistake(
        "this phase has no kind (write: sweep: NAME, free_run: NAME, link_loss: NAME, soak: NAME, reconnect: NAME or "
        "prompt: NAME)");
    return;  // which keys may stand here depends on the kind
  }
  item.done();
}

/// The plan's own `via` is that of every phase that names none.
void drive_others(YamlMapping& root, std::vector<PhaseSpec>& phases) {
  struct {
    std::optional<PenLink> via;
    bool watched = false;
  } plan;
  read_via(root, plan);
  for (PhaseSpec& phase : phases) {
    std::visit(
        [&plan](auto& p) {
          if constexpr (requires { p.via; }) {
            if (p.via) return;
            p.via = plan.via;
            p.watched = plan.watched;
          }
        },
        phase);
  }
}

std::string name_of_phase(const PhaseSpec& phase) {
  return std::visit([](const auto& p) { return p.name; }, phase);
}

void check_names(std::vector<YamlMapping>& items, const std::vector<PhaseSpec>& phases) {
  if (items.size() != phases.size()) return;
  std::set<std::string> names;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const std::string name = name_of_phase(phases[i]);
    if (name.empty() || names.insert(name).second) continue;
    items[i].mistake(kKinds[phases[i].index()],
                     fmt::format("phase '{}' is there already (each has a name of its own)", shown(name)));
  }
}

/// A setting takes one fresh spot, so what it does to it must fit the bound.
void check_spot_use(std::vector<YamlMapping>& items, const Plan& plan) {
  if (items.size() != plan.phases.size()) return;
  for (std::size_t i = 0; i < plan.phases.size(); ++i) {
    const auto* sweep = std::get_if<SweepPhase>(&plan.phases[i]);
    if (!sweep || !items[i].sound({"strokes", "settle_strokes"})) continue;
    const std::uint64_t strokes = std::uint64_t{sweep->strokes} + sweep->settle_strokes;
    if (strokes <= plan.max_strokes_per_spot) continue;
    items[i].mistake("strokes",
                     fmt::format("{} strokes and {} before them are more than max_strokes_per_spot {} allows",
                                 sweep->strokes, sweep->settle_strokes, plan.max_strokes_per_spot));
  }
}

/// A setting's samples must be read again, for its numbers to be derived from them.
void check_lengths(std::vector<YamlMapping>& items, const Plan& plan) {
  if (items.size() != plan.phases.size()) return;
  const auto check = [&](YamlMapping& item, std::uint64_t strokes, double slowest_per_min) {
    if (!item.sound({"strokes", "settle_strokes", "rate_per_min"}) || !(slowest_per_min > 0)) return;
    const double samples = static_cast<double>(strokes) * 60 / slowest_per_min * plan.sample_rate_hz;
    if (samples <= kMostSettingSamples) return;
    item.mistake("strokes", fmt::format("{} strokes at {}/min and {} samples/s are {:.0f} million samples of one "
                                        "setting, which has at most {:.0f} million (fewer strokes, or a lower "
                                        "sample_rate_hz)",
                                        strokes, number_text(slowest_per_min), number_text(plan.sample_rate_hz),
                                        samples / 1e6, kMostSettingSamples / 1e6));
  };
  for (std::size_t i = 0; i < plan.phases.size(); ++i) {
    if (const auto* const sweep = std::get_if<SweepPhase>(&plan.phases[i])) {
      const auto slowest = std::ranges::min_element(sweep->rates_per_min);
      if (slowest != sweep->rates_per_min.end())
        check(items[i], std::uint64_t{sweep->strokes} + sweep->settle_strokes, *slowest);
    } else if (const auto* const free = std::get_if<FreeRunPhase>(&plan.phases[i])) {
      check(items[i], std::uint64_t{free->strokes} + free->settle_strokes, free->rate_per_min);
    }
  }
}

/// Interlocks see samples no sooner than their block is whole.
void read_block(YamlMapping& root, Plan& plan) {
  constexpr double kUsualS = 0.0256, kLongestS = 0.05;
  constexpr std::uint32_t kFewest = 16, kUsual = 512, kMost = 1024;
  const double usual = std::clamp(std::round(plan.sample_rate_hz * kUsualS), double{kFewest}, double{kUsual});
  plan.block_samples = root.count_or("block_samples", static_cast<std::uint32_t>(usual), kFewest, kMost);
  if (!root.sound({"sample_rate_hz", "block_samples"})) return;
  const double block_s = plan.block_samples / plan.sample_rate_hz;
  if (block_s <= kLongestS) return;
  root.mistake("block_samples",
               fmt::format("block_samples {} at sample_rate_hz {} are {:.0f} ms, and no interlock may wait longer than "
                           "{:.0f} ms for its samples (write at most {})",
                           plan.block_samples, number_text(plan.sample_rate_hz), block_s * 1e3, kLongestS * 1e3,
                           static_cast<int>(plan.sample_rate_hz * kLongestS)));
}

}  // namespace

Loaded<Plan> load_plan(std::string_view text, const std::string& file) {
  YamlText yaml(text, file);
  Plan plan;
  YamlMapping root = yaml.root();
  plan.name = root.text("name");
  plan.title = root.text_or("title", plan.name);
  plan.revision = root.count("revision", 1, 1'000'000);
  plan.product_path = root.text("product");
  plan.sample_rate_hz = root.number_or("sample_rate_hz", plan.sample_rate_hz, {.low = 1000, .high = 200'000});
  read_block(root, plan);
  plan.reference_repeats = root.count_or("reference_repeats", plan.reference_repeats, 5, 100);
  plan.link_retries = root.count_or("link_retries", plan.link_retries, 0, 5);
  plan.max_strokes_per_spot = root.count_or("max_strokes_per_spot", plan.max_strokes_per_spot, 1, 1'000'000);
  constexpr Range kTemperatures{.low = -20, .high = 80};
  plan.min_simulant_temperature_c =
      root.number_or("min_simulant_temperature_c", plan.min_simulant_temperature_c, kTemperatures);
  plan.max_simulant_temperature_c =
      root.number_or("max_simulant_temperature_c", plan.max_simulant_temperature_c, kTemperatures);
  if (root.sound({"min_simulant_temperature_c", "max_simulant_temperature_c"}) &&
      plan.min_simulant_temperature_c >= plan.max_simulant_temperature_c) {
    root.mistake(
        "min_simulant_temperature_c",
        fmt::format("min_simulant_temperature_c {} is not below max_simulant_temperature_c {}",
                    number_text(plan.min_simulant_temperature_c), number_text(plan.max_simulant_temperature_c)));
  }
  if (YamlMapping golden = root.mapping_or_none("golden_check"); golden.present()) {
    GoldenCheck check;
    check.plan = golden.text("plan");
    check.place = golden.place("plan");
    check.within_h = golden.number_or("within_h", check.within_h, {.low = 0.1, .high = 24 * 31});
    golden.done();
    if (!check.plan.empty() && check.plan == plan.name)
      golden.mistake("plan",
                     "a plan cannot be its own golden check: nothing would ever run (name the golden pen's plan)");
    plan.golden_check = std::move(check);
  }
  std::vector<YamlMapping> items = root.mappings("phases");
  for (YamlMapping& item : items) read_phase(item, plan.phases);
  drive_others(root, plan.phases);
  check_names(items, plan.phases);
  check_lengths(items, plan);
  check_spot_use(items, plan);
  plan.judge = root.texts("judge");
  std::set<std::string_view> judged;
  for (std::size_t i = 0; i < plan.judge.size(); ++i) {
    if (plan.judge[i].empty() || judged.insert(plan.judge[i]).second) continue;
    yaml.mistake(root.place("judge", i), fmt::format("'{}' is judged already", shown(plan.judge[i])));
  }
  root.done();
  return {std::move(plan), yaml.mistakes()};
}

}  // namespace penrig
