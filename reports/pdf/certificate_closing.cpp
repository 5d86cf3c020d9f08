#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/calibration_json.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate_parts.hpp"

namespace penrig::pdf {

namespace {

using html::escape, html::formula, html::RunView;

constexpr double kBar = 90;  ///< of the whole u in a budget

/// The measurement whose budget explains the deciding value: the mean behind a decision on strokes.
const Measurement* budget_owner(const RunView& view) {
  if (!view.deciding) return nullptr;
  const Measurement* m = view.measured(view.run.outcome.decisions[*view.deciding]);
  if (m == nullptr || !m->interval || !view.setting_of[*view.deciding]) return m;
  const Measurement* mean = view.settings[*view.setting_of[*view.deciding]].find(
      m->measurand == "extension_ti" ? "extension" : "penetration");
  return mean != nullptr ? mean : m;
}

void uncertainty_block(Flow& flow, const RunView& view) {
  flow.heading("Uncertainty");
  flow.paragraph(
      "U is the expanded uncertainty u·k for a coverage probability of 95.45 %, with k from Student’s distribution at "
      "the effective degrees of freedom (GUM, JCGM 100). All budgets stand in the report of this run.");
  const Measurement* m = budget_owner(view);
  if (m == nullptr || m->budget.empty()) return;
  std::vector<BudgetLine> lines = m->budget;
  std::stable_sort(lines.begin(), lines.end(), [](const BudgetLine& a, const BudgetLine& b) { return a.u > b.u; });
  const double factor = m->unit == "mm" ? 1000 : 1, combined = m->k > 0 ? m->expanded_u / m->k : 0;
  if (!(combined > 0)) return;
  const std::string unit = m->unit == "mm" ? "µm" : escape(m->unit), place = view.place(*view.deciding, " and ");
  flow.heading("Uncertainty budget of the deciding value",
               fmt::format("{}{}; standard uncertainties, {}", escape(html::title_of(*m)),
                           place.empty() ? "" : " at " + escape(place), unit));
  const auto bar = [&](double u, const char* colour) {
    return Cell(Drawing([share = u / combined, colour](Sheet& sheet, double x, double y, double, double height) {
      sheet.rect(x, y + height / 2 - 2.5, std::clamp(share, 0.005, 1.0) * kBar, 5, colour);
    }));
  };
  const int decimals = decimals_of_u(combined * factor);
  std::vector<Row> rows;
  for (const BudgetLine& line : lines) {
    if (line.u < 0.001 * combined) continue;
    rows.push_back({{formula(line.source), line.type_a ? "A" : "B", escape(line.distribution),
                     line.nu > 0 ? format_short(line.nu, 3) : "∞", format_number(line.u * factor, decimals),
                     bar(line.u, "#777777")}});
  }
  rows.push_back({{fmt::format("Combined u; U = {} u = {} {}", format_number(m->k, 2),
                               format_number(m->expanded_u * factor, decimals), unit),
                   "", "", m->nu_eff > 0 ? format_short(m->nu_eff, 3) : "∞", format_number(combined * factor, decimals),
                   bar(combined, "#111111")},
                  true});
  flow.table({{"Source", Align::left, 0, true},
              {"Type", Align::left},
              {"distribution", Align::left},
              {"ν"},
              {"contribution"},
              {"", Align::left, kBar}},
             rows);
}

void conditions_block(Flow& flow, const RunView& view) {
  const RunHeader& h = view.run.header;
  std::size_t repeated = 0;
  for (const PhaseRecord& phase : view.run.phases) repeated += phase.attempt > 1 ? 1 : 0;
  std::string text = fmt::format("Repeated phases: {}.", repeated == 0 ? "none" : std::to_string(repeated));
  if (!h.simulant_lot.empty()) {
    text += fmt::format(" Simulant: lot {}{}.", escape(h.simulant_lot),
                        h.simulant_sheet.empty() ? "" : ", sheet " + escape(h.simulant_sheet));
  }
  std::string applied, left;
  for (const Correction& c : view.run.outcome.corrections) {
    std::string& to = c.applied ? applied : left;
    to += (to.empty() ? "" : ", ") + formula(c.name);
  }
  if (!applied.empty()) text += " Corrected for: " + applied + ".";
  if (!left.empty()) text += " Not corrected for: " + left + ".";
  flow.heading("Deviations and conditions");
  flow.paragraph(text + " All values are process values unless marked otherwise.");
}

void equipment_block(Flow& flow, const RunView& view) {
  std::vector<Row> rows;
  for (const Calibration& c : calibrations_of(view.run.header)) {
    rows.push_back({{escape(c.target), escape(c.fixture_id), escape(c.id), escape(c.date.text), escape(c.due.text)}});
  }
  const auto& daq = view.run.outcome.daq;
  if (rows.empty() && !daq) return;
  flow.heading("Equipment and traceability");
  if (daq) {
    flow.paragraph(fmt::format(
        "Bench {}, DAQ {} with firmware {}{}. Calibrations that are not listed stand in the "
        "rig’s description, {} rev {}.",
        escape(daq->fixture_id), escape(daq->serial_number), escape(daq->firmware), daq->simulated ? ", simulated" : "",
        escape(view.run.header.rig_name), view.run.header.rig_revision));
  }
  if (rows.empty()) return;
  flow.table({{"Calibration of", Align::left, 0, true},
              {"fixture", Align::left},
              {"id", Align::left},
              {"date", Align::left},
              {"valid to", Align::left}},
             rows);
}

void signatures_block(Flow& flow, const RunView& view, const CertificateOptions& options) {
  flow.heading("Authorised");
  // A document that is void bears no release.
  if (!view.void_word.empty() || options.signatures.empty()) {
    flow.paragraph("by nobody: this document is not signed.");
    return;
  }
  for (const CertificateSignature& s : options.signatures) {
    flow.paragraph(fmt::format("<b>{}</b>{}, signed {}, meaning: <b>{}</b> {}", escape(s.name),
                               s.role.empty() ? "" : ", " + escape(s.role), format_utc(s.signed_utc_ns),
                               escape(s.meaning), mono(s.key_fingerprint)));
  }
}

void verification_block(Flow& flow, const RunView& view, std::string_view digest) {
  constexpr double kSide = 23 * kMm;
  flow.heading("Verification", {}, kSide + 30);
  const double y = flow.y(), x = flow.left() + kSide + 5 * kMm, wrap = flow.right() - x;
  Sheet& sheet = flow.sheet();
  sheet.qr_code(flow.left(), y, kSide, fmt::format("penrig:{}:sha256:{}", view.run.header.run_id, digest));
  double at = y + sheet.text(x, y, "Digest of the record (SHA-256), also in the code at the left:", kBody, wrap) + 2;
  at += sheet.text(x, at, mono(digest), kBody, wrap) + 5;
  at += sheet.text(x, at, "From the record store this line gives the same digest:", kBody, wrap) + 2;
  at += sheet.text(x, at, mono(fmt::format("penrig records show {} --json | sha256sum", view.run.header.run_id)), kBody,
                   wrap);
  flow.move_to(std::max(at, y + kSide) + 4 * kMm);
}

}  // namespace

void closing(Flow& flow, const RunView& view, const CertificateOptions& options, std::string_view digest) {
  uncertainty_block(flow, view);
  conditions_block(flow, view);
  equipment_block(flow, view);
  signatures_block(flow, view, options);
  verification_block(flow, view, digest);
  flow.paragraph(
      (certifies(view) ? "End of certificate " : "End of test record ") + escape(certificate_id(view, options)),
      {.size = 7.6, .colour = "#444444"}, Align::centre);
}

}  // namespace penrig::pdf
