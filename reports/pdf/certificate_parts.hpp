#pragma once

#include <string>
#include <string_view>

#include "reports/html/limit_picture.hpp"
#include "reports/html/run_view.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/pdf/flow.hpp"

/// The parts of a certificate in their order.
namespace penrig::pdf {

void front_page(Flow& flow, const html::RunView& view, const CertificateOptions& options);
/// All that was decided: by setting, then the other requirements.
void results(Flow& flow, const html::RunView& view);
/// Uncertainty, corrections, equipment, signatures, verification.
void closing(Flow& flow, const html::RunView& view, const CertificateOptions& options, std::string_view digest);

/// That something is said about the pen, and may be: neither void nor without a judgement.
bool certifies(const html::RunView& view);
/// "PR-R-000391", or of a series of its own where the document is void.
std::string certificate_id(const html::RunView& view, const CertificateOptions& options);
/// Mark and word in their colour.
std::string coloured_verdict(Verdict verdict, std::string_view word);
std::string coloured_verdict(Verdict verdict);
/// A limit picture for a table's cell; "exact count" or nothing where there is none.
Cell picture_cell(const Decision* decision, const Measurement* measurement);
/// Markup in a mono font.
std::string mono(std::string_view text);

}  // namespace penrig::pdf
