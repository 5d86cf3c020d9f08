#include "tools/penrig/swarm_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "tools/swarm/summary_text.hpp"

namespace penrig::cli {
namespace {

using swarm::Summary;

constexpr std::size_t kLabel = 46;

std::string grouped(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string grouped(std::uint64_t n, std::string_view one) {
  return fmt::format("{} {}{}", grouped(n), one, n == 1 ? "" : "s");
}

std::string left_aligned(std::string text, std::size_t columns) {
  const std::size_t wide = width(text);
  if (wide < columns) text.append(columns - wide, ' ');
  return text;
}

std::string duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

struct Risk {
  std::string what, found, allowed;
};

/// Side by side where all of them fit, else below each other.
void add_risks(std::vector<Line>& lines, const TerminalStyle& style, const std::vector<Risk>& risks) {
  constexpr std::size_t kIndent = 2, kFound = 40;
  const bool beside = std::ranges::all_of(
      risks, [&](const Risk& r) { return kIndent + kLabel + kFound + width(r.allowed) <= style.columns; });
  for (const Risk& r : risks) {
    if (beside) {
      lines.push_back({{"  " + left_aligned(r.what, kLabel), Ink::label},
                       {left_aligned(r.found, kFound)},
                       {r.allowed, Ink::label}});
      continue;
    }
    const std::vector<Line> stacked{{{"  " + r.what, Ink::label}},
                                    {{"    " + r.found}, {"; " + r.allowed, Ink::label}}};
    for (Line& line : folded(style, stacked, 4)) lines.push_back(std::move(line));
  }
}

std::string count_cell(std::uint64_t n) { return fmt::format("{:>7}", n == 0 ? std::string("-") : grouped(n)); }

constexpr Verdict kShown[] = {Verdict::pass, Verdict::indeterminate, Verdict::fail, Verdict::aborted, Verdict::error};

/// Defects against verdicts in words, where there is no room for so many columns.
void add_matrix_in_words(std::vector<Line>& lines, const TerminalStyle& style, const Summary& s) {
  for (const swarm::MatrixRow& row : swarm::rows_by_defect(s)) {
    std::string verdicts;
    for (const Verdict v : kShown)
      if (const auto n = row.verdicts[static_cast<std::size_t>(v)]; n > 0)
        verdicts += fmt::format("{}{} {}", verdicts.empty() ? "" : ", ", grouped(n), name_of(v));
    const std::vector<Line> both{
        {{"  " + row.defect}, {"  " + swarm::sizes_in_words(row), Ink::label}},
        {{fmt::format("    {}, {} outside: {}", grouped(row.seeds, "seed"), grouped(row.outside), verdicts)}}};
    for (Line& line : folded(style, both, 4)) lines.push_back(std::move(line));
  }
}

void add_matrix(std::vector<Line>& lines, const TerminalStyle& style, const Summary& s) {
  constexpr std::size_t kTable = 94;
  if (style.columns < kTable) return add_matrix_in_words(lines, style, s);
  lines.push_back({{fmt::format("  {:<21}{:<20}{:>7}{:>9}{:>7}{:>7}{:>7}{:>7}{:>7}", "defect", "size", "seeds",
                                "outside", "PASS", "INDET", "FAIL", "ABORT", "ERROR"),
                    Ink::label}});
  for (const swarm::MatrixRow& row : swarm::rows_by_defect(s)) {
    std::string text = fmt::format("  {:<21}{}{}  {}", row.defect, left_aligned(swarm::sizes_in_words(row), 20),
                                   count_cell(row.seeds), count_cell(row.outside));
    for (const Verdict v : kShown) text += count_cell(row.verdicts[static_cast<std::size_t>(v)]);
    lines.push_back({{std::move(text)}});
  }
}

void add_broken(std::vector<Line>& lines, const Summary& s, const std::string& repeat) {
  for (const auto& [invariant, kind] : s.broken) {
    lines.push_back({{fmt::format("  {}: {}", invariant, grouped(kind.seeds, "seed")), Ink::strong}});
    for (const auto& e : kind.first) lines.push_back({{fmt::format("    seed {}: {}", e.seed, e.what)}});
    lines.push_back({{"    again: ", Ink::label},
                     {fmt::format("{} --seeds {}..{}", repeat, kind.first.front().seed, kind.first.front().seed)}});
  }
  for (const std::string& text : s.statistics_broken()) lines.push_back({{"  " + text}});
}

}  // namespace

std::vector<Line> swarm_text(const TerminalStyle& style, const Summary& s, double took_s, const std::string& repeat) {
  std::vector<Line> lines;
  const std::string size =
      fmt::format("   {}, {} of rig time in {}", grouped(s.seeds, "seed"), duration(s.rig_s), duration(took_s));
  if (s.nothing_tested()) {
    lines.push_back({{"✗ nothing was tested", Ink::fail}, {fmt::format("{}, {}", size, s.untested())}});
    for (const std::string& part : wrap(style, shown(style, s.why_untested()), style.columns - 2))
      lines.push_back({{"  " + part}});
    return lines;
  }
  if (s.whole()) {
    lines.push_back({{"✓ no invariant broke", Ink::pass}, {size}});
  } else {
    lines.push_back({{"✗ an invariant broke", Ink::fail}, {size}});
    add_broken(lines, s, repeat);
  }
  lines.push_back({});
  add_risks(lines, style,
            {{"pens outside a limit by 1.5 U or more: passed", in_words(s.consumer_outside), "none allowed"},
             {"decisions outside by less: PASS", in_words(s.consumer_near),
              fmt::format("{:.1f} by the rules' risk", s.near_risk)},
             {"decisions inside by U + 4 u: not PASS", in_words(s.producer), "0.1 % allowed; without faults"},
             {"pens inside everywhere so far: not PASS", in_words(s.producer_pens), "without faults"}});
  for (const std::string& text : s.refused) lines.push_back({{"    " + text, Ink::label}});
  lines.push_back({});
  add_matrix(lines, style, s);
  if (s.seeds_with_faults > 0) {
    std::uint64_t times = 0;
    for (const auto& [fault, n] : s.faults) times += n;
    lines.push_back({});
    lines.push_back(
        {{fmt::format("  faults: {} began, of {}, in {} that {} some", grouped(times), counted(s.faults.size(), "kind"),
                      grouped(s.seeds_with_faults, "seed"), s.seeds_with_faults == 1 ? "has" : "have"),
          Ink::label}});
  }
  for (Line& line : lines) {
    for (Span& span : line) span.text = shown(style, span.text);
  }
  return folded(style, lines, 4);
}

std::string swarm_progress(const TerminalStyle& style, const Summary& s, std::uint64_t planned, double took_s) {
  std::uint64_t broken = 0;
  for (const auto& [invariant, kind] : s.broken) broken += kind.seeds;
  const double rate = took_s > 0 ? static_cast<double>(s.seeds) / took_s : 0;
  const double left_s = rate > 0 ? static_cast<double>(planned - s.seeds) / rate : 0;
  return shown(style, fmt::format("{} of {}   {:.0f} a second   {} broken   {} left", grouped(s.seeds),
                                  grouped(planned, "seed"), rate, grouped(broken), duration(left_s)));
}

}  // namespace penrig::cli
