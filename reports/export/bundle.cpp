#include "reports/export/bundle.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle_parts.hpp"
#include "reports/export/run_extract.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_log.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

using namespace bundle;

Result<void> add_file(std::vector<ArchiveEntry>& files, const std::filesystem::path& folder,
                      const std::filesystem::path& path, const std::string& sha256, const std::string& what) {
  std::ifstream in(folder / path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in || sha256_hex(bytes) != sha256) {
    return fail(Errc::bad_data,
                fmt::format("{}: {} {}; without it there is no bundle of the run", (folder / path).string(), what,
                            in ? "does not match its SHA-256" : "is not there (was it archived? Put it back first)"));
  }
  files.push_back({path.generic_string(), std::move(bytes)});
  return {};
}

Result<void> add_waveforms(std::vector<ArchiveEntry>& files, const RunRecord& run,
                           const std::filesystem::path& folder) {
  std::set<std::string> added;
  for (const PhaseRecord& phase : run.phases) {
    for (const WaveformRecord& w : phase.waveforms) {
      if (!added.insert(w.sha256).second) continue;
      const std::string what = fmt::format("the waveform of phase '{}'", phase.name);
      if (auto done = add_file(files, folder, waveform_path(w), w.sha256, what); !done) return done;
    }
  }
  if (!run.link_trace) return {};
  const std::string& trace = run.link_trace->sha256;
  return add_file(files, folder, waveform_path(trace, kTraceSuffix), trace, "the link trace");
}

/// Entries of the trail that speak of the run, as bytes and signature.
Result<void> add_audit(std::vector<ArchiveEntry>& files, Packed& packed, RecordStore& store) {
  const Result<LogState> state = store.log_state();
  if (!state) return state.error().code == Errc::usage ? Result<void>{} : state.error();
  for (const LogLeaf& leaf : state->leaves) {
    if (leaf.run) continue;
    const Result<AuditEntry> entry = audit_entry_of(leaf.audit_bytes);
    if (!entry) return entry.error();
    if (entry->subject != packed.run_id) continue;
    packed.audit.push_back(audit_name(leaf.audit));
    files.push_back({fmt::format("audit/{}.json", packed.audit.back()), leaf.audit_bytes});
    if (!leaf.signature.empty()) files.push_back({fmt::format("audit/{}.sig", packed.audit.back()), leaf.signature});
  }
  return {};
}

}  // namespace

Result<std::string> bundle_of(RecordStore& store, const std::string& run_id, const BundleOptions& options) {
  const Result<RunRecord> run = store.load_run(run_id);
  if (!run) return run.error();
  if (!run->closed) {
    return fail(Errc::usage,
                fmt::format("{}: {}. A bundle is of a run that has ended: if no program holds it any more, "
                            "penrig records recover closes it",
                            run_id, run->outcome.reason));
  }
  Packed packed{run_id, options.exporter, options.paper, run->standing, {}, {}, {}};
  const std::string record = record_json_text(*run);
  std::vector<ArchiveEntry> files{{"record.json", record}};
  std::optional<RunEvidence> evidence;
  if (run->standing.log_leaf) {
    Result<RunEvidence> found = store.evidence_of(run_id);
    if (!found) return found.error();
    if (found->record != record)
      return fail(Errc::bad_data, fmt::format("{}: its rows no longer give the record that the log holds", run_id));
    evidence = std::move(*found);
    if (evidence->checkpoint_signer != PublicKey{}) packed.log_key = public_line(evidence->checkpoint_signer, "");
    std::ranges::move(evidence_files(*evidence), std::back_inserter(files));
  }
  if (options.keys) packed.sums_principal = principal_of(options.keys->current().name);
  if (const Result<void> audited = add_audit(files, packed, store); !audited) return audited.error();
  std::ranges::move(document_files(run->header), std::back_inserter(files));
  if (const Result<void> added = add_waveforms(files, *run, store.folder()); !added) return added.error();
  Result<std::string> database = run_extract(store.folder(), run_id);
  if (!database) return database.error();
  files.push_back({"records.db", std::move(*database)});
  std::ranges::move(views(*run, packed, evidence ? &*evidence : nullptr), std::back_inserter(files));
  files.push_back({"packed.json", packed_text(packed)});
  if (options.keys)
    files.push_back(
        {"exporter", exporter_line(options.keys->current().key.public_key(), options.keys->current().name)});
  std::ranges::sort(files, {}, &ArchiveEntry::name);
  const std::string sums = sums_of(files);
  files.push_back({"SHA256SUMS", sums});
  if (options.keys) files.push_back({"SHA256SUMS.sig", ssh_signature(options.keys->current().key, kSpace, sums)});
  std::ranges::sort(files, {}, &ArchiveEntry::name);
  for (ArchiveEntry& file : files) file.name = fmt::format("{}/{}", run_id, file.name);
  return zip_of(files);
}

}  // namespace penrig
