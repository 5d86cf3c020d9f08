#include "reports/pdf/certificate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/html/markup.hpp"
#include "reports/pdf/certificate_parts.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/record_json.hpp"
#include "rig/spec/load.hpp"

namespace penrig {

namespace pdf {

bool certifies(const html::RunView& view) {
  return view.void_word.empty() &&
         (view.verdict == Verdict::pass || view.verdict == Verdict::fail || view.verdict == Verdict::indeterminate);
}

std::string certificate_id(const html::RunView& view, const CertificateOptions& options) {
  if (!view.void_word.empty()) return fmt::format("{}-{}", view.void_word, view.run.header.run_id);
  return options.certificate_id.empty() ? "PR-" + view.run.header.run_id : options.certificate_id;
}

std::string mono(std::string_view text) {
  return fmt::format("<span font_family=\"DejaVu Sans Mono\" size=\"88%\">{}</span>", html::escape(text));
}

std::string coloured_verdict(Verdict verdict, std::string_view word) {
  const std::string_view colour = verdict == Verdict::pass   ? html::kBlue
                                  : verdict == Verdict::fail ? html::kVermillion
                                                             : std::string_view{"#111111"};
  return fmt::format("<span foreground=\"{}\"><b>{}</b> {}</span>", colour, html::mark(verdict), html::escape(word));
}

std::string coloured_verdict(Verdict verdict) { return coloured_verdict(verdict, name_of(verdict)); }

Cell picture_cell(const Decision* decision, const Measurement* measurement) {
  const auto picture =
      decision != nullptr && measurement != nullptr ? html::limit_picture_of(*decision, *measurement) : std::nullopt;
  if (!picture && measurement != nullptr && !measurement->text_value.empty()) return Cell("");
  const bool measured = decision != nullptr && measurement != nullptr && measurement->value;
  if (!picture) return !measured ? Cell("–") : Cell("<span foreground=\"#555555\">exact</span>");
  return Cell(Drawing([p = *picture](Sheet& sheet, double x, double y, double width, double height) {
    constexpr double kScale = 0.75;  // pixels of a screen to points
    constexpr double kHigh = 14 * kScale;
    Picture canvas(sheet, x, y + (height - kHigh) / 2, kScale);
    html::draw_small(canvas, p, width / kScale, kHigh / kScale);
  }));
}

}  // namespace pdf

namespace {

CertificateOptions completed(const RunRecord& run, CertificateOptions options) {
  const RunHeader& h = run.header;
  const auto rig =
      std::find_if(h.documents.begin(), h.documents.end(), [](const SourceDocument& d) { return d.kind == "rig"; });
  if (options.laboratory.empty() && rig != h.documents.end()) {
    const Loaded<RigDescription> described = load_rig(rig->bytes, rig->path);
    if (described.ok()) {
      options.laboratory = described.value.laboratory.name;
      options.laboratory_address = described.value.laboratory.address;
    }
  }
  if (options.signatures.empty()) {
    for (const RunSignature& s : run.standing.signatures)
      options.signatures.push_back({s.name, "", "record closed and filed", s.fingerprint, s.signed_utc_ns});
  }
  if (options.earlier_runs.empty()) options.earlier_runs = h.earlier_certifying;
  return options;
}

}  // namespace

std::string certificate_pdf(const RunRecord& run, const CertificateOptions& given) {
  const CertificateOptions options = completed(run, given);
  const html::RunView view(run);
  const std::string digest = sha256_hex(record_json_text(run)), id = pdf::certificate_id(view, options);
  const RunHeader& h = run.header;
  pdf::Furniture furniture;
  furniture.head_left = options.laboratory;
  furniture.head_right = fmt::format("{} <span weight=\"600\" foreground=\"#111111\">{}</span>",
                                     pdf::certifies(view) ? "Certificate" : "Not a certificate", html::escape(id));
  // Where there is no room for both, the serial number stands first and the product's name is cut.
  constexpr std::size_t kRoom = 60;
  furniture.foot_left = h.product_name.size() + h.serial_number.size() < kRoom
                            ? fmt::format("{} {}", h.product_name, h.serial_number)
                            : fmt::format("{} {}", h.serial_number, h.product_name);
  furniture.foot_middle =
      fmt::format(" · run {} · record {}", html::escape(h.run_id), pdf::mono(digest.substr(0, 16) + "…"));
  furniture.void_word = view.void_word;
  const std::string title =
      html::well_formed(fmt::format("{} {}: {} {}, {}", pdf::certifies(view) ? "Test certificate" : "Test record", id,
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
