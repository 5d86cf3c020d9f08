#include "reports/html/canvas.hpp"

#include <utility>

#include "reports/html/markup.hpp"

namespace penrig::html {

void Canvas::mark(double x, double y, Verdict v, double r) {
  switch (v) {
    case Verdict::not_judged:
      circle(x, y, r, "#555", "#fff", 0.8);
      return;
    case Verdict::pass:
      circle(x, y, r, kBlue, "#fff", 0.9);
      return;
    case Verdict::fail: {
      // Halo first, then the cross.
      for (const auto& [colour, width] :
           {std::pair{std::string_view{"#fff"}, r * 1.35}, std::pair{kVermillion, r * 0.75}}) {
        line(x - r, y - r, x + r, y + r, colour, width);
        line(x - r, y + r, x + r, y - r, colour, width);
      }
      return;
    }
    case Verdict::indeterminate: {
      const double d = r * 1.3;
      polygon({x, x + d, x, x - d}, {y - d, y, y + d, y}, "#fff", "#fff", 3);
      polygon({x, x + d, x, x - d}, {y - d, y, y + d, y}, "#fff", "#111", 1.4);
      return;
    }
    case Verdict::aborted:
      rect(x - r, y - r, 2 * r, 2 * r, "#111", "#fff", 0.8);
      return;
    case Verdict::error:
      polygon({x, x + r * 1.15, x - r * 1.15}, {y - r * 1.2, y + r, y + r}, "#111", "#fff", 0.8);
      return;
  }
}

}  // namespace penrig::html
