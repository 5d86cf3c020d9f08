#pragma once

#include <map>
#include <string>

namespace penrig {

/// Every name that one of two maps has, in order: visit(name, was, is) with pointers to their values, null where there
/// is none.
template <class Value, class Visit>
void each_name(const std::map<std::string, Value>& recorded, const std::map<std::string, Value>& recomputed,
               Visit visit) {
  auto was = recorded.begin();
  auto is = recomputed.begin();
  while (was != recorded.end() || is != recomputed.end()) {
    int order = 0;
    if (was == recorded.end()) {
      order = 1;
    } else if (is == recomputed.end()) {
      order = -1;
    } else {
      order = was->first.compare(is->first);
    }
    const std::string& name = order <= 0 ? was->first : is->first;
    const Value* const a = order <= 0 ? &was->second : nullptr;
    const Value* const b = order >= 0 ? &is->second : nullptr;
    visit(name, a, b);
    if (order <= 0) ++was;
    if (order >= 0) ++is;
  }
}

}  // namespace penrig
