#include "reports/study/plot_frame.hpp"

#include <algorithm>

#include "reports/html/markup.hpp"

namespace penrig {

using html::Anchor;

void series_mark(html::Svg& svg, double x, double y, std::size_t series) {
  constexpr std::string_view kBlue = html::kBlue, kBlack = "#111";
  switch (series % kSeriesMarks) {
    case 0:
      svg.circle(x, y, 3.2, kBlue, "#fff", 0.8);
      break;
    case 1:
      svg.rect(x - 3, y - 3, 6, 6, "#fff", kBlack, 1.1);
      break;
    case 2:
      svg.polygon({x, x + 3.8, x - 3.8}, {y - 4, y + 3, y + 3}, "#777", "#fff", 0.8);
      break;
    case 3:
      svg.polygon({x, x + 4, x, x - 4}, {y - 4, y, y + 4, y}, kBlack, "#fff", 0.8);
      break;
    case 4:
      svg.circle(x, y, 3, "#fff", kBlue, 1.2);
      break;
    default:
      svg.rect(x - 3, y - 3, 6, 6, "#777", "#fff", 0.8);
  }
}

void name_axis(html::Svg& svg, const html::Scale& x, double y, const std::vector<std::string>& names,
               const std::string& label) {
  svg.line(x(1), y, x(static_cast<double>(std::max<std::size_t>(names.size(), 1))), y, "#666", 0.8);
  std::size_t longest = 1;
  for (const std::string& n : names) longest = std::max(longest, n.size());
  const double room = names.size() > 1 ? x(2) - x(1) : 100;
  const auto every =
      static_cast<std::size_t>(std::max(1.0, std::ceil((6.5 * static_cast<double>(longest) + 6) / room)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double at = x(static_cast<double>(i + 1));
    svg.line(at, y, at, y + 3, "#666", 0.8);
    if (i % every == 0) svg.text(at, y + 14, html::escape(names[i]), {Anchor::middle, "#444"});
  }
  svg.text(x.at_to, y + 31, html::escape(label), {Anchor::end});
}

std::string with_unit(const std::string& label, const std::string& unit) {
  return unit.empty() || unit == "1" ? label : label + ", " + unit;
}

}  // namespace penrig
