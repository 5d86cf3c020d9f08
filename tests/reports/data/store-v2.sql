-- A record store of version 2 (sqlite3 .dump): that of version 1 after its migration, and a spot that its interrupted
-- run took.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE decisions(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  requirement_id TEXT NOT NULL, title TEXT NOT NULL, measurement INTEGER NOT NULL,
  lower REAL, upper REAL, limit_text TEXT NOT NULL, guard_band REAL, verdict INTEGER NOT NULL, used REAL,
  rule TEXT NOT NULL, reason TEXT NOT NULL, not_real TEXT) STRICT;
INSERT INTO "decisions" VALUES(1,1,'D1','penetration',0,2.35,2.65,'2.5 ± 0.150',0.0068,1,0.11,'value + U','',NULL);
INSERT INTO "decisions" VALUES(2,3,'D1','penetration',0,2.35,2.65,'2.5 ± 0.150',0.0068,1,0.11,'value + U','',NULL);
INSERT INTO "decisions" VALUES(3,4,'D1','penetration',0,2.35,2.65,'2.5 ± 0.150',0.0068,1,0.11,'value + U','',NULL);
CREATE TABLE documents(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE CHECK(length(sha256) = 64), bytes BLOB NOT NULL) STRICT;
INSERT INTO "documents" VALUES(1,'b60efb1a4dd03183682fccd04b1e273bf19651e5ad24856dc75cf15e5377a2e6',X'6E616D653A2062656E63682D320A');
CREATE TABLE events(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  at_s REAL, kind TEXT NOT NULL, text TEXT NOT NULL, latency_ms REAL, not_real TEXT) STRICT;
INSERT INTO "events" VALUES(1,1,0.5,'identified','PRO-000123',NULL,NULL);
INSERT INTO "events" VALUES(2,3,0.5,'identified','PRO-000123',NULL,NULL);
INSERT INTO "events" VALUES(3,4,0.5,'identified','PRO-000123',NULL,NULL);
CREATE TABLE measurements(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), phase INTEGER REFERENCES phases(id),
  measurand TEXT NOT NULL, unit TEXT NOT NULL, depth_mm REAL, rate_per_min REAL, value REAL, text_value TEXT NOT NULL,
  expanded_u REAL, low REAL, high REAL, k REAL, nu_eff REAL, realised REAL, realised_u REAL,
  n INTEGER NOT NULL, n_eff REAL, budget_json TEXT NOT NULL,
  has_interval INTEGER NOT NULL CHECK(has_interval IN (0, 1)),
  interval_low REAL, interval_high REAL, interval_mean REAL, interval_s REAL, interval_k REAL, interval_k_low REAL,
  interval_u_sys REAL,
  censored_high INTEGER NOT NULL, strokes_beyond INTEGER NOT NULL, note TEXT NOT NULL, not_real TEXT) STRICT;
INSERT INTO "measurements" VALUES(1,1,1,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(2,1,2,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(3,1,NULL,'penetration','mm',2.5,NULL,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,0,0.0,'[]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(4,2,3,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(5,2,4,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(6,2,5,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(7,3,6,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(8,3,NULL,'penetration','mm',2.5,NULL,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,0,0.0,'[]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(9,4,7,'penetration','mm',2.5,9000.0,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,40,38.5,'[["scale of encoder","B","normal",5e-05,0.0]]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
INSERT INTO "measurements" VALUES(10,4,NULL,'penetration','mm',2.5,NULL,2.51,'',0.0068,NULL,NULL,2.0,0.0,NULL,0.0,0,0.0,'[]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,'',NULL);
CREATE TABLE outcomes(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL UNIQUE REFERENCES runs(id),
  verdict INTEGER NOT NULL, reason TEXT NOT NULL, deciding INTEGER, pen_json TEXT, daq_json TEXT,
  battery_before_percent REAL, battery_after_percent REAL, temperature_c REAL, humidity_percent REAL,
  safe_state_confirmed INTEGER NOT NULL CHECK(safe_state_confirmed IN (0, 1)),
  ended_utc_ns INTEGER NOT NULL, duration_s REAL, not_real TEXT) STRICT;
INSERT INTO "outcomes" VALUES(1,1,1,'',0,'{"product":"pen-pro","serial_number":"PRO-000123","firmware":"2.4.1","firmware_hash":"8c1f0de","hardware":"C","can_jog":true,"simulated":false}','{"fixture_id":"BENCH-2","serial_number":"DAQ-0007","firmware":"1.2.0","tick_hz":1000000.0,"max_sample_rate_hz":50000.0,"simulated":false}',NULL,NULL,NULL,NULL,1,1795167682000000000,10.0,NULL);
INSERT INTO "outcomes" VALUES(2,3,1,'',0,'{"product":"pen-pro","serial_number":"PRO-000123","firmware":"2.4.1","firmware_hash":"8c1f0de","hardware":"C","can_jog":true,"simulated":false}','{"fixture_id":"BENCH-2","serial_number":"DAQ-0007","firmware":"1.2.0","tick_hz":1000000.0,"max_sample_rate_hz":50000.0,"simulated":false}',NULL,NULL,NULL,NULL,1,1795167682000000000,10.0,NULL);
INSERT INTO "outcomes" VALUES(3,4,1,'',0,'{"product":"pen-pro","serial_number":"PRO-000123","firmware":"2.4.1","firmware_hash":"8c1f0de","hardware":"C","can_jog":true,"simulated":false}','{"fixture_id":"BENCH-2","serial_number":"DAQ-0007","firmware":"1.2.0","tick_hz":1000000.0,"max_sample_rate_hz":50000.0,"simulated":false}',NULL,NULL,NULL,NULL,1,1795167682000000000,10.0,NULL);
CREATE TABLE phases(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, kind TEXT NOT NULL, attempt INTEGER NOT NULL,
  depth_mm REAL, rate_per_min REAL, started_s REAL, ended_s REAL,
  verdict INTEGER NOT NULL, error TEXT NOT NULL,
  spot TEXT, spot_strokes_before INTEGER, spot_strokes_after INTEGER,
  samples INTEGER NOT NULL, gaps INTEGER NOT NULL, values_json TEXT NOT NULL, not_real TEXT) STRICT;
INSERT INTO "phases" VALUES(1,1,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A1',0,55,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(2,1,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A2',0,60,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(3,2,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A1',0,55,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(4,2,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,5,'the DAQ''s link is lost','A2',0,0,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(5,2,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A3',0,61,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(6,3,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A9',0,55,1000,0,'{"surface_mm":-0.0}',NULL);
INSERT INTO "phases" VALUES(7,4,'2.5 mm at 9000/min','setting',1,2.5,9000.0,4.0,6.0,0,'','A5',0,55,1000,0,'{"surface_mm":-0.0}',NULL);
CREATE TABLE run_documents(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id), document INTEGER NOT NULL REFERENCES documents(id),
  kind TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL) STRICT;
INSERT INTO "run_documents" VALUES(1,1,1,'rig','bench-2 rev 9','rig.yaml');
INSERT INTO "run_documents" VALUES(2,2,1,'rig','bench-2 rev 9','rig.yaml');
INSERT INTO "run_documents" VALUES(3,3,1,'rig','bench-2 rev 9','rig.yaml');
INSERT INTO "run_documents" VALUES(4,4,1,'rig','bench-2 rev 9','rig.yaml');
CREATE TABLE runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  serial_number TEXT NOT NULL, operator_name TEXT NOT NULL, slot TEXT NOT NULL,
  plan_name TEXT NOT NULL, product_name TEXT NOT NULL, rig_name TEXT NOT NULL,
  plan_revision INTEGER NOT NULL, product_revision INTEGER NOT NULL, rig_revision INTEGER NOT NULL,
  software_version TEXT NOT NULL, software_commit TEXT NOT NULL,
  started_utc_ns INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK(simulated IN (0, 1)), engineering INTEGER NOT NULL CHECK(engineering IN (0, 1)),
  simulation TEXT NOT NULL, cartridge_lot TEXT NOT NULL, simulant_lot TEXT NOT NULL, cartridge_needles INTEGER NOT NULL,
  decisions_planned INTEGER NOT NULL, settings_planned INTEGER NOT NULL, fixture_id TEXT, simulant_sheet TEXT) STRICT;
INSERT INTO "runs" VALUES(1,'PRO-000123','J. Marsh','1','eol-pro','pen-pro','bench-2',4,3,9,'0.1.0','3f9a2c1',1795167672000000000,0,1,'','N12-2611','S-2610-04',12,1,2,NULL,NULL);
INSERT INTO "runs" VALUES(2,'PRO-000123','J. Marsh','1','eol-pro','pen-pro','bench-2',4,3,9,'0.1.0','3f9a2c1',1795167672000000000,0,1,'','N12-2611','S-2610-04',12,1,2,NULL,NULL);
INSERT INTO "runs" VALUES(3,'PRO-000123','J. Marsh','1','eol-pro','pen-pro','bench-2',4,3,9,'0.1.0','3f9a2c1',1795167672000000000,1,1,'sim:seed=1','N12-2611','S-2610-04',12,1,2,NULL,NULL);
INSERT INTO "runs" VALUES(4,'PRO-000123','J. Marsh','1','eol-pro','pen-pro','bench-2',4,3,9,'0.1.0','3f9a2c1',1795167672000000000,0,1,'','N12-2611','S-2610-05',12,1,2,NULL,NULL);
CREATE TABLE spots_taken(
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(id),
  name TEXT NOT NULL, x_mm REAL, y_mm REAL, not_real TEXT) STRICT;
INSERT INTO "spots_taken" VALUES(1,2,'A3',12.0,0.0,NULL);
CREATE TABLE strokes(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL UNIQUE REFERENCES phases(id), bytes BLOB NOT NULL) STRICT;
INSERT INTO "strokes" VALUES(1,1,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(2,2,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(3,3,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(4,4,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(5,5,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(6,6,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
INSERT INTO "strokes" VALUES(7,7,X'0100000001000000D7A3703D0AD7D33F00000000800ABA4052B81E85EB51044014AE47E17A140440D7A3703D0AD7E33F613255302AA9533F');
CREATE TABLE traces(
  id INTEGER PRIMARY KEY, phase INTEGER NOT NULL UNIQUE REFERENCES phases(id), bytes BLOB NOT NULL) STRICT;
INSERT INTO "traces" VALUES(1,1,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(2,2,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(3,3,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(4,4,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(5,5,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(6,6,X'0100000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "traces" VALUES(7,7,X'0100000000000000000000000000000000000000000000000000000000000000');
CREATE INDEX runs_by_serial ON runs(serial_number);
CREATE INDEX run_documents_of_run ON run_documents(run);
CREATE INDEX phases_of_run ON phases(run);
CREATE INDEX measurements_of_run ON measurements(run, phase);
CREATE INDEX measurements_by_measurand ON measurements(measurand);
CREATE INDEX decisions_of_run ON decisions(run);
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
CREATE INDEX spots_taken_of_run ON spots_taken(run);
CREATE TRIGGER spots_taken_no_update BEFORE UPDATE ON spots_taken BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_no_delete BEFORE DELETE ON spots_taken BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_no_replace BEFORE INSERT ON spots_taken WHEN EXISTS(SELECT 1 FROM spots_taken WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER spots_taken_run_is_open BEFORE INSERT ON spots_taken WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',4);
COMMIT;
PRAGMA application_id = 1346719314;
PRAGMA user_version = 2;
