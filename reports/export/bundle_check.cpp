#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/checkpoint.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle.hpp"
#include "reports/export/bundle_contents.hpp"
#include "reports/export/bundle_parts.hpp"
#include "reports/export/bundle_trail.hpp"
#include "reports/export/run_extract.hpp"
#include "reports/plain_file.hpp"
#include "reports/record_json.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_log.hpp"
#include "reports/verdict_word.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

using namespace bundle;

void check_sums(Contents& files, BundleCheck& check, const Packed& packed) {
  const std::string& sums = files.need("SHA256SUMS");
  if (sums != files.sums()) {
    std::size_t begin = 0;
    const std::string found = files.sums();
    bool named = false;
    while (begin < found.size()) {
      const std::size_t end = found.find('\n', begin);
      const std::string line = found.substr(begin, end + 1 - begin);
      if (sums.find(line) == std::string::npos) {
        files.fault(line.substr(66, line.size() - 67), "does not match SHA256SUMS");
        named = true;
      }
      begin = end + 1;
    }
    if (!named) files.fault("SHA256SUMS", "lists what is not there");
  }
  const std::string* const signature = files.find("SHA256SUMS.sig");
  const std::string* const exporter = files.find("exporter");
  if (signature == nullptr && exporter == nullptr && packed.sums_principal.empty()) {
    check.notes.push_back(
        "nobody signed the list of files: report, tables and pages are held against the database, "
        "and the database against the record");
    files.signed_by_nobody("SHA256SUMS");
    return;
  }
  if (signature == nullptr || exporter == nullptr || packed.sums_principal.empty()) {
    files.fault("SHA256SUMS.sig", "the list of files is half signed: signature, exporter and packed.json go together");
    return;
  }
  const Result<PublicKey> by = signer_of(*signature, kSpace, sums);
  if (!by) {
    files.fault("SHA256SUMS.sig", by.error().message);
    return;
  }
  check.packer = packed.sums_principal;
  check.exporter_fingerprint = fingerprint(*by);
  files.signed_by("SHA256SUMS.sig", *by, packed.sums_principal);
  if (*exporter != exporter_line(*by, packed.sums_principal))
    files.fault("exporter", "is not the key that signed the list of files");
}

std::optional<RunEvidence> evidence_in(Contents& files, BundleCheck& check, const Packed& packed,
                                       const std::string& record) {
  if (!packed.standing.log_leaf) {
    check.notes.push_back("the run is no leaf of a log: it was not closed, or closed before the store kept one");
    files.signed_by_nobody("record.json");
    return std::nullopt;
  }
  RunEvidence e;
  e.record = record;
  e.leaf = *packed.standing.log_leaf;
  e.checkpoint = files.need("checkpoint");
  Result<std::vector<TreeHash>> proof = proof_of(files.need("inclusion.txt"));
  if (!proof) {
    files.fault("inclusion.txt", proof.error().message);
  } else {
    e.proof = std::move(*proof);
  }
  if (const std::string* const signature = files.find("record.sig")) {
    e.signature = *signature;
    const std::string& line = files.need("record-key.pub");
    const Result<PublicKey> key = parse_public_line(line);
    if (!key) {
      files.fault("record-key.pub", key.error().message);
    } else {
      e.signer = *key;
      // "ssh-ed25519 AAAA... principal"
      const std::size_t last = line.find_last_of(' ');
      e.principal = e.signer_name = line.substr(last + 1, line.size() - last - 2);
      e.allowed_signers = allowed_signers_line(*key, e.principal);
      check.signer = e.principal;
      check.signer_fingerprint = fingerprint(*key);
      files.signed_by("record.sig", *key, e.principal);
    }
  } else {
    files.signed_by_nobody("record.json");
    check.notes.push_back("nobody signed the record: the bundle fits together, and says not who made it");
  }
  if (packed.log_key) {
    const Result<PublicKey> key = parse_public_line(*packed.log_key);
    if (!key) {
      files.fault("packed.json", "log_key: " + key.error().message);
    } else {
      e.checkpoint_signer = *key;
      files.signed_by("checkpoint", *key, "");
    }
  } else {
    files.signed_by_nobody("checkpoint");
    check.notes.push_back("nobody signed the checkpoint of the log");
  }
  for (const std::string& what : faults_of(e)) files.fault("evidence", what);
  for (const ArchiveEntry& file : evidence_files(e)) files.expect(file, "does not fit the record's signature and log");
  check.leaf = e.leaf;
  if (const Result<Checkpoint> point = unverified_checkpoint(e.checkpoint)) check.log_size = point->size;
  return e;
}

bool write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  return static_cast<bool>(out.flush());
}

void check_file(Contents& files, const std::string& name, const std::string& sha256, const char* what) {
  if (const std::string* const bytes = files.find(name); bytes == nullptr) {
    files.fault(name, fmt::format("the record names this {}, and it is missing", what));
  } else if (sha256_hex(*bytes) != sha256) {
    files.fault(name, "does not match the SHA-256 that the record names");
  }
}

void check_waveforms(Contents& files, BundleCheck& check, const RunRecord& run) {
  std::set<std::string> known;
  for (const PhaseRecord& phase : run.phases) {
    for (const WaveformRecord& w : phase.waveforms) {
      if (!known.insert(w.sha256).second) continue;
      check_file(files, waveform_path(w).generic_string(), w.sha256, "waveform");
      ++check.waveforms;
    }
  }
  if (!run.link_trace) return;
  const std::string& trace = run.link_trace->sha256;
  check_file(files, waveform_path(trace, kTraceSuffix).generic_string(), trace, "link trace");
}

/// "penrig-records/8f3a...", which a store and what is extracted of it have in common.
std::string_view log_name(std::string_view origin) { return origin.substr(0, origin.find('/', origin.find('/') + 1)); }

/// Where nobody signed the checkpoint, the database is what says of which log it is.
void check_origin(Contents& files, RecordStore& store, const RunEvidence& evidence) {
  const Result<Checkpoint> point = unverified_checkpoint(evidence.checkpoint);
  const Result<LogState> log = store.log_state();
  if (!log) {
    files.fault("records.db", log.error().message);
  } else if (point && log_name(point->origin) != log_name(log->origin)) {
    files.fault("checkpoint", fmt::format("is of log '{}', and records.db of '{}'", point->origin, log->origin));
  }
}

void check_database(Contents& files, BundleCheck& check, const Packed& packed, const std::string& record,
                    const std::optional<RunEvidence>& evidence) {
  const ScratchDirectory scratch;
  if (!write_file(scratch.path() / "records.db", files.need("records.db"))) {
    files.fault("records.db", fmt::format("cannot be unpacked into {} (is it full?)", scratch.path().string()));
    return;
  }
  const auto store = RecordStore::open_existing(scratch.path());
  if (!store) {
    files.fault("records.db", store.error().message);
    return;
  }
  const Result<std::vector<std::string>> wrong = (*store)->check_database();
  if (!wrong) {
    files.fault("records.db", wrong.error().message);
  } else {
    for (const std::string& what : *wrong) files.fault("records.db", what);
  }
  const Result<std::vector<std::string>> beside = rows_beside(scratch.path(), packed.run_id);
  if (!beside) {
    files.fault("records.db", beside.error().message);
    return;
  }
  for (const std::string& what : *beside) files.fault("records.db", what);
  Result<RunRecord> run = (*store)->load_run(packed.run_id);
  if (!run) {
    files.fault("records.db", run.error().message);
    return;
  }
  if (record_json_text(*run) != record) {
    files.fault("record.json", "is not the record that records.db holds");
    return;
  }
  if (evidence) check_origin(files, **store, *evidence);
  run->standing = packed.standing;
  check.serial_number = run->header.serial_number;
  check.verdict = verdict_word(*run);
  check.void_mark = void_mark(*run);
  if (void_mark(run->header).empty() && packed.standing.signatures.empty())
    files.fault("record.json", "is of a certifying run, and no signature holds for it");
  for (const RunSignature& s : packed.standing.signatures) {
    if (s.signed_utc_ns != run->outcome.ended_utc_ns)
      files.fault("packed.json", "says that the record was signed at another time than its run ended");
  }
  check_waveforms(files, check, *run);
  for (const ArchiveEntry& file : document_files(run->header))
    files.expect(file, "is not the one that the record names");
  for (const ArchiveEntry& file : views(*run, packed, evidence ? &*evidence : nullptr)) {
    files.expect(file, fmt::format("is not what this program makes of the record ({} packed it; with that program, and "
                                   "for the certificate with the same fonts, it must be)",
                                   packed.exporter));
  }
}

/// What no signature under the record holds is the packer's word.
void say_who_packed(BundleCheck& check) {
  if (check.exporter_fingerprint.empty() || check.signer_fingerprint.empty() ||
      check.exporter_fingerprint == check.signer_fingerprint)
    return;
  check.notes.push_back(
      fmt::format("packed by another than signed the record: that nothing else was said of the run since is the word "
                  "of {} ({})",
                  check.packer, check.exporter_fingerprint));
}

}  // namespace

BundleCheck check_bundle(std::string_view zip, const KeyRing* keys) {
  BundleCheck check;
  Contents files(check, keys);
  Result<std::vector<ArchiveEntry>> entries = entries_of_zip(zip);
  if (!entries) {
    check.faults.push_back(entries.error().message);
    return check;
  }
  if (!files.take(std::move(*entries))) return check;
  const Result<Packed> packed = packed_of(files.need("packed.json"));
  if (!packed) {
    check.faults.push_back(packed.error().message);
    return check;
  }
  if (packed->run_id != check.run_id) files.fault("packed.json", fmt::format("is of {}", packed->run_id));
  check.exporter = packed->exporter;
  const std::string& record = files.need("record.json");
  check.record_sha256 = sha256_hex(record);
  check_sums(files, check, *packed);
  const std::optional<RunEvidence> evidence = evidence_in(files, check, *packed, record);
  check_standing(files, check, *packed, evidence);
  say_who_packed(check);
  try {
    check_database(files, check, *packed, record, evidence);
  } catch (const ErrorException& e) {
    files.fault("records.db", e.error.message);
  }
  files.nothing_else();
  return check;
}

Result<BundleCheck> check_bundle_file(const std::filesystem::path& file, const KeyRing* keys) {
  std::error_code error;
  const auto kind = std::filesystem::status(file, error).type();
  if (kind == std::filesystem::file_type::not_found)
    return fail(Errc::usage, fmt::format("{}: there is no such file", file.string()));
  if (kind == std::filesystem::file_type::none)
    return fail(Errc::usage, fmt::format("{}: cannot be read: {}", file.string(), error.message()));
  if (const std::string why = why_no_file(file); !why.empty())
    return fail(Errc::usage, fmt::format("{}: {}", file.string(), why));
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail(Errc::io, fmt::format("{}: cannot be read", file.string()));
  BundleCheck check = check_bundle(bytes, keys);
  return check;
}

}  // namespace penrig
