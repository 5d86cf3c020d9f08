#include "rig/spec/suite.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "rig/base/random.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

constexpr std::uint32_t kMostRepeats = 10'000;
constexpr std::size_t kMostItems = 100'000;
constexpr std::array<std::string_view, 3> kLinks{"serial", "ble", "both"};
constexpr std::array<std::string_view, 4> kFilterKeys{"entry", "tag", "pen", "link"};

/// What entries have that say nothing of their own.
struct Usual {
  std::string rig, slot;
  std::vector<std::string> pens, links{""};
  std::vector<TextPlace> pen_places, link_places{TextPlace{}};
  std::uint32_t repeats = 1;
};

/// A list of texts, each once, with their places.
void read_list(YamlMapping& from, const char* key, std::vector<std::string>& texts, std::vector<TextPlace>& places) {
  if (!from.has(key)) return;
  texts = from.texts(key);
  places.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    places.push_back(from.place(key, i));
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(i);
    if (!texts[i].empty() && std::find(texts.begin(), end, texts[i]) != end)
      from.mistake_at(places.back(), fmt::format("'{}' is there already", shown(texts[i])));
  }
}

void read_usual(YamlMapping& from, Usual& u) {
  u.rig = from.text_or("rig", u.rig);
  u.slot = from.text_or("slot", u.slot);
  read_list(from, "pens", u.pens, u.pen_places);
  read_list(from, "links", u.links, u.link_places);
  for (std::size_t i = 0; i < u.links.size() && from.has("links"); ++i) {
    if (u.links[i].empty() || std::ranges::find(kLinks, u.links[i]) != kLinks.end()) continue;
    from.mistake_at(from.place("links", i),
                    fmt::format("'{}' is no link of a pen (write: serial, ble or both)", shown(u.links[i])));
  }
  u.repeats = from.count_or("repeats", u.repeats, 1, kMostRepeats);
}

std::optional<ExpectedFailure> read_expected(YamlMapping& entry) {
  YamlMapping from = entry.mapping_or_none("expected_failure");
  if (!from.present()) return std::nullopt;
  ExpectedFailure expected;
  expected.place = from.place();
  std::vector<TextPlace> places;
  read_list(from, "requirements", expected.requirements, places);
  expected.reason = from.text("reason");
  const std::string until = from.text("until");
  if (const auto date = parse_date(until)) {
    expected.until = *date;
  } else if (!until.empty()) {
    from.mistake("until",
                 fmt::format("'{}' is no date (write: YYYY-MM-DD, the last day that it is expected)", shown(until)));
  }
  from.done();
  return expected;
}

SuiteEntry read_entry(YamlMapping& item, const Usual& of_suite) {
  SuiteEntry e;
  e.place = item.place();
  e.name = item.text("run");
  e.plan_path = item.text("plan");
  e.plan_place = item.place("plan");
  Usual u = of_suite;
  read_usual(item, u);
  e.rig = u.rig;
  e.slot = u.slot;
  e.rig_place = item.place("rig");
  e.slot_place = item.place("slot");
  e.pens = u.pens;
  e.pen_places = u.pen_places;
  e.links = u.links;
  e.link_places = u.link_places;
  e.repeats = u.repeats;
  std::vector<TextPlace> places;
  read_list(item, "tags", e.tags, places);
  e.expected = read_expected(item);
  if (item.present() && e.pens.empty() && !item.has("pens"))
    item.mistake("there are no pens for this (write: pens: [SERIAL-NUMBER], here or for the whole suite)");
  item.done();
  return e;
}

void check_entries(std::vector<YamlMapping>& items, const Suite& suite) {
  std::size_t all = 0;
  for (std::size_t i = 0; i < suite.entries.size(); ++i) {
    const SuiteEntry& e = suite.entries[i];
    for (std::size_t j = 0; j < i; ++j) {
      if (e.name.empty() || e.name != suite.entries[j].name) continue;
      items[i].mistake("run", fmt::format("run '{}' is there already (each has a name of its own)", shown(e.name)));
      break;
    }
    all += e.pens.size() * e.links.size() * e.repeats;
    if (all > kMostItems) {
      items[i].mistake(fmt::format("with this the suite has more than {} runs", kMostItems));
      return;
    }
  }
}

std::string title_of(const SuiteEntry& e, const SuiteItem& item) {
  std::string title = fmt::format("{}, {}", e.name, item.pen);
  if (!item.link.empty()) title += ", over " + item.link;
  return e.repeats > 1 ? fmt::format("{}, {} of {}", title, item.repeat, e.repeats) : title;
}

}  // namespace

Loaded<Suite> load_suite(std::string_view text, const std::string& file) {
  YamlText yaml(text, file);
  Suite suite;
  YamlMapping root = yaml.root();
  suite.name = root.text("name");
  suite.title = root.text_or("title", suite.name);
  suite.revision = root.count("revision", 1, 1'000'000);
  Usual usual;
  read_usual(root, usual);
  const std::string order = root.text_or("order", "fixed");
  suite.random = order == "random";
  if (order != "fixed" && !suite.random)
    root.mistake("order", fmt::format("'{}' is no order (write: fixed or random)", shown(order)));
  if (root.has("seed")) {
    suite.seed = static_cast<std::uint64_t>(root.whole("seed", 0, INT64_MAX));
    if (!suite.random && root.sound({"seed"}))
      root.mistake("seed", "a fixed order takes no seed (write order: random, or leave it out)");
  }
  if (YamlMapping stop = root.mapping_or_none("stop"); stop.present()) {
    suite.stop_after_failures = stop.count_or("after_failures", 0, 1, 1'000'000);
    suite.stop_after_errors = stop.count_or("after_errors", 0, 1, 1'000'000);
    stop.done();
  }
  std::vector<YamlMapping> items = root.mappings("runs");
  for (YamlMapping& item : items) suite.entries.push_back(read_entry(item, usual));
  check_entries(items, suite);
  root.done();
  return {std::move(suite), yaml.mistakes()};
}

std::vector<SuiteItem> items_of(const Suite& suite) {
  std::vector<SuiteItem> all;
  for (std::size_t e = 0; e < suite.entries.size(); ++e) {
    const SuiteEntry& entry = suite.entries[e];
    for (std::uint32_t repeat = 1; repeat <= entry.repeats; ++repeat) {
      for (const std::string& link : entry.links) {
        for (std::size_t pen = 0; pen < entry.pens.size(); ++pen) {
          SuiteItem item{
              all.size() + 1, e, entry.pens[pen], link, repeat, (repeat - 1) * entry.pens.size() + pen, "", entry.slot,
              all.size() + 1};
          item.title = title_of(entry, item);
          all.push_back(std::move(item));
        }
      }
    }
  }
  if (!suite.random) return all;
  Random random(suite.seed, "order of a suite");
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
  return all;
}

bool SuiteFilter::takes(const Suite& suite, const SuiteItem& item) const {
  const SuiteEntry& entry = suite.entries[item.entry];
  return std::ranges::all_of(demands, [&](const auto& demand) {
    const auto& [key, value] = demand;
    if (key == "entry") return entry.name == value;
    if (key == "pen") return item.pen == value;
    if (key == "link") return item.link == value;
    return std::ranges::find(entry.tags, value) != entry.tags.end();
  });
}

Loaded<SuiteFilter> parse_suite_filter(const std::string& text, const std::string& name) {
  Loaded<SuiteFilter> loaded;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    const std::size_t equals = item.find('=');
    const std::string key = equals == std::string::npos ? "tag" : item.substr(0, equals);
    const std::string value = equals == std::string::npos ? item : item.substr(equals + 1);
    const auto mistake = [&](std::string message) {
      loaded.mistakes.push_back(
          {name, 1, static_cast<int>(at) + 1, std::max(1, static_cast<int>(item.size())), std::move(message), text});
    };
    if (std::ranges::find(kFilterKeys, key) == kFilterKeys.end()) {
      const auto meant = did_you_mean(key, kFilterKeys);
      mistake(fmt::format("unknown key '{}'{}", shown(key),
                          meant ? fmt::format(" (did you mean '{}'?)", *meant) : "; known: entry, tag, pen, link"));
    } else if (value.empty()) {
      mistake("nothing stands here (write a tag, or entry=NAME, tag=NAME, pen=SERIAL-NUMBER, link=ble)");
    } else {
      loaded.value.demands.emplace_back(key, value);
    }
    at = end + 1;
  }
  return loaded;
}

}  // namespace penrig
