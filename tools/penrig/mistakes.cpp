#include "tools/penrig/mistakes.hpp"

#include <algorithm>
#include <utility>

namespace penrig::cli {

Mistake option_mistake(std::string option, std::string message) {
  Mistake m;
  m.file = std::move(option);
  m.message = std::move(message);
  return m;
}

void add_new(std::vector<Mistake>& all, const std::vector<Mistake>& more) {
  const auto same = [](const Mistake& a, const Mistake& b) {
    return a.file == b.file && a.line == b.line && a.column == b.column && a.message == b.message;
  };
  for (const Mistake& mistake : more) {
    if (std::ranges::none_of(all, [&](const Mistake& known) { return same(known, mistake); })) all.push_back(mistake);
  }
}

}  // namespace penrig::cli
