#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"
#include "rig/spec/text_place.hpp"

namespace penrig {

/// A failure that is known of, until a day. After it, it is a failure like any other.
struct ExpectedFailure {
  std::vector<std::string> requirements;  ///< that may not pass; empty: any
  std::string reason;
  CivilDate until;  ///< included
  TextPlace place;
};

/// One plan with its pens, links and repeats.
struct SuiteEntry {
  std::string name, plan_path;     ///< path as written, relative to the suite's own folder
  std::string rig, slot;           ///< a file, relative as well, or `sim:...`; the suite's where it says none
  std::vector<std::string> pens;   ///< serial numbers
  std::vector<std::string> links;  ///< serial, ble, both; one that is empty: as the plan says
  std::uint32_t repeats = 1;
  std::vector<std::string> tags;
  std::optional<ExpectedFailure> expected;
  TextPlace place, plan_place, rig_place, slot_place;
  std::vector<TextPlace> pen_places, link_places;
};

/// Which plans are run with which pens, how often and in which order.
struct Suite {
  std::string name, title;
  std::uint32_t revision = 0;
  bool random = false;                                           ///< order; else as written, pens innermost
  std::uint64_t seed = 1;                                        ///< of a random order
  std::uint32_t stop_after_failures = 0, stop_after_errors = 0;  ///< 0: never
  std::vector<SuiteEntry> entries;
};

/// Checks syntax, keys and types; no other file is looked at.
Loaded<Suite> load_suite(std::string_view text, const std::string& file);

/// One run of a suite.
struct SuiteItem {
  std::size_t number = 0;  ///< from 1, in the order of the file: the same whatever the order of running and the filter
  std::size_t entry = 0;
  std::string pen, link;
  std::uint32_t repeat = 1;
  std::uint64_t draw = 0;  ///< counts the pens and repeats of its entry: what a simulated run adds to its seed
  std::string title;       ///< "smoke, PRO-0001, over ble, 2 of 3"
  std::string slot;        ///< of the rig; empty: its only one
  std::size_t round = 0;   ///< items of one round run at the same time; else each has its own
};

/// All runs in the order of running.
std::vector<SuiteItem> items_of(const Suite& suite);

/// Which of them: `quick` (a tag), `entry=`, `tag=`, `pen=`, `link=`, joined by commas, all of which have to hold.
struct SuiteFilter {
  std::vector<std::pair<std::string, std::string>> demands;
  bool takes(const Suite& suite, const SuiteItem& item) const;
};
/// @param name  what the place of a mistake is called.
Loaded<SuiteFilter> parse_suite_filter(const std::string& text, const std::string& name);

}  // namespace penrig
