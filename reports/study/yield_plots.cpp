#include "reports/study/yield_plots.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/svg.hpp"

namespace penrig {
namespace {

using html::Anchor;

constexpr std::size_t kBars = 12, kNameBytes = 40;
constexpr double kParetoNames = 262, kParetoRight = 600, kParetoWidth = 680, kParetoRow = 24, kParetoTop = 30;

/// Cut where it would run out of the picture; never inside a letter.
std::string shortened(const std::string& name) {
  if (name.size() <= kNameBytes) return name;
  std::size_t end = kNameBytes - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end) + "…";
}

std::vector<ParetoBar> with_the_rest(std::vector<ParetoBar> bars) {
  if (bars.size() <= kBars) return bars;
  ParetoBar rest{fmt::format("{} other causes", bars.size() - kBars + 1), 0, false};
  for (std::size_t i = kBars - 1; i < bars.size(); ++i) rest.runs += bars[i].runs;
  bars.resize(kBars - 1);
  bars.push_back(rest);
  return bars;
}

}  // namespace

std::string pareto_plot(const std::vector<ParetoBar>& all) {
  const std::vector<ParetoBar> bars = with_the_rest(all);
  std::size_t sum = 0;
  for (const ParetoBar& b : bars) sum += b.runs;
  if (sum == 0) return "";
  const double bottom = kParetoTop + kParetoRow * static_cast<double>(bars.size()) + 4;
  html::Svg svg(kParetoWidth, bottom + 42, "Pareto plot: runs that did not pass, by what decided them");
  const html::Scale x{0, 100, kParetoNames, kParetoRight};
  const html::Ticks ticks = html::nice_ticks(0, 100, 5);
  for (const double at : ticks.at) svg.line(x(at), kParetoTop - 4, x(at), bottom, "#ddd", 0.6);
  html::x_axis(svg, x, ticks, bottom, "share of the runs that did not pass, %");
  svg.text(kParetoRight, kParetoTop - 12, "— together with those above", {Anchor::end, "#444"});
  std::vector<double> line_x, line_y;
  std::size_t above = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const ParetoBar& b = bars[i];
    const double y = kParetoTop + kParetoRow * (static_cast<double>(i) + 0.5);
    const double share = 100 * static_cast<double>(b.runs) / static_cast<double>(sum);
    svg.text(kParetoNames - 8, y + 4, html::escape(shortened(b.name)), {Anchor::end, "#222"});
    svg.rect(x(0), y - 7, x(share) - x(0), 14, b.pen ? html::kBlue : "#fff", html::kBlue, 1);
    above += b.runs;
    line_x.push_back(x(100 * static_cast<double>(above) / static_cast<double>(sum)));
    line_y.push_back(y);
    // How many: in the margin, where no bar and no line comes.
    svg.text(kParetoWidth - 4, y + 4, fmt::format("{}, {:.0f} %", b.runs, share), {Anchor::end, "#222"});
  }
  svg.polyline(line_x, line_y, "#111", 1);
  for (std::size_t i = 0; i < line_x.size(); ++i) svg.circle(line_x[i], line_y[i], 2.6, "#111");
  return svg.take();
}

}  // namespace penrig
