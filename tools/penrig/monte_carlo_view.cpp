#include "tools/penrig/monte_carlo_view.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/finite_or_null.hpp"
#include "reports/number_format.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

Json agrees(Agreement a) { return a == Agreement::open ? Json(nullptr) : Json(a == Agreement::agrees); }

Json compared(const Comparison& c) {
  return {{"low", finite_or_null(c.low)},
          {"high", finite_or_null(c.high)},
          {"low_off", finite_or_null(c.low_off)},
          {"high_off", finite_or_null(c.high_off)},
          {"agrees", agrees(c.agreement)}};
}

using CheckRow = std::array<std::string, 5>;

CheckRow check_row(const MonteCarloCheck& check) {
  const Propagated& p = check.propagated;
  const int decimals = decimals_of_u((check.gum.high - check.gum.low) / 2);
  const auto interval = [&](double low, double high) {
    return fmt::format("{} … {}", format_number(low, decimals), format_number(high, decimals));
  };
  const MeasurandInfo* info = find_measurand(check.measurand);
  std::string title(info != nullptr ? info->title : check.measurand);
  if (info != nullptr && info->unit != "1") title += fmt::format(" / {}", info->unit);
  std::string verdict = name_of(check.gum.agreement);
  if (check.stated) verdict += fmt::format(", as stated {}", name_of(check.stated->agreement));
  return {std::move(title), format_number(p.u, decimals + 1), interval(p.low, p.high),
          interval(check.gum.low, check.gum.high), std::move(verdict)};
}

}  // namespace

std::vector<Line> monte_carlo_text(const TerminalStyle& style, std::span<const MonteCarloCheck> checks) {
  if (checks.empty()) return {};
  const Propagated& first = checks.front().propagated;
  std::vector<Line> lines;
  lines.push_back(
      {{fmt::format("Monte Carlo (JCGM 101): {} trials", format_number(static_cast<double>(first.trials), 0)),
        Ink::strong},
       {first.failed > 0 ? fmt::format(", {} more had no value", first.failed) : ""}});
  std::vector<CheckRow> rows{{"measurement", "u", "95.45 % of the draws", "value ± U", "these two"}};
  for (const MonteCarloCheck& check : checks) rows.push_back(check_row(check));
  std::array<std::size_t, std::tuple_size_v<CheckRow>> widths{};
  for (const CheckRow& row : rows) {
    for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], width(shown(style, row[c])));
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string text;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string blank(widths[c] - width(shown(style, rows[r][c])), ' ');
      const bool left = c == 0 || c + 1 == widths.size();
      text += left ? rows[r][c] + blank : blank + rows[r][c];
      text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    lines.push_back({{std::move(text), r == 0 ? Ink::label : Ink::plain}});
  }
  if (std::ranges::any_of(checks, [](const auto& c) { return c.gum.agreement == Agreement::open; })) {
    lines.push_back({{"open: the trials are too few to say (--monte-carlo with more)", Ink::label}});
  }
  return lines;
}

Json monte_carlo_json(const MonteCarloCheck& check) {
  const Propagated& p = check.propagated;
  Json json{{"trials", p.trials},
            {"failed", p.failed},
            {"y", finite_or_null(p.y)},
            {"u", finite_or_null(p.u)},
            {"coverage", kMonteCarloCoverage},
            {"low", finite_or_null(p.low)},
            {"high", finite_or_null(p.high)},
            {"shortest", {{"low", finite_or_null(p.shortest_low)}, {"high", finite_or_null(p.shortest_high)}}},
            {"sd_of",
             {{"y", finite_or_null(p.y_sd)},
              {"u", finite_or_null(p.u_sd)},
              {"low", finite_or_null(p.low_sd)},
              {"high", finite_or_null(p.high_sd)}}},
            {"tolerance", finite_or_null(check.gum.tolerance)},
            {"value_plus_minus_U", compared(check.gum)}};
  json["stated_interval"] = check.stated ? compared(*check.stated) : Json(nullptr);
  json["agrees"] = agrees(check.gum.agreement);
  return json;
}

}  // namespace penrig::cli
