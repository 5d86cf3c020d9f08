#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/record_json.hpp"
#include "reports/store/archive_waveforms.hpp"
#include "reports/verdict_word.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "rig/base/random.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/some_inputs.hpp"

namespace penrig {
namespace {

using testing::faults_in;
using testing::kByTester;
using testing::opened;
using testing::Sqlite;
using testing::tamper;
namespace fs = std::filesystem;

/// Random positions a commit; PENRIG_FLIPS=20000 for the whole campaign.
std::uint64_t flips_wanted() {
  const char* const wanted = std::getenv("PENRIG_FLIPS");
  return wanted == nullptr ? 2000 : std::strtoull(wanted, nullptr, 10);
}
std::uint64_t seed() {
  const char* const wanted = std::getenv("PENRIG_SEED");
  return wanted == nullptr ? 20261126 : std::strtoull(wanted, nullptr, 10);
}

/// A store of all that there is: signed runs with waveforms, one that was interrupted, a calibration, a void, a
/// comment, an approval, waveforms that were archived and brought back. Closed, so that the database is one file.
class Tampered : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto store = opened(folder_.path());
    store->sign_with(testing::new_ring(keys_.path()), kByTester).value();
    for (const auto end : {testing::SampleEnd::pass, testing::SampleEnd::fail}) {
      RunRecord run = testing::sample_record({.end = end, .depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 30});
      run.header.engineering_because = "for the test";
      run.phases.back().waveforms.push_back(
          waveform(end == testing::SampleEnd::pass ? "samples of the first" : "samples of the second"));
      if (end == testing::SampleEnd::pass) run.link_trace = link_trace("links of the first");
      testing::stored(*store, run);
    }
    AuditEntry entry{.at_utc_ns = testing::kNow, .who = "tester", .action = audit::kRunVoided, .subject = "R-000002"};
    entry.reason = "wrong pen";
    store->add_audit(entry).value();
    Calibration calibration;
    calibration.target = "load-cell";
    calibration.fixture_id = "bench-2";
    calibration.date = calibration.due = {20000, "2024-10-04"};
    store->file_calibration(calibration).value();
    constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
    const auto archived = archive_waveforms(*store, kEver, "old", keys_.path(), kByTester).value();
    restore_waveforms(*store, archived.files.at(0)).value();
  }
  WaveformRecord waveform(const std::string& text) {
    WaveformRecord w;
    std::string bytes;
    for (int i = 0; i < 100; ++i) bytes += text;
    w.purpose = "setting";
    w.sha256 = testing::write_waveform_file(folder_.path(), bytes);
    w.bytes = bytes.size();
    w.samples = 4711;
    w.calibration = "CAL-1";
    w.gaps = {{12, "lost"}};
    w.inputs = testing::some_inputs({{"calibrations.id", std::string("CAL-1")}, {"surface_mm", 0.25}});
    return w;
  }
  LinkTraceRecord link_trace(const std::string& bytes) {
    const std::string sha256 = sha256_hex(bytes);
    const fs::path file = folder_.path() / waveform_path(sha256, kTraceSuffix);
    fs::create_directories(file.parent_path());
    testing::write_bytes(file, bytes);
    return {sha256, bytes.size(), 3, {{"sim:pen", 70, 81}}};
  }
  /// All that a reader sees.
  std::string seen() const {
    std::string text;
    const auto store = RecordStore::open_existing(folder_.path());
    if (!store) return store.error().message;
    const auto rows = (*store)->list_runs();
    if (!rows) return rows.error().message;
    for (const RunRow& r : *rows) {
      text += r.run_id + r.serial_number + r.plan_name + r.product_name + r.rig_name + r.operator_name + r.slot +
              r.reason + name_of(r.verdict) + std::to_string(r.started_utc_ns) + std::to_string(r.decisions) +
              std::to_string(r.duration_s) + (r.closed ? "c" : "") + (r.voided ? "v" : "") + (r.simulated ? "s" : "") +
              (r.engineering ? "e" : "") + "\n";
      const auto run = (*store)->load_run(r.run_id);
      if (!run) {
        text += run.error().message;
        continue;
      }
      // Report and certificate are made of these, and of nothing else.
      text += record_json_text(*run);
      for (const SourceDocument& d : run->header.documents) text += d.kind + d.name + d.bytes;
      for (const RunSignature& s : run->standing.signatures) text += s.name + s.fingerprint;
      text += void_reason(*run) + run->standing.signature_fault;
    }
    const auto calibrations = (*store)->list_calibrations();
    if (!calibrations) return calibrations.error().message;
    for (const Calibration& c : *calibrations) text += calibration_json_text(c);
    const auto trail = (*store)->audit_trail();
    if (!trail) return trail.error().message;
    for (const TrailEntry& item : *trail) text += audit_json_text(item.entry) + item.signed_by + item.fault;
    return text;
  }
  fs::path database() const { return folder_.path() / "records.db"; }
  ScratchDirectory folder_, keys_;
};

void flip(const fs::path& file, std::uint64_t at, unsigned mask) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(static_cast<char>(static_cast<unsigned>(byte) ^ mask));
}

TEST_F(Tampered, AnyByteOfDatabaseOrWaveformThatIsFlippedIsFoundOrChangesNothingThatAReaderSees) {
  ASSERT_EQ(faults_in(folder_.path()), "");
  ASSERT_FALSE(fs::exists(folder_.path() / "records.db-wal")) << "the whole store is in one file";
  const std::string before = seen();
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "waveforms")) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 3U);
  std::cout << "seed " << seed() << ", " << flips_wanted() << " flips\n";
  Random random(seed());
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < flips_wanted(); ++i) {
    const fs::path file = i % 10 == 0 ? files[i / 10 % files.size()] : database();
    const std::uint64_t at = random.bits() % fs::file_size(file);
    const unsigned mask = 1U << (random.bits() % 8);
    flip(file, at, mask);
    const bool noticed = !faults_in(folder_.path()).empty();
    if (noticed) {
      ++found;
    } else {
      const std::string after = seen();
      EXPECT_TRUE(after == before) << file << " byte " << at << " mask " << mask << ": not found, and a reader sees it";
    }
    EXPECT_TRUE(noticed || file == database()) << file << " byte " << at;
    flip(file, at, mask);
  }
  EXPECT_EQ(faults_in(folder_.path()), "") << "all is as it was";
  EXPECT_GT(found, flips_wanted() / 3) << "the rest are pages' unused bytes";
  std::cout << found << " found, the rest changes nothing that a reader sees\n";
}

/// Columns that no document shows: only looked through, or said again by what is covered.
const std::set<std::string>& not_covered() {
  static const std::set<std::string> columns{
      "run_documents.path",       // as the user wrote it; never shown
      "calibrations.target",      // what counts are the bytes
      "calibrations.fixture_id",  //
      "calibrations.date",       "calibrations.due", "calibrations.simulated", "calibrations.filed_utc_ns",
  };
  return columns;
}

/// Everything but keys: those hold the rows together, which the foreign keys and the log watch.
TEST_F(Tampered, EveryColumnOfEveryTableIsCovered) {
  const std::string pristine = testing::bytes_in(database());
  std::vector<std::array<std::string, 3>> columns;
  {
    Sqlite db(folder_.path());
    std::string list = db.first(
        "SELECT group_concat(m.name || ' ' || c.name || ' ' || c.type, char(10)) FROM sqlite_schema m, "
        "pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.pk = 0");
    std::istringstream lines(list);
    for (std::array<std::string, 3> c; lines >> c[0] >> c[1] >> c[2];) columns.push_back(c);
  }
  ASSERT_GT(columns.size(), 100U);
  std::uint64_t changed = 0;
  for (const auto& [table, column, type] : columns) {
    const std::string changes = type == "INTEGER" ? "CASE WHEN {} IN (0, 1) THEN 1 - {} ELSE coalesce({}, 0) + 1 END"
                                : type == "REAL"  ? "coalesce({}, 0.0) + 1.0"
                                : type == "BLOB"  ? "CAST(zeroblob(length({})) AS BLOB)"
                                                  : "coalesce({}, '') || 'x'";
    std::string value;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const bool here = changes.compare(i, 2, "{}") == 0;
      value += here ? column : std::string(1, changes[i]);
      if (here) ++i;
    }
    testing::write_bytes(database(), pristine);
    const std::string sql = "UPDATE " + table + " SET " + column + " = " + value + " WHERE id = (SELECT id FROM " +
                            table + " ORDER BY " + column + " IS NULL, id LIMIT 1)";
    try {
      tamper(folder_.path(), sql);
    } catch (const std::runtime_error&) {
      continue;  // a constraint refuses it: nothing has changed
    }
    if (Sqlite(folder_.path()).first("SELECT count(*) || '' FROM " + table) == "0") continue;
    ++changed;
    const std::string faults = faults_in(folder_.path());
    EXPECT_EQ(faults.empty(), not_covered().contains(table + "." + column)) << table << "." << column << ": " << faults;
  }
  EXPECT_GT(changed, 100U);
}

}  // namespace
}  // namespace penrig
