#pragma once

namespace penrig {

/// Every name that one of two has, in order: visit(name, was, is) with pointers to their values, null where there is
/// none. Values: a map by names, or AnalysisInputs.
template <class Values, class Visit>
void each_name(const Values& recorded, const Values& recomputed, Visit visit) {
  const auto name_of = [](const auto& one) -> const auto& {
    const auto& [name, value] = one;
    return name;
  };
  const auto value_of = [](const auto& one) {
    const auto& [name, value] = one;
    return &value;
  };
  auto was = recorded.begin();
  auto is = recomputed.begin();
  while (was != recorded.end() || is != recomputed.end()) {
    int order = 0;
    if (was == recorded.end()) {
      order = 1;
    } else if (is == recomputed.end()) {
      order = -1;
    } else {
      order = name_of(*was).compare(name_of(*is));
    }
    visit(name_of(order <= 0 ? *was : *is), order <= 0 ? value_of(*was) : nullptr,
          order >= 0 ? value_of(*is) : nullptr);
    if (order <= 0) ++was;
    if (order >= 0) ++is;
  }
}

}  // namespace penrig
