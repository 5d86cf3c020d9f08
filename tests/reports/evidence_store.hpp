#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "reports/digest.hpp"
#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/run_evidence.hpp"
#include "reports/store/verify_store.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig::testing {

inline constexpr std::int64_t kNow = 1'795'200'000'000'000'000;
inline const ActedBy kByTester{"tester", kNow};

inline std::shared_ptr<const KeyRing> new_ring(const std::filesystem::path& folder, const char* name = "M. Okafor") {
  return KeyRing::create(folder / "keys", name).value();
}

/// Exit code of a shell command in a folder; its output is thrown away.
inline int shell(const std::filesystem::path& folder, const std::string& command) {
  return std::system(("cd '" + folder.string() + "' && " + command + " >/dev/null 2>&1").c_str());
}

/// All faults of a store in one text; empty: none.
inline std::string faults_in(const std::filesystem::path& folder, const VerifyOptions& options = {}) {
  const auto store = RecordStore::open_existing(folder);
  if (!store) return store.error().message;
  const auto verified = verify_store(**store, options);
  if (!verified) return verified.error().message;
  std::string text;
  for (const VerifyFault& fault : verified->faults) text += fault.where + ": " + fault.what + "\n";
  return text;
}

/// A file where a waveform of these bytes lies; its SHA-256.
inline std::string write_waveform_file(const std::filesystem::path& folder, const std::string& bytes) {
  const std::string sha256 = sha256_hex(bytes);
  const auto file = folder / waveform_path(sha256, suffix_of(WaveformForm::flac));
  std::filesystem::create_directories(file.parent_path());
  write_bytes(file, bytes);
  return sha256;
}

/// Writes what the triggers would refuse, as somebody with another program and a will can, and puts them back.
inline void tamper(const std::filesystem::path& folder, const std::string& sql) {
  Sqlite db(folder);
  const std::string triggers =
      db.first("SELECT group_concat(sql, ';' || char(10)) FROM sqlite_schema WHERE type = 'trigger'");
  const std::string drops =
      db.first("SELECT group_concat('DROP TRIGGER ' || name, ';') FROM sqlite_schema WHERE type = 'trigger'");
  const std::string complaint = db.run("BEGIN;" + drops + ";" + sql + ";" + triggers + ";COMMIT");
  if (!complaint.empty()) throw std::runtime_error(complaint + ": " + sql);
}

}  // namespace penrig::testing
