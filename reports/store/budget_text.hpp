#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig::rows {

/// The lines of a budget as a column holds them: a JSON array of arrays.
std::string budget_json(const std::vector<BudgetLine>& budget);

/// Reads them back. Most lines of a run stand in the budgets of many measurements, byte for byte: each is taken apart
/// once.
class BudgetReader {
 public:
  /// Throws where it is no budget: nlohmann's exceptions, or Errc::bad_data for a number that is none.
  std::vector<BudgetLine> read(std::string_view text);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  /// As budget_json() writes it; nothing where it is written otherwise.
  std::optional<std::vector<BudgetLine>> read_plain(std::string_view text);

  std::unordered_map<std::string, BudgetLine, Hash, std::equal_to<>> lines_;  ///< by their text
};

}  // namespace penrig::rows
