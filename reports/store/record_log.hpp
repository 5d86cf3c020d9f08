#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/checkpoint.hpp"
#include "reports/evidence/key_ring.hpp"
#include "reports/store/sqlite_database.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/record/run_standing.hpp"

namespace penrig {

/// A leaf as it stands in the store.
struct LogLeaf {
  std::uint64_t index = 0;
  std::optional<std::int64_t> run;  ///< the run's number; none: an entry of the audit trail
  std::int64_t audit = 0;           ///< its number, if it is one
  std::string audit_bytes;
  TreeHash hash{};
  std::string signature;   ///< SSHSIG over the entry's bytes; empty: not signed
  std::string checkpoint;  ///< of the log that ends with this leaf
};

/// A public key of the log, from which leaf on it signs.
struct LogKey {
  PublicKey key{};
  std::string name;
  std::uint64_t from = 0;
};

/// The keys that signed this log, one after the other: the first speaks for itself, each later one was entered by the
/// one before it. What does not follow is not taken, and named.
class KeyChain {
 public:
  /// Takes one entry of the trail, in order; `index` is its leaf's.
  void follow(std::uint64_t index, const AuditEntry& entry, std::string_view bytes, std::string_view signature);
  const LogKey* at(std::uint64_t leaf) const;  ///< nullptr: no key yet
  const LogKey* current() const { return keys_.empty() ? nullptr : &keys_.back(); }
  const std::vector<LogKey>& keys() const { return keys_; }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<LogKey> keys_;
  std::vector<std::string> faults_;
};

/// Who enters something, and when.
struct ActedBy {
  std::string who;
  std::int64_t at_utc_ns = 0;
};

/// The log of a store: RFC 6962 tree over records and audit entries, with a checkpoint at every leaf. Everything that
/// appends expects an open transaction; errors are thrown as the store's own are.
class RecordLog {
 public:
  explicit RecordLog(sqlite::Database& db) : db_(db) {}

  /// From here on leaves and checkpoints are signed with the ring's current key. A log that has no key yet gets it
  /// entered; one whose key the ring replaced gets the new one, signed by the old. Errc::refused: the log's key is none
  /// of the ring's.
  void sign_with(std::shared_ptr<const KeyRing> ring, const ActedBy& by);

  void append_run(std::int64_t run, std::string_view bytes);
  /// Gives the entry its id, which is returned.
  std::string append_audit(AuditEntry entry);

  /// Reads what was added since, also by other programs. False: a store of a version without a log.
  bool catch_up();
  const KeyChain& keys() const { return keys_; }
  /// What the trail says of a run: voids and comments; signatures are for who holds its bytes.
  RunStanding standing_of(const std::string& run_id) const;
  std::string origin() const;
  /// The whole log, in order.
  std::vector<LogLeaf> leaves() const;
  /// Those of the audit trail, in order; at most the `newest` so many, 0: all.
  std::vector<LogLeaf> audit_leaves(std::size_t newest) const;

 private:
  void follow(std::uint64_t index, const AuditEntry& entry, const std::string& bytes, const std::string& signature);
  std::string append_entry(AuditEntry entry, const HeldKey* signer);
  void append_leaf(std::optional<std::int64_t> run, std::int64_t audit, const TreeHash& hash,
                   const std::string& signature);
  void forget();

  sqlite::Database& db_;
  std::shared_ptr<const KeyRing> ring_;
  TreeFrontier frontier_;
  TreeHash last_{};  // the hash of the frontier's last leaf: tells a log that was rolled back
  KeyChain keys_;
  std::map<std::string, RunStanding> standings_;  // by run id
};

/// An entry, and who signed it: empty where nobody did, or where what stands there does not hold.
struct TrailEntry {
  AuditEntry entry;
  std::string signed_by{};  ///< name of the log's key
  std::string fault{};      ///< why its signature does not count
};

/// The log as it stands, read in one go.
struct LogState {
  std::string origin;
  std::int64_t first_run = 1, first_calibration = 1;  ///< what is older has no leaf
  std::vector<LogLeaf> leaves;
  KeyChain keys;
};

/// From which run and calibration on a log of that origin knows everything. One that does not say so knows all.
std::pair<std::int64_t, std::int64_t> first_of(const std::string& origin);

/// The entry of the trail for a calibration that was filed.
AuditEntry calibration_filed(const Calibration& calibration, const std::string& sha256);

/// Adds what an entry of the trail says of its run: that it is void, or a comment. Entries come in their order.
void add_to(RunStanding& standing, const AuditEntry& entry);

/// Ids of the runs that somebody declared void.
std::set<std::string> voided_runs(sqlite::Database& db);

/// "A-000003".
std::string audit_name(std::int64_t audit);
/// Hashes as columns hold them. Errc::bad_data: not 32 bytes.
std::string hash_bytes(const TreeHash& hash);
TreeHash tree_hash_of(const std::string& bytes);

}  // namespace penrig
