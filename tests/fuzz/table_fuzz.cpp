// libFuzzer target: any bytes through the reader of value tables, cell by cell. Nothing may crash or hang; there is a
// mistake with words and a place, or a table whose every cell is read.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "reports/study/value_table.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const std::vector<penrig::Mistake>& mistakes) {
  for (const penrig::Mistake& mistake : mistakes) {
    demand(!mistake.message.empty() && mistake.length >= 1 && mistake.line >= 0);
    demand(!penrig::render(mistake, true).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = penrig::read_value_table(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  check(table.mistakes);
  if (!table.ok()) return 0;
  demand(table.value.rows() > 0 && !table.value.names().empty());
  std::vector<penrig::Mistake> mistakes;
  for (std::size_t row = 0; row < table.value.rows(); ++row) {
    for (std::size_t column = 0; column < table.value.names().size(); ++column) {
      const auto value = table.value.number(row, column, mistakes);
      demand(!value || std::isfinite(*value));
      demand(table.value.text(row, column).size() <= size);
    }
  }
  check(mistakes);
  table.value.column("valeu", {}, "--value", mistakes);
  return 0;
}
