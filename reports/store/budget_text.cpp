#include "reports/store/budget_text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "reports/budget_lines.hpp"
#include "reports/json_text.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/store/sqlite_database.hpp"

namespace penrig::rows {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kUsualLine = 110;  ///< bytes

/// A line as lines_json() writes it; false where it is written otherwise.
bool take_plain(JsonScan& scan, BudgetLine& line) {
  const auto words = [&](auto& into, bool first = false) {
    if (!first && !scan.take(',')) return false;
    const auto found = scan.plain_text();
    if (found) into = *found;
    return found.has_value();
  };
  const auto number = [&](double& into) {
    if (!scan.take(',')) return false;
    const auto found = scan.real();
    if (found) into = *found;
    return found.has_value();
  };
  std::string_view type;
  const bool good = scan.take('[') && words(line.source, true) && words(type) && words(line.distribution) &&
                    number(line.u) && number(line.nu) && words(line.unit) && number(line.value) &&
                    number(line.u_input) && number(line.sensitivity) && words(line.cause) && scan.take(']');
  line.type_a = type == "A";
  return good;
}

/// Lines that come once each: they are not looked for among those that were read before.
std::optional<std::vector<BudgetLine>> plain_lines_of(std::string_view text) {
  std::vector<BudgetLine> lines;
  lines.reserve(text.size() / kUsualLine + 1);
  JsonScan scan(text);
  const bool good = scan.array([&] { return take_plain(scan, lines.emplace_back()); });
  if (!good || !scan.at_end()) return std::nullopt;
  return lines;
}

std::vector<BudgetLine> any_budget_of(std::string_view text) {
  constexpr std::size_t kBeforeVersion4 = 5;
  std::vector<BudgetLine> budget;
  for (const Json& json : Json::parse(text)) {
    BudgetLine line;
    line.source = json.at(0);
    line.type_a = json.at(1).get<std::string>() == "A";
    line.distribution = json.at(2);
    line.u = sqlite::double_of(json.at(3));
    line.nu = sqlite::double_of(json.at(4));
    if (json.size() > kBeforeVersion4) {
      line.unit = json.at(5);
      line.value = sqlite::double_of(json.at(6));
      line.u_input = sqlite::double_of(json.at(7));
      line.sensitivity = sqlite::double_of(json.at(8));
      line.cause = json.at(9);
    }
    budget.push_back(std::move(line));
  }
  return budget;
}

}  // namespace

std::string lines_json(const std::vector<const BudgetLine*>& lines) {
  JsonText out;
  out.reserve(2 + lines.size() * kUsualLine);
  out.open_array();
  for (const BudgetLine* line : lines) {
    out.open_array().text(line->source).text(line->type_a ? "A" : "B").text(line->distribution);
    out.stored_number(line->u).stored_number(line->nu).text(line->unit).stored_number(line->value);
    out.stored_number(line->u_input).stored_number(line->sensitivity).text(line->cause).close_array();
  }
  return out.close_array().take();
}

BudgetTexts budget_texts(const std::vector<const Measurement*>& measurements) {
  BudgetLines lines;
  BudgetTexts texts;
  texts.budgets.reserve(measurements.size());
  for (const Measurement* m : measurements) {
    JsonText numbers;
    numbers.open_array();
    for (const BudgetLine& line : m->budget) numbers.whole(lines.number_of(line));
    texts.budgets.push_back(numbers.close_array().take());
  }
  texts.lines = lines_json(lines.all());
  return texts;
}

NumberedBudgets::NumberedBudgets(std::string_view lines) {
  std::optional<std::vector<BudgetLine>> plain = plain_lines_of(lines);
  lines_ = plain ? std::move(*plain) : any_budget_of(lines);
}

std::vector<BudgetLine> NumberedBudgets::read(std::string_view numbers) {
  std::vector<BudgetLine> budget;
  budget.reserve(static_cast<std::size_t>(std::ranges::count(numbers, ',')) + 1);
  JsonScan scan(numbers);
  // Lines are numbered as they first come up.
  const auto take_line = [&] {
    const auto number = scan.whole();
    if (!number || *number < 0) return false;
    const auto at = static_cast<std::size_t>(*number);
    if (at > seen_ || at >= lines_.size()) return false;
    budget.push_back(lines_[at]);
    seen_ = std::max(seen_, at + 1);
    return true;
  };
  if (scan.array(take_line) && scan.at_end()) return budget;
  sqlite::raise(Errc::bad_data, fmt::format("the record holds the budget '{}', which are no numbers of its {} lines as "
                                            "they come up",
                                            numbers, lines_.size()));
}

void NumberedBudgets::end() const {
  if (seen_ == lines_.size()) return;
  sqlite::raise(Errc::bad_data, fmt::format("the record holds {} lines of budgets, and {} of them are in no budget",
                                            lines_.size(), lines_.size() - seen_));
}

std::vector<BudgetLine> BudgetReader::read(std::string_view text) {
  if (std::optional<std::vector<BudgetLine>> plain = read_plain(text)) return std::move(*plain);
  return any_budget_of(text);
}

std::optional<std::vector<BudgetLine>> BudgetReader::read_plain(std::string_view text) {
  std::vector<BudgetLine> budget;
  budget.reserve(text.size() / kUsualLine + 1);
  JsonScan scan(text);
  if (!scan.take('[')) return std::nullopt;
  while (!scan.take(']')) {
    if (!budget.empty() && !scan.take(',')) return std::nullopt;
    // What begins with the bytes of a line that was read before is that line; one with a bracket in a text is not
    // found.
    const std::string_view rest = scan.rest();
    const std::string_view perhaps = rest.substr(0, rest.find(']') + 1);
    if (const auto known = lines_.find(perhaps); known != lines_.end()) {
      budget.push_back(known->second);
      scan.skip(perhaps.size());
      continue;
    }
    BudgetLine& line = budget.emplace_back();
    if (!take_plain(scan, line)) return std::nullopt;
    lines_.emplace(rest.substr(0, rest.size() - scan.rest().size()), line);
  }
  if (!scan.at_end()) return std::nullopt;
  return budget;
}

}  // namespace penrig::rows
