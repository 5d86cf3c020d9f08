#include "reports/pdf/certificate.hpp"

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/html/markup.hpp"
#include "reports/pdf/certificate_parts.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/record_json.hpp"

namespace penrig {

namespace pdf {

std::string certificate_id(const html::RunView& view, const CertificateOptions& options) {
  if (!view.void_word.empty()) return fmt::format("{}-{}", view.void_word, view.run.header.run_id);
  return options.certificate_id.empty() ? "PR-" + view.run.header.run_id : options.certificate_id;
}

std::string mono(std::string_view text) {
  return fmt::format("<span font_family=\"DejaVu Sans Mono\" size=\"88%\">{}</span>", html::escape(text));
}

std::string verdict_markup(Verdict verdict, std::string_view word) {
  const std::string_view colour = verdict == Verdict::pass   ? html::kBlue
                                  : verdict == Verdict::fail ? html::kVermillion
                                                             : std::string_view{"#111111"};
  return fmt::format("<span foreground=\"{}\"><b>{}</b> {}</span>", colour, html::mark(verdict), html::escape(word));
}

std::string verdict_markup(Verdict verdict) { return verdict_markup(verdict, name_of(verdict)); }

Cell picture_cell(const Decision* decision, const Measurement* measurement) {
  const auto picture =
      decision != nullptr && measurement != nullptr ? html::limit_picture_of(*decision, *measurement) : std::nullopt;
  if (!picture) return decision == nullptr ? Cell("–") : Cell("<span foreground=\"#555555\">exact</span>");
  return Cell(Drawing([p = *picture](Sheet& sheet, double x, double y, double width, double height) {
    constexpr double kScale = 0.75;  // pixels of a screen to points
    constexpr double kHigh = 14 * kScale;
    Picture canvas(sheet, x, y + (height - kHigh) / 2, kScale);
    html::draw_small(canvas, p, width / kScale, kHigh / kScale);
  }));
}

}  // namespace pdf

std::string certificate_pdf(const RunRecord& run, const CertificateOptions& options) {
  const html::RunView view(run);
  const std::string digest = sha256_hex(record_json_text(run)), id = pdf::certificate_id(view, options);
  const RunHeader& h = run.header;
  pdf::Furniture furniture;
  furniture.head_left = html::escape(options.laboratory);
  furniture.head_right = fmt::format("{} <span weight=\"600\" foreground=\"#111111\">{}</span>",
                                     view.void_word.empty() ? "Certificate" : "Not a certificate", html::escape(id));
  furniture.foot_left =
      fmt::format("{} {} · run {} · record {}", html::escape(h.product_name), html::escape(h.serial_number),
                  html::escape(h.run_id), pdf::mono(digest.substr(0, 16) + "…"));
  furniture.void_word = view.void_word;
  const std::string title =
      html::well_formed(fmt::format("{} {}: {} {}, {}", view.void_word.empty() ? "Test certificate" : "Test record", id,
                                    h.product_name, h.serial_number, view.word));
  const auto draw = [&](int pages) {
    auto flow = std::make_unique<pdf::Flow>(options.paper, furniture, title, "SHA-256 of the record: " + digest,
                                            run.closed ? run.outcome.ended_utc_ns : h.started_utc_ns, pages);
    pdf::front_page(*flow, view, options);
    pdf::results(*flow, view);
    pdf::closing(*flow, view, options, digest);
    return flow;
  };
  // Every page says how many there are: once to count them, once to write them.
  const int pages = draw(0)->pages();
  return draw(pages)->take();
}

}  // namespace penrig
