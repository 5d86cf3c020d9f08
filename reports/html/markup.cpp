#include "reports/html/markup.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "reports/decision_risk.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

/// Length of the well-formed UTF-8 sequence at the start, 0 if there is none. Unicode 15, table 3-7.
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t n = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (n == 0 || s.size() < n) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < n; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return n;
}

}  // namespace

std::string well_formed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t n = sequence_length(text);
    const char c = text.front();
    const auto code = static_cast<unsigned char>(c);
    if (n == 0 || (code < 0x20 && c != '\n' && c != '\t') || code == 0x7F) {
      out += kReplacement;
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : well_formed(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string formula(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kSymbols{{
      {"k_T", "k<sub>T</sub>"},
      {"U_sys", "U<sub>sys</sub>"},
      {"n_eff", "n<sub>eff</sub>"},
      {"ν_eff", "ν<sub>eff</sub>"},
      {"z_u", "z<sub>u</sub>"},
      {"z_c", "z<sub>c</sub>"},
      {"c_tip", "c<sub>tip</sub>"},
      {"c_frame", "c<sub>frame</sub>"},
      {"c_cell", "c<sub>cell</sub>"},
  }};
  std::string out = escape(text);
  for (const auto& [plain, set] : kSymbols) {
    for (std::size_t at = out.find(plain); at != std::string::npos; at = out.find(plain, at + set.size())) {
      out.replace(at, plain.size(), set);
    }
  }
  return out;
}

std::string_view colour_class(Verdict v) { return v == Verdict::pass ? "pass" : v == Verdict::fail ? "fail" : ""; }

std::string_view mark(Verdict v) {
  switch (v) {
    case Verdict::not_judged:
      return "·";
    case Verdict::pass:
      return "✓";
    case Verdict::indeterminate:
      return "◇";
    case Verdict::fail:
      return "✗";
    case Verdict::aborted:
      return "■";
    case Verdict::error:
      return "▲";
  }
  return "▲";
}

std::string verdict_markup(Verdict v, std::string_view word) {
  return fmt::format("<span class=\"v {}\"><b>{}</b> {}</span>", colour_class(v), mark(v), escape(word));
}

std::string probability_cells(const Decision& decision) {
  const auto cell = [](const std::optional<double>& p) {
    return fmt::format("<td>{}</td>", p ? escape(format_probability(*p)) : "–");
  };
  // What failed was not accepted.
  const bool failed = decision.verdict == Verdict::fail;
  return cell(decision.conformity) + cell(failed ? std::nullopt : false_acceptance(decision)) +
         cell(decision.false_acceptance_max);
}

std::string verdict_markup(Verdict v) { return verdict_markup(v, name_of(v)); }

}  // namespace penrig::html
