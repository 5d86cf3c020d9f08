#include "reports/store/log_schema.hpp"

#include <string_view>

#include "reports/store/store_triggers.hpp"

namespace penrig {
namespace {

/// A leaf is a closed run or an entry of the audit trail; its index is id - 1, so that a gap shows. `hash` is RFC
/// 6962's of the entry's bytes: those of a run are what `records show --json` prints, those of an audit entry stand
/// beside it. `signature` is an SSHSIG of the same bytes, or empty. `checkpoint` is the log's note once this leaf was
/// in it; one without signature lines where no key was there. `log_origin`: which log this is, by a random number, and
/// from which run and calibration on it knows everything ("penrig-records/8f3a.../1/1"): what is older has no leaf.
constexpr std::string_view kLogTables = R"sql(
ALTER TABLE runs ADD COLUMN engineering_because TEXT;
ALTER TABLE runs ADD COLUMN run_reason TEXT;
ALTER TABLE runs ADD COLUMN earlier_certifying TEXT;

CREATE TABLE audit_entries(id INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT;

CREATE TABLE log_leaves(
  id INTEGER PRIMARY KEY, run INTEGER UNIQUE REFERENCES runs(id), audit INTEGER UNIQUE REFERENCES audit_entries(id),
  hash BLOB NOT NULL CHECK(length(hash) = 32), signature TEXT NOT NULL, checkpoint TEXT NOT NULL,
  CHECK((run IS NULL) <> (audit IS NULL))) STRICT;

CREATE TABLE log_origin(
  id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL) STRICT;
)sql";

constexpr std::string_view kOrigin = R"sql(
INSERT INTO log_origin SELECT 1, 'penrig-records/' || lower(hex(randomblob(8)))
  || '/' || (1 + coalesce((SELECT max(id) FROM runs), 0))
  || '/' || (1 + coalesce((SELECT max(id) FROM calibrations), 0));
)sql";

/// A UNIQUE column can be replaced as well, by another id; and leaves come in order.
constexpr std::string_view kTriggers = R"sql(
CREATE TRIGGER log_leaves_once BEFORE INSERT ON log_leaves
WHEN EXISTS(SELECT 1 FROM log_leaves WHERE run = NEW.run OR audit = NEW.audit)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_in_order BEFORE INSERT ON log_leaves
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM log_leaves)
BEGIN SELECT RAISE(ABORT, 'leaves come in order'); END;
CREATE TRIGGER log_leaves_closed BEFORE INSERT ON log_leaves
WHEN NEW.run IS NOT NULL AND NOT EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is open'); END;
)sql";

}  // namespace

std::string log_origin_row() { return std::string(kOrigin); }

std::string log_schema() {
  return std::string(kLogTables) + append_only("audit_entries") + append_only("log_leaves") +
         append_only("log_origin") + std::string(kTriggers);
}

}  // namespace penrig
