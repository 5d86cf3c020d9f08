#include "reports/store/store_schema.hpp"

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "reports/store/log_schema.hpp"
#include "reports/store/store_triggers.hpp"

namespace penrig {
namespace {

/// 'PENR': tells our files from any other SQLite database.
constexpr std::int64_t kApplicationId = 0x50454E52;

/// Version 1. Every table is STRICT and append-only. A run is closed by a row in outcomes, so nothing is ever updated.
/// `not_real` carries what a REAL column cannot: {"column": "<16 hex digits of the double>"}.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  serial_number TEXT NOT NULL, operator_name TEXT NOT NULL, slot TEXT NOT NULL,
  plan_name TEXT NOT NULL, product_name TEXT NOT NULL, rig_name TEXT NOT NULL,
  plan_revision INTEGER NOT NULL, product_revision INTEGER NOT NULL, rig_revision INTEGER NOT NULL,
  software_version TEXT NOT NULL, software_commit TEXT NOT NULL,
  started_utc_ns INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK(simulated IN (0, 1)), engineering INTEGER NOT NULL CHECK(engineering IN (0, 1)),
  simulation TEXT NOT NULL, cartridge_lot TEXT NOT NULL, simulant_lot TEXT NOT NULL, cartridge_needles INTEGER NOT NULL,
  decisions_planned INTEGER NOT NULL, settings_planned INTEGER NOT NULL) STRICT;
CREATE INDEX runs_by_serial ON runs(serial_number);

CREATE TABLE documents(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE CHECK(length(sha256) = 64), bytes BLOB NOT NULL) STRICT;
CREATE TABLE run_documents(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), document INTEGER NOT NULL REFERENCES documents(id),
  kind TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL) STRICT;
CREATE INDEX run_documents_of_run ON run_documents(run);

CREATE TABLE phases(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, kind TEXT NOT NULL, attempt INTEGER NOT NULL,
  depth_mm REAL, rate_per_min REAL, started_s REAL, ended_s REAL,
  verdict INTEGER NOT NULL, error TEXT NOT NULL,
  spot TEXT, spot_strokes_before INTEGER, spot_strokes_after INTEGER,
  samples INTEGER NOT NULL, gaps INTEGER NOT NULL, values_json TEXT NOT NULL, not_real TEXT) STRICT;
CREATE INDEX phases_of_run ON phases(run);
CREATE TABLE strokes(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL UNIQUE REFERENCES phases(id), bytes BLOB NOT NULL) STRICT;
CREATE TABLE traces(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL UNIQUE REFERENCES phases(id), bytes BLOB NOT NULL) STRICT;

CREATE TABLE outcomes(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  verdict INTEGER NOT NULL, reason TEXT NOT NULL, deciding INTEGER, pen_json TEXT, daq_json TEXT,
  battery_before_percent REAL, battery_after_percent REAL, temperature_c REAL, humidity_percent REAL,
  safe_state_confirmed INTEGER NOT NULL CHECK(safe_state_confirmed IN (0, 1)),
  ended_utc_ns INTEGER NOT NULL, duration_s REAL, not_real TEXT) STRICT;

CREATE TABLE measurements(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), phase INTEGER REFERENCES phases(id),
  measurand TEXT NOT NULL, unit TEXT NOT NULL, depth_mm REAL, rate_per_min REAL, value REAL, text_value TEXT NOT NULL,
  expanded_u REAL, low REAL, high REAL, k REAL, nu_eff REAL, realised REAL, realised_u REAL,
  n INTEGER NOT NULL, n_eff REAL, budget_json TEXT NOT NULL,
  has_interval INTEGER NOT NULL CHECK(has_interval IN (0, 1)),
  interval_low REAL, interval_high REAL, interval_mean REAL, interval_s REAL, interval_k REAL, interval_k_low REAL,
  interval_u_sys REAL,
  censored_high INTEGER NOT NULL, strokes_beyond INTEGER NOT NULL, note TEXT NOT NULL, not_real TEXT) STRICT;
CREATE INDEX measurements_of_run ON measurements(run, phase);
CREATE INDEX measurements_by_measurand ON measurements(measurand);

CREATE TABLE decisions(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  requirement_id TEXT NOT NULL, title TEXT NOT NULL, measurement INTEGER NOT NULL,
  lower REAL, upper REAL, limit_text TEXT NOT NULL, guard_band REAL, verdict INTEGER NOT NULL, used REAL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, not_real TEXT) STRICT;
CREATE INDEX decisions_of_run ON decisions(run);

CREATE TABLE events(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  at_s REAL, kind TEXT NOT NULL, text TEXT NOT NULL, latency_ms REAL, not_real TEXT) STRICT;
CREATE INDEX events_of_run ON events(run);
)sql";

/// All of version 1.
constexpr std::array<std::string_view, 10> kTables{"runs",   "documents", "run_documents", "phases",    "strokes",
                                                   "traces", "outcomes",  "measurements",  "decisions", "events"};
/// Those with a column `run`: closed runs take no more of them.
constexpr std::array<std::string_view, 5> kOfRun{"run_documents", "phases", "measurements", "decisions", "events"};

std::string triggers_of_version_1() {
  std::string sql;
  for (const auto table : kTables) sql += append_only(table);
  for (const auto table : kOfRun) sql += of_open_runs(table);
  // A UNIQUE column can be replaced as well, by another id.
  sql +=
      "CREATE TRIGGER outcomes_once BEFORE INSERT ON outcomes WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)\n"
      "BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;\n"
      "CREATE TRIGGER documents_once BEFORE INSERT ON documents\n"
      "WHEN EXISTS(SELECT 1 FROM documents WHERE sha256 = NEW.sha256)\n"
      "BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;\n";
  for (const auto table : {"strokes", "traces"}) {
    sql += fmt::format(
        "CREATE TRIGGER {0}_once BEFORE INSERT ON {0}\n"
        "WHEN EXISTS(SELECT 1 FROM {0} WHERE phase = NEW.phase)\n"
        "OR EXISTS(SELECT 1 FROM outcomes JOIN phases ON phases.run = outcomes.run WHERE phases.id = NEW.phase)\n"
        "BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;\n",
        table);
  }
  return sql;
}

/// Version 2: what was done to the simulant. `spots_taken` gets its row before anything touches the spot, so a run that
/// never came to its phase record has left it nonetheless. Runs from before have neither fixture nor sheet.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE runs ADD COLUMN fixture_id TEXT;
ALTER TABLE runs ADD COLUMN simulant_sheet TEXT;
CREATE INDEX runs_by_simulant ON runs(simulant_lot, slot);

CREATE TABLE spots_taken(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, x_mm REAL, y_mm REAL, not_real TEXT) STRICT;
CREATE INDEX spots_taken_of_run ON spots_taken(run);
)sql";

/// Version 3: calibrations of fixtures. What counts are the bytes, one JSON object with its own id; the columns beside
/// them are there to be looked through.
constexpr std::string_view kVersion3 = R"sql(
CREATE TABLE calibrations(
  id INTEGER PRIMARY KEY, target TEXT NOT NULL, fixture_id TEXT NOT NULL, date TEXT NOT NULL, due TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK(simulated IN (0, 1)), filed_utc_ns INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes BLOB NOT NULL) STRICT;
CREATE INDEX calibrations_of_fixture ON calibrations(fixture_id, target);
)sql";

/// Version 4: what a decision risks, and what was corrected. Lines of `budget_json` have ten entries from here on, five
/// before: a line of old says nothing of its input. Runs from before have no probabilities and no corrections.
constexpr std::string_view kVersion4 = R"sql(
ALTER TABLE decisions ADD COLUMN conformity REAL;
ALTER TABLE decisions ADD COLUMN false_acceptance_max REAL;

CREATE TABLE corrections(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, applied INTEGER NOT NULL CHECK(applied IN (0, 1)), value REAL, u REAL, unit TEXT NOT NULL,
  note TEXT NOT NULL, not_real TEXT) STRICT;
CREATE INDEX corrections_of_run ON corrections(run);
)sql";

/// Version 5: waveforms, which lie in files beside the database, and which algorithm made a run's numbers. Runs from
/// before have neither.
constexpr std::string_view kVersion5 = R"sql(
ALTER TABLE runs ADD COLUMN algorithm_version TEXT;

CREATE TABLE waveforms(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL REFERENCES phases(id),
  purpose TEXT NOT NULL, sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL,
  samples INTEGER NOT NULL, sample_rate_hz REAL, first_tick INTEGER NOT NULL, ticks_per_sample REAL,
  start_utc_ns INTEGER NOT NULL, calibration TEXT NOT NULL, gaps_json TEXT NOT NULL, inputs_json TEXT NOT NULL,
  not_real TEXT) STRICT;
CREATE INDEX waveforms_of_phase ON waveforms(phase);
CREATE INDEX waveforms_by_sha256 ON waveforms(sha256);
CREATE TRIGGER waveforms_run_is_open BEFORE INSERT ON waveforms
WHEN EXISTS(SELECT 1 FROM outcomes JOIN phases ON phases.run = outcomes.run WHERE phases.id = NEW.phase)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
)sql";

/// Version 7: a run that its program left open is closed as interrupted; what a question asks for has an index; old
/// waveforms may have moved into an archive (only its name and digest stay).
constexpr std::string_view kVersion7 = R"sql(
ALTER TABLE outcomes ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0
  CHECK(interrupted IN (0, 1) AND (interrupted = 0 OR verdict = 5));
CREATE INDEX runs_by_start ON runs(started_utc_ns);
DROP INDEX measurements_by_measurand;
CREATE INDEX measurements_by_value ON measurements(measurand, value, run);

CREATE TABLE archives(
  id INTEGER PRIMARY KEY, made_utc_ns INTEGER NOT NULL, file TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64)) STRICT;
CREATE TABLE archived_waveforms(
  id INTEGER PRIMARY KEY, archive INTEGER NOT NULL REFERENCES archives(id),
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64)) STRICT;
CREATE INDEX archived_waveforms_by_hash ON archived_waveforms(sha256);
)sql";

/// Version 8: raw bytes of the links, where somebody asked for them; a file beside the waveforms.
constexpr std::string_view kVersion8 = R"sql(
CREATE TABLE link_traces(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL, chunks INTEGER NOT NULL,
  links_json TEXT NOT NULL) STRICT;
CREATE TRIGGER link_traces_once BEFORE INSERT ON link_traces
WHEN EXISTS(SELECT 1 FROM link_traces WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
)sql";

/// Version 9: a waveform may stand in a raw file (`form`; null: FLAC), and record format 2. `record_format` of a run is
/// null for format 1, in which `budget_json` holds a budget's lines and every measurement of the whole run has a row of
/// its own (phase is null), and `inputs_json` all inputs. From format 2 on the different lines of a phase's budgets
/// stand in its row, those of rows without a phase in the outcome's, and `budget_json` has the numbers of a budget's
/// lines; `measurements_json` lists the measurements of the whole run by the ids of their rows, so that one that stands
/// in a phase has no second row; and what all waveforms were given of calibrations stands in a row of its own.
constexpr std::string_view kVersion9 = R"sql(
ALTER TABLE runs ADD COLUMN record_format INTEGER;
ALTER TABLE phases ADD COLUMN budget_lines_json TEXT;
ALTER TABLE outcomes ADD COLUMN budget_lines_json TEXT;
ALTER TABLE outcomes ADD COLUMN measurements_json TEXT;

CREATE TABLE calibration_inputs(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), inputs_json TEXT NOT NULL) STRICT;
CREATE INDEX calibration_inputs_of_run ON calibration_inputs(run);
ALTER TABLE waveforms ADD COLUMN calibration_inputs INTEGER REFERENCES calibration_inputs(id);
ALTER TABLE waveforms ADD COLUMN form TEXT CHECK(form IS NULL OR form = 'raw');
)sql";

/// Version 10: stretches of a waveform that were analysed each by itself, "[[first sample, samples], ...]"; null: all
/// of it was analysed at once. And over which link a phase drove the pen; null: serial.
constexpr std::string_view kVersion10 = R"sql(
ALTER TABLE waveforms ADD COLUMN parts_json TEXT;
ALTER TABLE phases ADD COLUMN via TEXT CHECK(via IS NULL OR via = 'ble');
)sql";

/// Version 11: over which link of the pen a measurement was told, or of which it is; null: of none, or recorded before.
constexpr std::string_view kVersion11 = R"sql(
ALTER TABLE measurements ADD COLUMN link TEXT CHECK(link IS NULL OR link IN ('serial', 'ble'));
)sql";

using Migration = std::string (*)();
/// Entry i leads from version i to i + 1. Entries are never changed once released, only added.
constexpr std::array<Migration, kStoreVersion> kMigrations{
    +[] { return std::string(kVersion1) + triggers_of_version_1(); },
    +[] { return std::string(kVersion2) + append_only("spots_taken") + of_open_runs("spots_taken"); },
    +[] { return std::string(kVersion3) + append_only("calibrations"); },
    +[] { return std::string(kVersion4) + append_only("corrections") + of_open_runs("corrections"); },
    +[] { return std::string(kVersion5) + append_only("waveforms"); },
    +[] { return log_schema(); },
    +[] { return std::string(kVersion7) + append_only("archives") + append_only("archived_waveforms"); },
    +[] { return std::string(kVersion8) + append_only("link_traces") + of_open_runs("link_traces"); },
    +[] { return std::string(kVersion9) + append_only("calibration_inputs") + of_open_runs("calibration_inputs"); },
    +[] { return std::string(kVersion10); },
    +[] { return std::string(kVersion11); }};

void migrate_from(sqlite::Database& db, std::int64_t version) {
  for (std::int64_t v = version; v < kStoreVersion; ++v) db.run(kMigrations[static_cast<std::size_t>(v)]());
}

void label(sqlite::Database& db) {
  db.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kStoreVersion));
}

struct NewStore {
  std::string schema, file;
};

const NewStore& new_store() {
  static const NewStore made = [] {
    sqlite::Database fresh(":memory:", sqlite::Database::Access::create, 0);
    fresh.run(newest_schema());
    label(fresh);
    return NewStore{.schema = schema_of(fresh), .file = fresh.bytes()};
  }();
  return made;
}

}  // namespace

void check_version(sqlite::Database& db) {
  const sqlite::View view(db);  // another program may make the file just now
  const std::int64_t version = db.integer("PRAGMA user_version");
  const bool ours = db.integer("PRAGMA application_id") == kApplicationId;
  if (!ours && db.integer("SELECT count(*) FROM sqlite_schema") > 0) {
    sqlite::raise(Errc::io,
                  fmt::format("{}: is a database of another program; choose another --records", db.file().string()));
  }
  if (version > kStoreVersion) {
    sqlite::raise(Errc::io,
                  fmt::format("{}: has version {}, this program knows up to {}; use the newer penrig that wrote it",
                              db.file().string(), version, kStoreVersion));
  }
}

void migrate(sqlite::Database& db) {
  check_version(db);
  if (db.integer("PRAGMA user_version") == kStoreVersion) return;
  sqlite::Transaction transaction(db);
  // Read again under the lock: another program may have migrated in between.
  const std::int64_t version = db.integer("PRAGMA user_version");
  if (version == 0) {
    db.run(newest_schema());
  } else {
    migrate_from(db, version);
  }
  if (version < kLogSince) name_log(db);
  label(db);
  transaction.commit();
}

const std::string& empty_store() { return new_store().file; }

void name_log(sqlite::Database& db) { db.run(log_origin_row()); }

std::string schema_by_migrations() {
  sqlite::Database fresh(":memory:", sqlite::Database::Access::create, 0);
  migrate_from(fresh, 0);
  return fresh.text(
      "SELECT group_concat(sql || ';', char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name "
      "NOT LIKE 'sqlite_%' ORDER BY rowid)");
}

std::string schema_of(sqlite::Database& db) {
  return db.text(
      "SELECT coalesce(group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10)), '') FROM "
      "(SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name)");
}

const std::string& schema_of_stores() { return new_store().schema; }

}  // namespace penrig
