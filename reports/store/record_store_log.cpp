#include <memory>
#include <tuple>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/record_json.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/run_evidence.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/store/store_schema.hpp"

namespace penrig {
namespace {

using sqlite::RowReader;

/// A calibration of a simulated rig was filed by that rig's clock.
bool is_virtual(const AuditEntry& entry) {
  return entry.action == audit::kCalibrationFiled && entry.new_value.is_object() &&
         entry.new_value.value("simulated", false);
}

/// Which leaf a run is, and how it is signed.
struct LeafOfRun {
  std::uint64_t index = 0;
  std::string signature;
};

std::optional<LeafOfRun> leaf_of(sqlite::Database& db, std::int64_t run) {
  RowReader row(db, "SELECT id, signature FROM log_leaves WHERE run = ?");
  row.bind(1, run);
  if (!row.next()) return std::nullopt;
  return LeafOfRun{row.count("id") - 1, row.text("signature")};
}

}  // namespace

Result<void> RecordStore::sign_with(std::shared_ptr<const KeyRing> keys, const ActedBy& by) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    log_->sign_with(std::move(keys), by);
    transaction.commit();
  });
}

Result<std::string> RecordStore::add_audit(const AuditEntry& entry) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    std::string id = log_->append_audit(entry);
    transaction.commit();
    return id;
  });
}

Result<LogState> RecordStore::log_state() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    LogState state;
    const sqlite::View view(*db_);
    if (!log_->catch_up()) {
      sqlite::raise(Errc::usage, fmt::format("{}: is of version {} and has no log yet; the next run on it adds one",
                                             db_->file().string(), db_->integer("PRAGMA user_version")));
    }
    state.origin = log_->origin();
    std::tie(state.first_run, state.first_calibration) = first_of(state.origin);
    state.leaves = log_->leaves();
    state.keys = log_->keys();
    return state;
  });
}

Result<std::vector<TrailEntry>> RecordStore::audit_trail(std::size_t newest) {
  KeyChain keys;
  std::vector<TrailEntry> trail;
  const auto entries = guarded(one_at_a_time_, db_->file(), [&] {
    const sqlite::View view(*db_);
    if (!log_->catch_up()) return std::vector<LogLeaf>();  // of a version that had none
    keys = log_->keys();
    return log_->audit_leaves(newest);
  });
  if (!entries) return entries.error();
  for (const LogLeaf& leaf : *entries) {
    const Result<AuditEntry> entry = audit_entry_of(leaf.audit_bytes);
    if (!entry)
      return fail(entry.error().code,
                  fmt::format("{}: {}: {}", db_->file().string(), audit_name(leaf.audit), entry.error().message));
    TrailEntry item{*entry};
    if (!leaf.signature.empty()) {
      const Result<PublicKey> by = signer_of(leaf.signature, kAuditSpace, leaf.audit_bytes);
      // The entry of a new key is signed by the one before it.
      const bool rotates = entry->action == audit::kKeyRotated && leaf.index > 0;
      const LogKey* const key = keys.at(rotates ? leaf.index - 1 : leaf.index);
      if (!by) {
        item.fault = by.error().message;
      } else if (key == nullptr || key->key != *by) {
        item.fault = fmt::format("signed by {}, which is not the log's key", fingerprint(*by));
      } else {
        item.signed_by = key->name;
      }
    }
    trail.push_back(std::move(item));
  }
  return trail;
}

Result<std::optional<NewestTime>> RecordStore::newest_utc() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::optional<NewestTime> newest;
    const auto take = [&](std::int64_t utc_ns, const std::string& what) {
      if (!newest || utc_ns > newest->utc_ns) newest = NewestTime{utc_ns, what};
    };
    {
      RowReader row(*db_,
                    "SELECT id, max(started_utc_ns) AS utc_ns FROM runs WHERE simulation = '' UNION ALL "
                    "SELECT run, max(ended_utc_ns) FROM outcomes JOIN runs ON runs.id = run WHERE simulation = ''");
      while (row.next()) {
        if (!row.null("utc_ns")) take(row.integer("utc_ns"), rows::run_name(row.integer("id")));
      }
    }
    if (log_->catch_up()) {
      RowReader row(*db_, "SELECT bytes FROM audit_entries JOIN log_leaves ON log_leaves.audit = audit_entries.id");
      while (row.next()) {
        // A step back speaks of the time that the clock had then, which is the wrong one.
        const auto entry = audit_entry_of(row.text("bytes"));
        if (entry && entry->action != audit::kClockStep && !is_virtual(*entry)) take(entry->at_utc_ns, entry->id);
      }
    }
    return newest;
  });
}

Result<std::string> RecordStore::calibration_sha256(const std::string& id) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    RowReader row(*db_, "SELECT bytes FROM calibrations WHERE printf('C-%06d', id) = ?");
    row.bind(1, id);
    if (!row.next()) sqlite::raise(Errc::usage, fmt::format("{}: no calibration '{}'", db_->file().string(), id));
    return sha256_hex(row.blob("bytes"));
  });
}

RunStanding RecordStore::standing_of(std::int64_t run, const RunRecord& record) {
  if (!log_->catch_up()) return {};
  RunStanding standing = log_->standing_of(record.header.run_id);
  const std::optional<LeafOfRun> leaf = leaf_of(*db_, run);
  if (!leaf) {
    if (record.closed) standing.signature_fault = "the store's log has no leaf for it";
    return standing;
  }
  standing.log_leaf = leaf->index;
  if (leaf->signature.empty()) return standing;
  const Result<PublicKey> by = signer_of(leaf->signature, kRecordSpace, record_json_text(record));
  const LogKey* const key = log_->keys().at(leaf->index);
  if (!by) {
    standing.signature_fault = by.error().message;
  } else if (key == nullptr || key->key != *by) {
    standing.signature_fault = fmt::format("signed by {}, which is not the log's key", fingerprint(*by));
  } else {
    standing.signatures.push_back({key->name, fingerprint(key->key), record.outcome.ended_utc_ns});
  }
  return standing;
}

Result<RunEvidence> RecordStore::evidence_of(const std::string& run_id) {
  const Result<RunRecord> record = load_run(run_id);
  if (!record) return record.error();
  const Result<LogState> state = log_state();
  if (!state) return state.error();
  std::vector<TreeHash> hashes;
  for (const LogLeaf& leaf : state->leaves) hashes.push_back(leaf.hash);
  for (const LogLeaf& leaf : state->leaves) {
    if (!leaf.run || rows::run_name(*leaf.run) != run_id) continue;
    RunEvidence e;
    e.record = record_json_text(*record);
    e.signature = leaf.signature;
    e.leaf = leaf.index;
    e.checkpoint = state->leaves.back().checkpoint;
    e.proof = inclusion_proof(hashes, leaf.index, hashes.size());
    if (const LogKey* key = state->keys.at(leaf.index); key != nullptr && !leaf.signature.empty()) {
      e.signer = key->key;
      e.signer_name = key->name;
      e.principal = principal_of(key->name);
      e.allowed_signers = allowed_signers_line(key->key, key->name);
    }
    const bool signed_note = e.checkpoint.find("\n\n") != std::string::npos;
    if (const LogKey* key = state->keys.current(); key != nullptr && signed_note) e.checkpoint_signer = key->key;
    return e;
  }
  return fail(Errc::usage, fmt::format("{}: {} has no leaf in the log: {}", db_->file().string(), run_id,
                                       record->closed ? "it was closed before there was one" : "it is not closed"));
}

Result<std::vector<std::string>> RecordStore::check_database() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<std::string> complaints;
    const sqlite::View view(*db_);
    {
      RowReader row(*db_, "PRAGMA integrity_check(20)");
      while (row.next()) {
        const std::string said = row.text("integrity_check");
        if (said != "ok") complaints.push_back("integrity check: " + said);
      }
    }
    {
      RowReader row(*db_, "PRAGMA foreign_key_check");
      while (row.next()) {
        complaints.push_back(fmt::format("row {} of {} refers to a row of {} that is not there", row.integer("rowid"),
                                         row.text("table"), row.text("parent")));
      }
    }
    const std::int64_t version = db_->integer("PRAGMA user_version");
    if (version == kStoreVersion) {
      if (schema_of(*db_) != schema_of_stores())
        complaints.push_back(fmt::format("its tables or triggers are not those of a store of version {}", version));
    } else if (db_->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'log_leaves'") > 0 &&
               version < kLogSince) {
      complaints.push_back(fmt::format("it says that it is of version {}, and has tables of a later one", version));
    }
    return complaints;
  });
}

}  // namespace penrig
