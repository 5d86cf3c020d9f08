#include "tests/system/recomputed.hpp"

namespace penrig::test {

std::string in_words(const Recomputation& recomputation) {
  std::string text;
  for (const std::string& what : recomputation.missing) text += "missing: " + what + "\n";
  std::size_t n = 0;
  for (const RecordDifference& d : recomputation.differences) {
    if (++n > 20) return text + "and more\n";
    text += d.where + ": " + d.what + ": " + d.recorded + " -> " + d.recomputed + "\n";
  }
  return text;
}

}  // namespace penrig::test
