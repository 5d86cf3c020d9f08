#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/evidence/key_ring.hpp"
#include "reports/export/zip_archive.hpp"
#include "reports/pdf/sheet.hpp"
#include "reports/store/record_store.hpp"

namespace penrig {

/// A bundle: everything about one run in one ZIP file, beneath a folder named after it, with a page that tells a
/// stranger how to verify it with stock tools (VERIFY.txt, VERIFY.html). Unpacked, it is a folder of records that holds
/// this run alone. The same run, keys and program give the same bytes.
struct BundleOptions {
  std::string exporter;                   ///< "penrig 0.1.0 (3f9a2c1)"
  pdf::Paper paper = pdf::Paper::a4;      ///< of the certificate
  std::shared_ptr<const KeyRing> keys{};  ///< signs the list of files; none: nobody does
};

/// The ZIP file's bytes. Errors as the store's; usage: the run has not ended; bad_data: a waveform or a document that
/// the record names is not there, or is another one.
Result<std::string> bundle_of(RecordStore& store, const std::string& run_id, const BundleOptions& options);

/// What a bundle is found to be.
struct BundleCheck {
  std::string run_id, serial_number, verdict, void_mark;
  std::string record_sha256;
  std::string signer, signer_fingerprint;    ///< of the record; empty: nobody signed it
  std::string exporter;                      ///< the program that packed it
  std::string packer, exporter_fingerprint;  ///< who did; empty: the list of files is not signed
  std::optional<std::uint64_t> leaf, log_size;
  std::size_t files = 0, waveforms = 0;
  std::vector<std::string> faults;  ///< each names the file; empty: all of it fits
  std::vector<std::string> notes;   ///< what a reader must know to judge that
};

/// Holds a bundle against itself: every byte of the ZIP file, the list of files, signatures, log, documents and
/// waveforms against the record, and record, report, tables, certificate and pages against what this program makes of
/// its database.
/// @param keys  whose keys must have signed record, checkpoint, entries of the trail and the list of files; nullptr:
///              anybody's, and whether they are to be trusted is for the reader to say.
BundleCheck check_bundle(std::string_view zip, const KeyRing* keys = nullptr);
/// Errc::usage and ::io: the file cannot be read.
Result<BundleCheck> check_bundle_file(const std::filesystem::path& file, const KeyRing* keys = nullptr);

}  // namespace penrig
