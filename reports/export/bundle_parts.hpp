#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/export/zip_archive.hpp"
#include "reports/pdf/sheet.hpp"
#include "reports/store/run_evidence.hpp"
#include "rig/record/run_record.hpp"

/// What packing a bundle and checking one have in common.
namespace penrig::bundle {

inline constexpr std::string_view kSpace = "penrig-bundle";  ///< of the signature under SHA256SUMS

/// packed.json: what is not in the record and not made of it.
struct Packed {
  std::string run_id, exporter;
  pdf::Paper paper = pdf::Paper::a4;
  RunStanding standing;
  std::optional<std::string> log_key;  ///< public line of the key under the checkpoint
  std::string sums_principal;          ///< who signs SHA256SUMS; empty: nobody
  std::vector<std::string> audit;      ///< "A-000003"
};
std::string packed_text(const Packed& packed);
/// Errc::bad_data: not exactly what packed_text() writes.
Result<Packed> packed_of(const std::string& text);

/// All that is made of the record: report, certificate, tables, JUnit, schema and the two pages. The run has the
/// standing that it had when it was packed. evidence: nullptr: none.
std::vector<ArchiveEntry> views(const RunRecord& run, const Packed& packed, const RunEvidence* evidence);
/// The files that evidence and keys come as.
std::vector<ArchiveEntry> evidence_files(const RunEvidence& evidence);
/// Those of the documents that the run keeps, each once.
std::vector<ArchiveEntry> document_files(const RunHeader& header);

/// Sorted by name, without SHA256SUMS: its bytes.
std::string sums_of(const std::vector<ArchiveEntry>& files);
/// For `openssl -pubin`.
std::string pem_of(const PublicKey& key);
/// A line of an allowed-signers file for the bundle's own namespace.
std::string exporter_line(const PublicKey& key, const std::string& name);

}  // namespace penrig::bundle
