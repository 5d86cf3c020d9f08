#include "tools/penrig/suite_plan.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "fixtures/sim/sim_uri.hpp"
#include "reports/digest.hpp"
#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/study_output.hpp"
#include "tools/penrig/suite_rounds.hpp"

namespace penrig::cli {

namespace fs = std::filesystem;

bool keeps_own_rig(const SuiteEntry& entry, const SuiteOptions& options) {
  // One that is not there stands where its entry does.
  const bool own = entry.rig_place.line != entry.place.line || entry.rig_place.column != entry.place.column;
  return own && !options.rig.empty();
}

LoadedSuite load_suite_file(const SuiteOptions& options) {
  LoadedSuite loaded;
  loaded.path = options.path;
  const Result<std::string> text = read_text(options.path);
  if (!text) {
    loaded.mistakes.push_back(option_mistake(options.path, text.error().message));
    return loaded;
  }
  loaded.text = *text;
  loaded.sha256 = sha256_hex(*text);
  Loaded<Suite> suite = load_suite(*text, options.path);
  loaded.mistakes = std::move(suite.mistakes);
  loaded.suite = std::move(suite.value);
  const TextLines lines(loaded.text);
  for (SuiteEntry& e : loaded.suite.entries) {
    if (!options.rig.empty() && !keeps_own_rig(e, options)) e.rig = options.rig;
    if (e.rig.empty() && loaded.ok())
      loaded.mistakes.push_back(mistake_at(options.path, lines, e.place,
                                           "this has no rig (write rig: FILE or sim:seed=1, here, for the whole suite, "
                                           "or on the command line as --rig)"));
  }
  SuiteFilter filter;
  if (!options.filter.empty()) {
    Loaded<SuiteFilter> parsed = parse_suite_filter(options.filter, "--filter");
    loaded.mistakes.insert(loaded.mistakes.end(), parsed.mistakes.begin(), parsed.mistakes.end());
    filter = std::move(parsed.value);
  }
  if (!loaded.ok()) return loaded;
  for (SuiteItem& item : items_of(loaded.suite))
    if (filter.takes(loaded.suite, item)) loaded.items.push_back(std::move(item));
  if (loaded.items.empty()) {
    std::string entries;
    std::set<std::string> tags;
    for (const SuiteEntry& e : loaded.suite.entries) {
      entries += (entries.empty() ? "" : ", ") + e.name;
      tags.insert(e.tags.begin(), e.tags.end());
    }
    loaded.mistakes.push_back(option_mistake(
        "--filter", fmt::format("'{}' takes none of this suite's runs (its entries: {}; its tags: {})", options.filter,
                                entries, tags.empty() ? "none" : fmt::format("{}", fmt::join(tags, ", ")))));
  }
  if (loaded.ok() && !options.slots.empty()) place_in_slots(loaded, options);
  return loaded;
}

RunOptions options_of(const LoadedSuite& loaded, const SuiteItem& item, const SuiteOptions& options) {
  const SuiteEntry& entry = loaded.suite.entries[item.entry];
  const fs::path folder = fs::path(loaded.path).parent_path();
  RunOptions run;
  run.plan_path = (folder / entry.plan_path).lexically_normal().string();
  run.rig = entry.rig;
  if (sim::is_simulated_rig_uri(run.rig)) {
    run.rig = simulated_rig_of(run.rig, item.pen, item.draw, loaded.family, item.slot);
  } else if (options.rig.empty() || keeps_own_rig(entry, options)) {
    run.rig = (folder / entry.rig).lexically_normal().string();
  }
  run.serial_number = item.pen;
  run.slot = item.slot;
  run.via = item.link;
  run.operator_name = options.operator_name;
  run.records = options.records;
  run.keys = options.keys;
  run.report = options.report;
  run.engineering = true;  // suites certify nothing
  return run;
}

std::string simulated_rig_of(const std::string& uri, const std::string& pen, std::uint64_t draw,
                             std::optional<std::uint64_t> family, const std::string& slot) {
  const Result<sim::SimulatedRigUri> parsed = sim::parse_simulated_rig_uri(uri);
  if (!parsed) return uri;  // whoever runs it says what is wrong
  std::string rest;
  for (std::size_t at = 4; at < uri.size();) {
    const std::size_t end = std::min(uri.find('&', at), uri.size());
    if (uri.compare(at, 5, "seed=") != 0 && end > at) rest += "&" + uri.substr(at, end - at);
    at = end + 1;
  }
  const std::uint64_t of_pens = family.value_or(parsed->seed);
  std::string out = fmt::format("sim:seed={}{}", of_pens + draw, rest);
  if (!parsed->pen) {
    std::uint64_t number = 0;
    const std::string digest = sha256_hex(fmt::format("{} {}", of_pens, pen));
    std::from_chars(digest.data(), digest.data() + 8, number, 16);
    out += fmt::format("&pen={}", number);
  }
  std::uint64_t place = 1;
  std::from_chars(slot.data(), slot.data() + slot.size(), place);
  if (!parsed->bench) out += fmt::format("&bench={}", parsed->seed + place - 1);
  return out;
}

}  // namespace penrig::cli
