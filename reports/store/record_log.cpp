#include "reports/store/record_log.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "reports/evidence/ssh_key.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;
using sqlite::RowReader;
using sqlite::RowWriter;

Json key_json(const PublicKey& key, const std::string& name) {
  return {{"public_key", public_line(key, name)}, {"fingerprint", fingerprint(key)}, {"name", name}};
}

/// The key that an entry names; nothing where it names none.
std::optional<LogKey> key_in(const Json& value) {
  try {
    const Result<PublicKey> key = parse_public_line(value.at("public_key").get<std::string>());
    if (!key) return std::nullopt;
    return LogKey{*key, value.at("name").get<std::string>(), 0};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<PublicKey> signer(std::string_view signature, std::string_view bytes) {
  const Result<PublicKey> key = signer_of(signature, kAuditSpace, bytes);
  return key ? std::optional(*key) : std::nullopt;
}

LogLeaf leaf_in(const RowReader& row) {
  LogLeaf leaf;
  leaf.index = row.count("id") - 1;
  if (!row.null("run")) leaf.run = row.integer("run");
  leaf.audit = row.integer("audit");
  leaf.audit_bytes = row.text("bytes");
  leaf.hash = tree_hash_of(row.blob("hash"));
  leaf.signature = row.text("signature");
  leaf.checkpoint = row.text("checkpoint");
  return leaf;
}

std::string leaves_where(std::string_view rest) {
  return fmt::format(
      "SELECT log_leaves.id AS id, run, audit, hash, signature, checkpoint, bytes FROM log_leaves "
      "LEFT JOIN audit_entries ON audit_entries.id = log_leaves.audit WHERE {}",
      rest);
}

std::string leaves_after() { return leaves_where("log_leaves.id > ? ORDER BY log_leaves.id"); }

}  // namespace

std::string audit_name(std::int64_t audit) { return fmt::format("A-{:06}", audit); }

std::string hash_bytes(const TreeHash& hash) { return {hash.begin(), hash.end()}; }

TreeHash tree_hash_of(const std::string& bytes) {
  TreeHash hash{};
  if (bytes.size() != hash.size())
    sqlite::raise(Errc::bad_data, fmt::format("a leaf of the log has {} bytes where 32 belong", bytes.size()));
  std::transform(bytes.begin(), bytes.end(), hash.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return hash;
}

void add_to(RunStanding& standing, const AuditEntry& entry) {
  if (entry.action == audit::kRunVoided) {
    if (!standing.voided) standing.voided = RunRemark{entry.who, entry.reason, entry.at_utc_ns};
    if (entry.new_value.is_object()) {
      const auto other = entry.new_value.find("superseded_by");
      standing.superseded_by =
          other != entry.new_value.end() && other->is_string() ? other->get<std::string>() : std::string();
    }
  }
  if (entry.action == audit::kComment) standing.comments.push_back({entry.who, entry.reason, entry.at_utc_ns});
}

void KeyChain::follow(std::uint64_t index, const AuditEntry& entry, std::string_view bytes,
                      std::string_view signature) {
  const bool entered = entry.action == audit::kKeyEntered, rotated = entry.action == audit::kKeyRotated;
  if (!entered && !rotated) return;
  const auto refuse = [&](const char* why) { faults_.push_back(fmt::format("{}: {}", entry.id, why)); };
  std::optional<LogKey> key = key_in(entry.new_value);
  if (!key) return refuse("it names no key that could be taken");
  const std::optional<PublicKey> by = signer(signature, bytes);
  if (!by) return refuse("a key was entered without a signature that fits");
  if (entered && !keys_.empty()) return refuse("a key was entered where there was one already");
  if (rotated && keys_.empty()) return refuse("a key was replaced where there was none");
  if (*by != (entered ? key->key : keys_.back().key)) return refuse("a key was entered by another than the log's own");
  key->from = index;
  keys_.push_back(std::move(*key));
}

const LogKey* KeyChain::at(std::uint64_t leaf) const {
  const LogKey* found = nullptr;
  for (const LogKey& key : keys_) {
    if (key.from <= leaf) found = &key;
  }
  return found;
}

void RecordLog::forget() {
  frontier_ = {};
  last_ = {};
  keys_ = {};
  standings_.clear();
}

bool RecordLog::catch_up() {
  if (!db_.has_table("log_leaves")) {
    forget();
    return false;
  }
  if (frontier_.size() > 0) {
    RowReader row(db_, "SELECT hash FROM log_leaves WHERE id = ?");
    row.bind(1, static_cast<std::int64_t>(frontier_.size()));
    if (!row.next() || row.blob("hash") != hash_bytes(last_)) forget();  // it was rolled back
  }
  RowReader row(db_, leaves_after());
  row.bind(1, static_cast<std::int64_t>(frontier_.size()));
  while (row.next()) {
    const LogLeaf leaf = leaf_in(row);
    if (!leaf.run) {
      if (const auto entry = audit_entry_of(leaf.audit_bytes); entry)
        follow(leaf.index, *entry, leaf.audit_bytes, leaf.signature);
    }
    frontier_.append(leaf.hash);
    last_ = leaf.hash;
  }
  return true;
}

void RecordLog::follow(std::uint64_t index, const AuditEntry& entry, const std::string& bytes,
                       const std::string& signature) {
  keys_.follow(index, entry, bytes, signature);
  if (entry.action == audit::kRunVoided || entry.action == audit::kComment) add_to(standings_[entry.subject], entry);
}

RunStanding RecordLog::standing_of(const std::string& run_id) const {
  const auto found = standings_.find(run_id);
  return found == standings_.end() ? RunStanding{} : found->second;
}

std::set<std::string> voided_runs(sqlite::Database& db) {
  std::set<std::string> all;
  if (!db.has_table("audit_entries")) return all;
  // Most entries are none: only those that may be one are taken apart. What stands beside the log was said by nobody.
  RowReader row(db,
                "SELECT bytes FROM audit_entries JOIN log_leaves ON log_leaves.audit = audit_entries.id"
                " WHERE instr(bytes, ?) > 0");
  row.bind(1, std::string(audit::kRunVoided));
  while (row.next()) {
    if (const auto entry = audit_entry_of(row.text("bytes")); entry && entry->action == audit::kRunVoided)
      all.insert(entry->subject);
  }
  return all;
}

std::pair<std::int64_t, std::int64_t> first_of(const std::string& origin) {
  const auto number = [](std::string_view text) {
    std::int64_t n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? n : 1;
  };
  const std::size_t last = origin.rfind('/');
  if (last == std::string::npos || last == 0) return {1, 1};
  const std::size_t before = origin.rfind('/', last - 1);
  if (before == std::string::npos) return {1, 1};
  const std::string_view text = origin;
  return {number(text.substr(before + 1, last - before - 1)), number(text.substr(last + 1))};
}

AuditEntry calibration_filed(const Calibration& c, const std::string& sha256) {
  AuditEntry entry{.at_utc_ns = c.filed_utc_ns, .who = c.operator_name, .action = audit::kCalibrationFiled};
  entry.subject = c.id;
  entry.reason = c.note;
  entry.new_value =
      Json{{"target", c.target}, {"fixture_id", c.fixture_id}, {"simulated", c.simulated}, {"sha256", sha256}};
  return entry;
}

std::vector<LogLeaf> RecordLog::leaves() const {
  std::vector<LogLeaf> all;
  RowReader row(db_, leaves_after());
  row.bind(1, std::int64_t{0});
  while (row.next()) all.push_back(leaf_in(row));
  return all;
}

std::vector<LogLeaf> RecordLog::audit_leaves(std::size_t newest) const {
  std::vector<LogLeaf> entries;
  RowReader row(db_, leaves_where("run IS NULL ORDER BY log_leaves.id DESC LIMIT ?"));
  row.bind(1, newest == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(newest));
  while (row.next()) entries.push_back(leaf_in(row));
  std::reverse(entries.begin(), entries.end());
  return entries;
}

std::string RecordLog::origin() const { return db_.text("SELECT origin FROM log_origin WHERE id = 1"); }

void RecordLog::sign_with(std::shared_ptr<const KeyRing> ring, const ActedBy& by) {
  if (!catch_up()) sqlite::raise(Errc::internal, "this store has no log");
  const HeldKey& held = ring->current();
  const LogKey* const known = keys_.current();
  AuditEntry entry{.at_utc_ns = by.at_utc_ns, .who = by.who, .subject = fingerprint(held.key.public_key())};
  entry.new_value = key_json(held.key.public_key(), held.name);
  const HeldKey* signer = nullptr;
  if (known == nullptr) {
    entry.action = audit::kKeyEntered;
    entry.reason = "first key of this store";
    signer = &held;
  } else if (known->key != held.key.public_key()) {
    signer = ring->find(known->key);
    if (signer == nullptr) {
      sqlite::raise(
          Errc::refused,
          fmt::format("{}: its key is {} ({}), yours is {}; take the key that belongs to it (--keys DIR), or "
                      "a store of your own (--records DIR)",
                      db_.file().string(), fingerprint(known->key), known->name, fingerprint(held.key.public_key())));
    }
    entry.action = audit::kKeyRotated;
    entry.reason = "replaced by its holder";
    entry.old_value = key_json(known->key, known->name);
  }
  ring_ = std::move(ring);
  if (signer == nullptr) return;  // known already
  try {
    append_entry(std::move(entry), signer);
  } catch (...) {
    ring_.reset();
    throw;
  }
}

void RecordLog::append_run(std::int64_t run, std::string_view bytes) {
  catch_up();
  append_leaf(run, 0, leaf_hash(bytes), ring_ ? ssh_signature(ring_->current().key, kRecordSpace, bytes) : "");
}

std::string RecordLog::append_audit(AuditEntry entry) {
  catch_up();
  return append_entry(std::move(entry), ring_ ? &ring_->current() : nullptr);
}

std::string RecordLog::append_entry(AuditEntry entry, const HeldKey* signer) {
  const std::int64_t id = db_.integer("SELECT coalesce(max(id), 0) + 1 FROM audit_entries");
  entry.id = audit_name(id);
  if (signer != nullptr) entry.key = fingerprint(signer->key.public_key());
  const std::string bytes = audit_json_text(entry);
  RowWriter(db_, "audit_entries").integer("id", id).text("bytes", bytes).insert();
  const std::string signature = signer != nullptr ? ssh_signature(signer->key, kAuditSpace, bytes) : "";
  append_leaf(std::nullopt, id, leaf_hash(bytes), signature);
  // As it will be read back: what follows is signed with the key that was just entered.
  if (const auto read = audit_entry_of(bytes); read) follow(frontier_.size() - 1, *read, bytes, signature);
  return entry.id;
}

void RecordLog::append_leaf(std::optional<std::int64_t> run, std::int64_t audit, const TreeHash& hash,
                            const std::string& signature) {
  frontier_.append(hash);
  last_ = hash;
  const std::string name = origin();
  const Checkpoint checkpoint{name, frontier_.size(), frontier_.root()};
  RowWriter row(db_, "log_leaves");
  row.integer("id", frontier_.size());
  if (run) row.integer("run", *run);
  if (!run) row.integer("audit", audit);
  row.blob("hash", hash_bytes(hash)).text("signature", signature);
  row.text("checkpoint",
           ring_ ? signed_checkpoint(checkpoint, ring_->current().key, name) : checkpoint_text(checkpoint));
  row.insert();
}

}  // namespace penrig
