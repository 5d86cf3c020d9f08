#include "tools/penrig/suite_rounds.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/run_several.hpp"

namespace penrig::cli {
namespace {

using SlotNames = std::vector<std::string>;

/// Which rig an entry is run on: the same name is another file on the command line than in the suite.
using Rig = std::pair<bool, std::string>;
Rig rig_of(const SuiteEntry& e, const SuiteOptions& options) { return {keeps_own_rig(e, options), e.rig}; }

/// --slots are those of --rig; an entry that stays on its own rig takes whatever that has.
std::string wanted_slots(const SuiteEntry& e, const SuiteOptions& options) {
  return keeps_own_rig(e, options) ? "all" : options.slots;
}

/// The slots of every rig of the suite that are asked for; each rig is read once.
std::map<Rig, SlotNames> slots_of_rigs(LoadedSuite& loaded, const SuiteOptions& options) {
  std::map<Rig, SlotNames> slots;
  for (const SuiteItem& item : loaded.items) {
    const SuiteEntry& e = loaded.suite.entries[item.entry];
    const auto [entry, is_new] = slots.try_emplace(rig_of(e, options));
    if (!is_new) continue;
    const Inputs rig = load_rig_inputs(options_of(loaded, item, options).rig);
    add_new(loaded.mistakes, rig.mistakes);
    if (!rig.ok()) continue;
    std::vector<Mistake> mistakes;
    entry->second = chosen_slots(wanted_slots(e, options), rig.rig, mistakes);
    add_new(loaded.mistakes, mistakes);
  }
  return slots;
}

/// Where an entry's slot is none of those that are used.
void check_own_slots(LoadedSuite& loaded, const std::map<Rig, SlotNames>& slots, const SuiteOptions& options) {
  for (const SuiteItem& item : loaded.items) {
    const SuiteEntry& e = loaded.suite.entries[item.entry];
    const SlotNames& there = slots.at(rig_of(e, options));
    if (e.slot.empty() || std::ranges::find(there, e.slot) != there.end()) continue;
    add_new(loaded.mistakes,
            {mistake_at(loaded.path, TextLines(loaded.text), e.slot_place,
                        fmt::format("slot '{}' is none of --slots {} ({}), so '{}' would run nowhere (add it there, or "
                                    "take the slot out of the entry)",
                                    e.slot, wanted_slots(e, options), fmt::join(there, ", "), e.name))});
  }
}

}  // namespace

void place_in_slots(LoadedSuite& loaded, const SuiteOptions& options) {
  const std::map<Rig, SlotNames> slots = slots_of_rigs(loaded, options);
  if (!loaded.ok()) return;
  check_own_slots(loaded, slots, options);
  if (!loaded.ok()) return;
  std::vector<SuiteItem> waiting = std::exchange(loaded.items, {});
  for (std::size_t round = 1; !waiting.empty(); ++round) {
    const Rig rig = rig_of(loaded.suite.entries[waiting.front().entry], options);
    SlotNames free = slots.at(rig);
    std::set<std::string> pens;
    std::vector<SuiteItem> later;
    for (SuiteItem& item : waiting) {
      const SuiteEntry& e = loaded.suite.entries[item.entry];
      const auto slot = e.slot.empty() ? free.begin() : std::ranges::find(free, e.slot);
      if (rig_of(e, options) != rig || slot == free.end() || !pens.insert(item.pen).second) {
        later.push_back(std::move(item));
        continue;
      }
      item.slot = *slot;
      item.round = round;
      free.erase(slot);
      loaded.items.push_back(std::move(item));
    }
    waiting = std::move(later);
  }
}

}  // namespace penrig::cli
