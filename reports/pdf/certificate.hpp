#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/pdf/sheet.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// A name under a certificate: who, when, and what the signature means.
struct CertificateSignature {
  std::string name, role, meaning, key_fingerprint;
  std::int64_t signed_utc_ns = 0;
};

/// What a certificate says beside its record. What is empty comes from the record where that has it (laboratory: of the
/// rig's description; signatures, earlier runs), else it is left out.
struct CertificateOptions {
  pdf::Paper paper = pdf::Paper::a4;
  std::string laboratory, laboratory_address;
  std::string customer, customer_address;
  std::string condition, received;  ///< of the item
  std::string certificate_id;       ///< empty: made of the run's id
  std::vector<CertificateSignature> signatures;
  std::vector<std::string> earlier_runs;  ///< certifying ones of this serial number
};

/// A PDF after ISO/IEC 17025 7.8: verdict, item and what decided it on the first page, then all results, uncertainty,
/// equipment, signatures and how to verify. A run that is simulated or not certifying gives a document that is void as
/// a certificate and says so across every page. The same record and options give the same bytes on one machine (fonts
/// are those that are installed).
std::string certificate_pdf(const RunRecord& run, const CertificateOptions& options);

}  // namespace penrig
