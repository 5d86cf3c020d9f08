CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  serial_number TEXT NOT NULL, operator_name TEXT NOT NULL, slot TEXT NOT NULL,
  plan_name TEXT NOT NULL, product_name TEXT NOT NULL, rig_name TEXT NOT NULL,
  plan_revision INTEGER NOT NULL, product_revision INTEGER NOT NULL, rig_revision INTEGER NOT NULL,
  software_version TEXT NOT NULL, software_commit TEXT NOT NULL,
  started_utc_ns INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK(simulated IN (0, 1)), engineering INTEGER NOT NULL CHECK(engineering IN (0, 1)),
  simulation TEXT NOT NULL, cartridge_lot TEXT NOT NULL, simulant_lot TEXT NOT NULL, cartridge_needles INTEGER NOT NULL,
  decisions_planned INTEGER NOT NULL, settings_planned INTEGER NOT NULL, fixture_id TEXT, simulant_sheet TEXT, algorithm_version TEXT, engineering_because TEXT, run_reason TEXT, earlier_certifying TEXT, record_format INTEGER) STRICT;
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
  samples INTEGER NOT NULL, gaps INTEGER NOT NULL, values_json TEXT NOT NULL, not_real TEXT, budget_lines_json TEXT, via TEXT CHECK(via IS NULL OR via = 'ble')) STRICT;
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
  ended_utc_ns INTEGER NOT NULL, duration_s REAL, not_real TEXT, interrupted INTEGER NOT NULL DEFAULT 0
  CHECK(interrupted IN (0, 1) AND (interrupted = 0 OR verdict = 5)), budget_lines_json TEXT, measurements_json TEXT) STRICT;
CREATE TABLE measurements(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), phase INTEGER REFERENCES phases(id),
  measurand TEXT NOT NULL, unit TEXT NOT NULL, depth_mm REAL, rate_per_min REAL, value REAL, text_value TEXT NOT NULL,
  expanded_u REAL, low REAL, high REAL, k REAL, nu_eff REAL, realised REAL, realised_u REAL,
  n INTEGER NOT NULL, n_eff REAL, budget_json TEXT NOT NULL,
  has_interval INTEGER NOT NULL CHECK(has_interval IN (0, 1)),
  interval_low REAL, interval_high REAL, interval_mean REAL, interval_s REAL, interval_k REAL, interval_k_low REAL,
  interval_u_sys REAL,
  censored_high INTEGER NOT NULL, strokes_beyond INTEGER NOT NULL, note TEXT NOT NULL, not_real TEXT, link TEXT CHECK(link IS NULL OR link IN ('serial', 'ble'))) STRICT;
CREATE INDEX measurements_of_run ON measurements(run, phase);
CREATE TABLE decisions(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  requirement_id TEXT NOT NULL, title TEXT NOT NULL, measurement INTEGER NOT NULL,
  lower REAL, upper REAL, limit_text TEXT NOT NULL, guard_band REAL, verdict INTEGER NOT NULL, used REAL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, not_real TEXT, conformity REAL, false_acceptance_max REAL) STRICT;
CREATE INDEX decisions_of_run ON decisions(run);
CREATE TABLE events(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  at_s REAL, kind TEXT NOT NULL, text TEXT NOT NULL, latency_ms REAL, not_real TEXT) STRICT;
CREATE INDEX events_of_run ON events(run);
CREATE TRIGGER runs_no_update BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER runs_no_replace BEFORE INSERT ON runs WHEN EXISTS(SELECT 1 FROM runs WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER documents_no_update BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER documents_no_delete BEFORE DELETE ON documents BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER documents_no_replace BEFORE INSERT ON documents WHEN EXISTS(SELECT 1 FROM documents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER run_documents_no_update BEFORE UPDATE ON run_documents BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER run_documents_no_delete BEFORE DELETE ON run_documents BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER run_documents_no_replace BEFORE INSERT ON run_documents WHEN EXISTS(SELECT 1 FROM run_documents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER phases_no_update BEFORE UPDATE ON phases BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER phases_no_delete BEFORE DELETE ON phases BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER phases_no_replace BEFORE INSERT ON phases WHEN EXISTS(SELECT 1 FROM phases WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER strokes_no_update BEFORE UPDATE ON strokes BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER strokes_no_delete BEFORE DELETE ON strokes BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER strokes_no_replace BEFORE INSERT ON strokes WHEN EXISTS(SELECT 1 FROM strokes WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER traces_no_update BEFORE UPDATE ON traces BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER traces_no_delete BEFORE DELETE ON traces BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER traces_no_replace BEFORE INSERT ON traces WHEN EXISTS(SELECT 1 FROM traces WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER outcomes_no_delete BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER outcomes_no_replace BEFORE INSERT ON outcomes WHEN EXISTS(SELECT 1 FROM outcomes WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER measurements_no_update BEFORE UPDATE ON measurements BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER measurements_no_delete BEFORE DELETE ON measurements BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER measurements_no_replace BEFORE INSERT ON measurements WHEN EXISTS(SELECT 1 FROM measurements WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions WHEN EXISTS(SELECT 1 FROM decisions WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER events_no_replace BEFORE INSERT ON events WHEN EXISTS(SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER run_documents_run_is_open BEFORE INSERT ON run_documents WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER phases_run_is_open BEFORE INSERT ON phases WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER measurements_run_is_open BEFORE INSERT ON measurements WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER decisions_run_is_open BEFORE INSERT ON decisions WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER events_run_is_open BEFORE INSERT ON events WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER outcomes_once BEFORE INSERT ON outcomes WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER documents_once BEFORE INSERT ON documents
WHEN EXISTS(SELECT 1 FROM documents WHERE sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER strokes_once BEFORE INSERT ON strokes
WHEN EXISTS(SELECT 1 FROM strokes WHERE phase = NEW.phase)
OR EXISTS(SELECT 1 FROM outcomes JOIN phases ON phases.run = outcomes.run WHERE phases.id = NEW.phase)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER traces_once BEFORE INSERT ON traces
WHEN EXISTS(SELECT 1 FROM traces WHERE phase = NEW.phase)
OR EXISTS(SELECT 1 FROM outcomes JOIN phases ON phases.run = outcomes.run WHERE phases.id = NEW.phase)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE INDEX runs_by_simulant ON runs(simulant_lot, slot);
CREATE TABLE spots_taken(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, x_mm REAL, y_mm REAL, not_real TEXT) STRICT;
CREATE INDEX spots_taken_of_run ON spots_taken(run);
CREATE TRIGGER spots_taken_no_update BEFORE UPDATE ON spots_taken BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_no_delete BEFORE DELETE ON spots_taken BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_no_replace BEFORE INSERT ON spots_taken WHEN EXISTS(SELECT 1 FROM spots_taken WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_run_is_open BEFORE INSERT ON spots_taken WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TABLE calibrations(
  id INTEGER PRIMARY KEY, target TEXT NOT NULL, fixture_id TEXT NOT NULL, date TEXT NOT NULL, due TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK(simulated IN (0, 1)), filed_utc_ns INTEGER NOT NULL,
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes BLOB NOT NULL) STRICT;
CREATE INDEX calibrations_of_fixture ON calibrations(fixture_id, target);
CREATE TRIGGER calibrations_no_update BEFORE UPDATE ON calibrations BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER calibrations_no_delete BEFORE DELETE ON calibrations BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER calibrations_no_replace BEFORE INSERT ON calibrations WHEN EXISTS(SELECT 1 FROM calibrations WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TABLE corrections(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, applied INTEGER NOT NULL CHECK(applied IN (0, 1)), value REAL, u REAL, unit TEXT NOT NULL,
  note TEXT NOT NULL, not_real TEXT) STRICT;
CREATE INDEX corrections_of_run ON corrections(run);
CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER corrections_no_replace BEFORE INSERT ON corrections WHEN EXISTS(SELECT 1 FROM corrections WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER corrections_run_is_open BEFORE INSERT ON corrections WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TABLE waveforms(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL REFERENCES phases(id),
  purpose TEXT NOT NULL, sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL,
  samples INTEGER NOT NULL, sample_rate_hz REAL, first_tick INTEGER NOT NULL, ticks_per_sample REAL,
  start_utc_ns INTEGER NOT NULL, calibration TEXT NOT NULL, gaps_json TEXT NOT NULL, inputs_json TEXT NOT NULL,
  not_real TEXT, calibration_inputs INTEGER REFERENCES calibration_inputs(id), form TEXT CHECK(form IS NULL OR form = 'raw'), parts_json TEXT) STRICT;
CREATE INDEX waveforms_of_phase ON waveforms(phase);
CREATE INDEX waveforms_by_sha256 ON waveforms(sha256);
CREATE TRIGGER waveforms_run_is_open BEFORE INSERT ON waveforms
WHEN EXISTS(SELECT 1 FROM outcomes JOIN phases ON phases.run = outcomes.run WHERE phases.id = NEW.phase)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TRIGGER waveforms_no_update BEFORE UPDATE ON waveforms BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER waveforms_no_delete BEFORE DELETE ON waveforms BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER waveforms_no_replace BEFORE INSERT ON waveforms WHEN EXISTS(SELECT 1 FROM waveforms WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TABLE audit_entries(id INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT;
CREATE TABLE log_leaves(
  id INTEGER PRIMARY KEY, run INTEGER UNIQUE REFERENCES runs(id), audit INTEGER UNIQUE REFERENCES audit_entries(id),
  hash BLOB NOT NULL CHECK(length(hash) = 32), signature TEXT NOT NULL, checkpoint TEXT NOT NULL,
  CHECK((run IS NULL) <> (audit IS NULL))) STRICT;
CREATE TABLE log_origin(
  id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER audit_entries_no_replace BEFORE INSERT ON audit_entries WHEN EXISTS(SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_no_update BEFORE UPDATE ON log_leaves BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_no_delete BEFORE DELETE ON log_leaves BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_no_replace BEFORE INSERT ON log_leaves WHEN EXISTS(SELECT 1 FROM log_leaves WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_origin_no_update BEFORE UPDATE ON log_origin BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_origin_no_delete BEFORE DELETE ON log_origin BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_origin_no_replace BEFORE INSERT ON log_origin WHEN EXISTS(SELECT 1 FROM log_origin WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_once BEFORE INSERT ON log_leaves
WHEN EXISTS(SELECT 1 FROM log_leaves WHERE run = NEW.run OR audit = NEW.audit)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER log_leaves_in_order BEFORE INSERT ON log_leaves
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM log_leaves)
BEGIN SELECT RAISE(ABORT, 'leaves come in order'); END;
CREATE TRIGGER log_leaves_closed BEFORE INSERT ON log_leaves
WHEN NEW.run IS NOT NULL AND NOT EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is open'); END;
CREATE INDEX runs_by_start ON runs(started_utc_ns);
CREATE INDEX measurements_by_value ON measurements(measurand, value, run);
CREATE TABLE archives(
  id INTEGER PRIMARY KEY, made_utc_ns INTEGER NOT NULL, file TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64)) STRICT;
CREATE TABLE archived_waveforms(
  id INTEGER PRIMARY KEY, archive INTEGER NOT NULL REFERENCES archives(id),
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64)) STRICT;
CREATE INDEX archived_waveforms_by_hash ON archived_waveforms(sha256);
CREATE TRIGGER archives_no_update BEFORE UPDATE ON archives BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER archives_no_delete BEFORE DELETE ON archives BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER archives_no_replace BEFORE INSERT ON archives WHEN EXISTS(SELECT 1 FROM archives WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER archived_waveforms_no_update BEFORE UPDATE ON archived_waveforms BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER archived_waveforms_no_delete BEFORE DELETE ON archived_waveforms BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER archived_waveforms_no_replace BEFORE INSERT ON archived_waveforms WHEN EXISTS(SELECT 1 FROM archived_waveforms WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TABLE link_traces(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  sha256 TEXT NOT NULL CHECK(length(sha256) = 64), bytes INTEGER NOT NULL, chunks INTEGER NOT NULL,
  links_json TEXT NOT NULL) STRICT;
CREATE TRIGGER link_traces_once BEFORE INSERT ON link_traces
WHEN EXISTS(SELECT 1 FROM link_traces WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER link_traces_no_update BEFORE UPDATE ON link_traces BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER link_traces_no_delete BEFORE DELETE ON link_traces BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER link_traces_no_replace BEFORE INSERT ON link_traces WHEN EXISTS(SELECT 1 FROM link_traces WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER link_traces_run_is_open BEFORE INSERT ON link_traces WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
CREATE TABLE calibration_inputs(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), inputs_json TEXT NOT NULL) STRICT;
CREATE INDEX calibration_inputs_of_run ON calibration_inputs(run);
CREATE TRIGGER calibration_inputs_no_update BEFORE UPDATE ON calibration_inputs BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER calibration_inputs_no_delete BEFORE DELETE ON calibration_inputs BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER calibration_inputs_no_replace BEFORE INSERT ON calibration_inputs WHEN EXISTS(SELECT 1 FROM calibration_inputs WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER calibration_inputs_run_is_open BEFORE INSERT ON calibration_inputs WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
