#pragma once

#include <string>
#include <vector>

#include "reports/store/run_evidence.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// What a bundle's page tells a stranger, step by step.
struct VerifyFacts {
  const RunRecord& run;
  const RunEvidence* evidence = nullptr;  ///< nullptr: the run is no leaf of a log
  std::string sums_principal;             ///< who signed SHA256SUMS, as in allowed_signers; empty: nobody
  std::vector<std::string> audit;         ///< names of entries that speak of the run: "A-000003"
  std::string exporter;                   ///< "penrig 0.1.0 (3f9a2c1)"
};

/// The same words as text and as a page that loads nothing: what lies in the bundle, commands of stock tools (Debian
/// names them sha256sum, ssh-keygen, openssl, flac, sqlite3, xmllint), what each must answer, and what that shows.
std::string verify_text(const VerifyFacts& facts);
std::string verify_html(const VerifyFacts& facts);

}  // namespace penrig
