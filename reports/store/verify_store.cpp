#include "reports/store/verify_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/record_json.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/store_remains.hpp"
#include "reports/store/verify_archives.hpp"
#include "reports/waveforms/held_waveforms.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

std::string hex(const TreeHash& hash) {
  std::string text;
  for (const std::uint8_t byte : hash) text += fmt::format("{:02x}", byte);
  return text;
}

/// The number in "R-000012"; what is none counts as new, so that it must be accounted for.
std::int64_t number_in(const std::string& id) {
  std::int64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto read = std::from_chars(id.data() + std::min<std::size_t>(2, id.size()), end, number);
  return read.ec == std::errc{} && read.ptr == end ? number : std::numeric_limits<std::int64_t>::max();
}

bool certifies(const RunRecord& run) { return !run.header.engineering && !run.header.simulated; }

/// Who has no key leaves such entries unsigned only where the log has none either: they decide what certifies.
bool needs_signature(const AuditEntry& entry) {
  static constexpr std::array kKinds{audit::kCalibrationFiled, audit::kRunVoided, audit::kApproved,
                                     audit::kApprovalWithdrawn};
  return std::ranges::find(kKinds, entry.action) != kKinds.end();
}

/// Empty where it names none.
std::string sha256_in(const AuditEntry& entry) {
  const auto found = entry.new_value.is_object() ? entry.new_value.find("sha256") : entry.new_value.end();
  return found != entry.new_value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_signed_note(const std::string& note) { return note.find("\n\n") != std::string::npos; }

class Verifier {
 public:
  Verifier(RecordStore& store, const VerifyOptions& options)
      : store_(store), options_(options), archives_(store, out_) {}

  Result<Verification> all() {
    const auto database = store_.check_database();
    if (!database) return database.error();
    for (const std::string& complaint : *database) fault("database", complaint);
    Result<LogState> log = store_.log_state();
    if (!log && log.error().code != Errc::usage) {
      fault("log", log.error().message);
    } else if (!log) {
      out_.notes.push_back(log.error().message);
    } else {
      log_ = std::move(*log);
    }
    // Before the runs: what a run that goes on writes meanwhile is nobody's only for a moment.
    const Result<StoreRemains> beside = find_remains(store_.folder());
    // Nothing more of them: a run that cannot be read must hide no other.
    const Result<std::vector<std::string>> runs = store_.run_ids();
    if (!runs) return runs.error();
    for (const std::string& wanted : options_.runs) {
      if (std::ranges::find(*runs, wanted) != runs->end()) continue;
      const std::string known = runs->empty() ? "the store holds no runs yet"
                                              : fmt::format("runs in the store: {}, the newest is {}", runs->size(),
                                                            std::ranges::max(*runs, {}, number_in));
      return fail(Errc::usage, fmt::format("{}: no run '{}'; {}", store_.folder().string(), wanted, known));
    }
    check_leaves();
    check_beside_the_log();
    check_keys();
    archives_.check_rows();
    check_runs(*runs);
    check_calibrations();
    check_kept();
    say_what_is_not_covered();
    say_what_lies_beside(beside);
    return std::move(out_);
  }

 private:
  void fault(std::string where, std::string what) { out_.faults.push_back({std::move(where), std::move(what)}); }

  /// Order, entries of the trail, and the checkpoint at every leaf.
  void check_leaves() {
    TreeFrontier frontier;
    for (const LogLeaf& leaf : log_.leaves) {
      if (leaf.index != frontier.size()) {
        fault("log", fmt::format("leaf {} is missing", frontier.size()));
        return;  // nothing behind it can fit
      }
      if (leaf.run) leaf_of_run_[rows::run_name(*leaf.run)] = &leaf;
      if (!leaf.run) check_entry(leaf);
      frontier.append(leaf.hash);
      roots_.push_back(frontier.root());
      check_checkpoint(leaf);
    }
    out_.origin = log_.origin;
    out_.log_size = frontier.size();
    out_.root_hex = hex(frontier.root());
    if (!log_.leaves.empty()) out_.checkpoint = log_.leaves.back().checkpoint;
  }

  void check_entry(const LogLeaf& leaf) {
    ++out_.audit_entries;
    const std::string name = audit_name(leaf.audit);
    if (leaf_hash(leaf.audit_bytes) != leaf.hash) {
      return fault(name, "it is not what was entered: its bytes do not hash to its leaf of the log");
    }
    const Result<AuditEntry> entry = audit_entry_of(leaf.audit_bytes);
    if (!entry) return fault(name, entry.error().message);
    if (entry->id != name) fault(name, fmt::format("it calls itself {}", entry->id));
    if (entry->action == audit::kCalibrationFiled && !calibrations_.emplace(entry->subject, sha256_in(*entry)).second)
      fault(name, fmt::format("{} was filed before: a calibration is filed once", entry->subject));
    const LogKey* const key = signer_at(leaf, entry->action == audit::kKeyRotated);
    archives_.entered(*entry, !leaf.signature.empty() || key == nullptr);
    check_signature(name, leaf, kAuditSpace, leaf.audit_bytes, key);
    if (leaf.signature.empty() && key != nullptr && needs_signature(*entry)) {
      fault(name, fmt::format("'{} {}': nobody signed it, and the log's key was {} ({}) by then", entry->action,
                              entry->subject, fingerprint(key->key), key->name));
    }
  }

  /// Readers may be joined to the log or not: what only some of them see was never entered.
  void check_beside_the_log() {
    const Result<std::vector<std::string>> beside = store_.entries_beside_the_log();
    if (!beside) return fault("log", beside.error().message);
    for (const std::string& entry : *beside) fault(entry, "it stands beside the log: no leaf has it");
  }

  const LogKey* signer_at(const LogLeaf& leaf, bool by_the_one_before) const {
    return log_.keys.at(by_the_one_before && leaf.index > 0 ? leaf.index - 1 : leaf.index);
  }

  void check_signature(const std::string& name, const LogLeaf& leaf, std::string_view space, const std::string& bytes,
                       const LogKey* key) {
    if (leaf.signature.empty()) {
      // Both are written in one go: whoever had the key for the one had it for the other.
      if (is_signed_note(leaf.checkpoint)) fault(name, "its signature is gone, and its checkpoint is signed");
      return;
    }
    const Result<PublicKey> by = signer_of(leaf.signature, space, bytes);
    if (!by) return fault(name, by.error().message);
    if (key == nullptr || key->key != *by) {
      fault(name, fmt::format("is signed by {}, and the log's key there is {}", fingerprint(*by),
                              key == nullptr ? "none" : fingerprint(key->key)));
    }
  }

  void check_checkpoint(const LogLeaf& leaf) {
    const std::string at = fmt::format("log, checkpoint {}", leaf.index + 1);
    const LogKey* const key = log_.keys.at(leaf.index);
    const bool is_signed = is_signed_note(leaf.checkpoint);
    if (is_signed && key == nullptr) return fault(at, "it is signed, and the trail knows no key");
    const Result<Checkpoint> note = is_signed ? verified_checkpoint(leaf.checkpoint, key->key, log_.origin)
                                              : unverified_checkpoint(leaf.checkpoint);
    if (!note) return fault(at, note.error().message);
    if (note->origin != log_.origin) return fault(at, fmt::format("it is of another log, '{}'", note->origin));
    if (note->size != leaf.index + 1)
      return fault(at, fmt::format("it is of {} leaves, expected {}", note->size, leaf.index + 1));
    if (note->root != roots_[leaf.index])
      fault(at, fmt::format("the log's leaves give another root ({} instead of {})",
                            hex(roots_[leaf.index]).substr(0, 16), hex(note->root).substr(0, 16)));
    // Witnesses sign copies; what stands in the store is as it was written.
    const auto lines = std::count(leaf.checkpoint.begin(), leaf.checkpoint.end(), '\n');
    if (lines != (is_signed ? 5 : 3) || !leaf.checkpoint.ends_with('\n'))
      fault(at, "it has text that nobody wrote here");
    if (is_signed) return;
    ++unsigned_notes_;
    if (options_.keys && key != nullptr)
      fault(at, fmt::format("it is not signed; expected the signature of {} ({})", fingerprint(key->key), key->name));
  }

  void check_keys() {
    for (const std::string& said : log_.keys.faults()) fault("keys", said);
    const LogKey* const key = log_.keys.current();
    if (key == nullptr) {
      if (options_.keys)
        fault("keys", "nothing here is signed, and the store's key was expected to be among those of --keys");
      return;
    }
    out_.key_name = key->name;
    out_.key_fingerprint = fingerprint(key->key);
    if (!options_.keys) return;
    for (const LogKey& known : log_.keys.keys()) {
      if (options_.keys->find(known.key) == nullptr) {
        fault("keys", fmt::format("{} ({}) signed here, and is none of your keys", fingerprint(known.key), known.name));
      }
    }
  }

  void check_runs(const std::vector<std::string>& runs) {
    const std::set<std::string> wanted(options_.runs.begin(), options_.runs.end());
    const std::set<std::string> there(runs.begin(), runs.end());
    for (const std::string& run : runs) {
      if (wanted.empty() || wanted.contains(run)) check_run(run);
    }
    for (const auto& [run, leaf] : leaf_of_run_) {
      if (!there.contains(run)) fault(run, fmt::format("the log has it as leaf {}, and it is not there", leaf->index));
    }
  }

  void check_run(const std::string& run_id) {
    const Result<RunRecord> run = store_.load_run(run_id);
    if (!run) return fault(run_id, run.error().message);
    std::set<std::string> held;
    if (options_.seen) held = options_.seen(*run);
    check_waveforms(*run, held);
    const auto found = leaf_of_run_.find(run_id);
    const bool ended = run->closed || run->outcome.interrupted;
    if (found == leaf_of_run_.end()) {
      // Who names a run asks of that one: that nothing else is wrong is no answer.
      const bool named = std::ranges::find(options_.runs, run_id) != options_.runs.end();
      if (!ended) {
        ++out_.open_runs;
        if (named)
          fault(run_id, "it is not closed: nothing seals it yet (penrig records recover closes one left behind)");
      } else if (certifies(*run)) {
        fault(run_id, "it is a certifying run, and has no leaf in the log");
      } else if (is_older_than_the_log(run_id)) {
        ++out_.runs_before_log;
        if (named) fault(run_id, "it was closed before there was a log: nothing seals it");
      } else {
        fault(run_id, "it is closed and has no leaf in the log");
      }
      return;
    }
    ++out_.runs;
    const LogLeaf& leaf = *found->second;
    const std::string bytes = record_json_text(*run);
    if (leaf_hash(bytes) != leaf.hash)
      fault(run_id, "it is not what was closed: its rows do not give the bytes that hash to its leaf of the log");
    check_signature(run_id, leaf, kRecordSpace, bytes, signer_at(leaf, false));
    if (!leaf.signature.empty()) ++out_.signed_runs;
    if (leaf.signature.empty() && certifies(*run)) fault(run_id, "it is a certifying run, and nobody signed it");
  }

  bool is_older_than_the_log(const std::string& run) const {
    return log_.origin.empty() || number_in(run) < log_.first_run;
  }

  void check_waveforms(const RunRecord& run, const std::set<std::string>& held) {
    for (const PhaseRecord& phase : run.phases) {
      for (const WaveformRecord& w : phase.waveforms) {
        if (!named_.insert(waveform_path(w)).second) continue;
        const std::string name = fmt::format("{}, waveform {}", run.header.run_id, w.sha256.substr(0, 16));
        if (held.contains(w.sha256) || check_waveform(name, w)) ++out_.waveforms;
      }
    }
    if (run.link_trace) named_.insert(waveform_path(run.link_trace->sha256, kTraceSuffix));
    if (run.link_trace && check_file(run.header.run_id + ", link trace", run.link_trace->sha256, kTraceSuffix))
      ++out_.link_traces;
  }

  bool check_waveform(const std::string& name, const WaveformRecord& w) {
    const std::string suffix = suffix_of(w.form);
    const HeldWaveforms* const memory = store_.held_waveforms();
    if (memory == nullptr) return check_file(name, w.sha256, suffix);
    const std::string* const bytes = memory->find(w.sha256, suffix);
    if (bytes == nullptr) {
      fault(name, "is not there, in memory");
      return false;
    }
    if (const std::string found = sha256_hex(*bytes); found != w.sha256)
      fault(name, fmt::format("is damaged in memory (its SHA-256 is {}...)", found.substr(0, 16)));
    return true;
  }

  /// Whether it is there; what is wrong with it is a fault.
  bool check_file(const std::string& name, const std::string& sha256, std::string_view suffix) {
    const std::filesystem::path file = store_.folder() / waveform_path(sha256, suffix);
    std::error_code error;
    const auto kind = std::filesystem::status(file, error).type();
    if (kind == std::filesystem::file_type::not_found) {
      // Only waveforms are ever moved away.
      if (suffix == kTraceSuffix || !archives_.has(sha256)) fault(name, fmt::format("{}: is not there", file.string()));
      return false;
    }
    std::ifstream in;
    // Anything else might be waited for.
    if (kind == std::filesystem::file_type::regular) in.open(file, std::ios::binary);
    if (!in.is_open()) {
      fault(name, fmt::format("{}: cannot be read{}", file.string(),
                              kind == std::filesystem::file_type::regular || kind == std::filesystem::file_type::none
                                  ? ""
                                  : ": it is no file but a directory or a device"));
      return false;
    }
    if (const std::string found = sha256_hex(in); found != sha256)
      fault(name, fmt::format("{}: is damaged (its SHA-256 is {}...)", file.string(), found.substr(0, 16)));
    return true;
  }

  void check_calibrations() {
    const Result<std::vector<Calibration>> all = store_.list_calibrations();
    if (!all) return fault("calibrations", all.error().message);
    std::set<std::string> there;
    for (const Calibration& c : *all) {
      there.insert(c.id);
      ++out_.calibrations;
      const auto known = calibrations_.find(c.id);
      if (known == calibrations_.end()) {
        if (!log_.origin.empty() && number_in(c.id) >= log_.first_calibration)
          fault(c.id, "it is filed, and the audit trail does not know it");
      } else if (const auto sha256 = store_.calibration_sha256(c.id); !sha256 || *sha256 != known->second) {
        fault(c.id, "it is not the one that the audit trail says was filed");
      }
    }
    for (const auto& [id, sha256] : calibrations_) {
      if (!there.contains(id)) fault(id, "the audit trail says that it was filed, and it is not there");
    }
  }

  /// A log can be shortened or written anew by whoever holds its key; a checkpoint that was kept elsewhere tells.
  void check_kept() {
    if (!options_.kept_checkpoint) return;
    const std::string where = "kept checkpoint";
    const Result<Checkpoint> kept = unverified_checkpoint(*options_.kept_checkpoint);
    if (!kept) return fault(where, kept.error().message);
    if (kept->origin != log_.origin)
      return fault(where, fmt::format("it is of log '{}', this is '{}'", kept->origin, log_.origin));
    if (kept->size > roots_.size()) {
      return fault(where, fmt::format("the log had {} leaves when it was kept, and has {} now: the newest were removed",
                                      kept->size, roots_.size()));
    }
    if (kept->size > 0 && roots_[kept->size - 1] != kept->root)
      return fault(where, fmt::format("the log's first {} leaves are not those that it had then", kept->size));
    if (kept->size == 0) return;
    const LogKey* const key = log_.keys.at(kept->size - 1);
    if (!is_signed_note(*options_.kept_checkpoint)) {
      out_.notes.push_back("the kept checkpoint is not signed: it is worth as much as the place where it was kept");
    } else if (key == nullptr) {
      fault(where, "it is signed, and the trail knows no key");
    } else if (const auto good = verified_checkpoint(*options_.kept_checkpoint, key->key, log_.origin); !good) {
      fault(where, good.error().message);
    }
  }

  void say_what_is_not_covered() {
    const auto note = [&](std::uint64_t n, const char* what) {
      if (n > 0) out_.notes.push_back(fmt::format("{} {}", n, what));
    };
    note(out_.runs - out_.signed_runs, "of the closed runs, certifying or not, are unsigned: the log alone holds them");
    note(unsigned_notes_, "checkpoints are unsigned: whoever can write the store can write them anew");
    note(out_.runs_before_log, "runs were closed before there was a log, which says nothing of them");
    note(out_.open_runs, "runs are not closed, and have no leaf yet (penrig records recover closes those left behind)");
    if (!options_.kept_checkpoint) {
      out_.notes.push_back(
          "no kept checkpoint was given: that the newest records were not removed cannot be seen (--checkpoint FILE)");
    }
  }

  /// Files of the store that no record holds to anything.
  void say_what_lies_beside(const Result<StoreRemains>& beside) {
    if (!beside) return out_.notes.push_back(beside.error().message);
    const auto pages = std::ranges::count_if(beside->report_folders, [](const std::filesystem::path& folder) {
      std::error_code nobody_knows;
      return std::filesystem::exists(folder / "report.html", nobody_knows);
    });
    if (pages > 0) {
      out_.notes.push_back(
          fmt::format("report pages in the store (R-.../report.html): {}; they are no evidence and were not checked "
                      "(penrig report RUN --html FILE writes one anew from the record)",
                      pages));
    }
    if (!options_.runs.empty()) return;  // of the other runs nobody asked what they name
    const std::filesystem::path incoming = incoming_folder(store_.folder());
    const auto of_no_run = std::ranges::count_if(beside->waveforms, [&](const std::filesystem::path& file) {
      return file.parent_path() != incoming && !named_.contains(file.lexically_relative(store_.folder()));
    });
    if (of_no_run > 0)
      out_.notes.push_back(fmt::format("waveform files that belong to no run: {}; they were not checked", of_no_run));
  }

  RecordStore& store_;
  const VerifyOptions& options_;
  Verification out_;
  LogState log_{};
  std::vector<TreeHash> roots_;  // of the first 1, 2, ... leaves
  std::map<std::string, const LogLeaf*> leaf_of_run_;
  std::map<std::string, std::string> calibrations_;  // id to SHA-256, by the trail
  std::set<std::filesystem::path> named_;            // waveforms and traces of the runs
  ArchivesInStore archives_;
  std::uint64_t unsigned_notes_ = 0;
};

}  // namespace

Result<Verification> verify_store(RecordStore& store, const VerifyOptions& options) {
  return Verifier(store, options).all();
}

}  // namespace penrig
