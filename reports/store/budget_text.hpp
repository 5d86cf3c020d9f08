#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig::rows {

/// Lines of budgets as a column holds them: a JSON array of arrays.
std::string lines_json(const std::vector<const BudgetLine*>& lines);

/// The budgets of some measurements as columns hold them: the different lines once, and of each budget the numbers of
/// its lines, in the order of the measurements: "[0,1,5]".
struct BudgetTexts {
  std::string lines;
  std::vector<std::string> budgets;
};
BudgetTexts budget_texts(const std::vector<const Measurement*>& measurements);

/// Reads budgets back that came with the numbers of their lines, in the order in which they were written.
class NumberedBudgets {
 public:
  /// @param lines  as lines_json() gives them. Throws as BudgetReader::read() where they are none.
  explicit NumberedBudgets(std::string_view lines);
  /// Errc::bad_data: not numbers of lines, as budget_texts() gives them.
  std::vector<BudgetLine> read(std::string_view numbers);
  /// Errc::bad_data: lines that no budget had, which no reader of the record would see.
  void end() const;

 private:
  std::vector<BudgetLine> lines_;
  std::size_t seen_ = 0;
};

/// Reads the budgets of record format 1 back, in which many lines come again byte for byte: each is taken apart once.
class BudgetReader {
 public:
  /// Throws where they are none: nlohmann's exceptions, or Errc::bad_data for a number that is none.
  std::vector<BudgetLine> read(std::string_view text);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  /// As lines_json() writes them; nothing where they are written otherwise.
  std::optional<std::vector<BudgetLine>> read_plain(std::string_view text);

  std::unordered_map<std::string, BudgetLine, Hash, std::equal_to<>> lines_;  ///< by their text
};

}  // namespace penrig::rows
