#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// What became of the record. A run whose record is not durable is an error, whatever was measured.
struct RecordState {
  bool durable = false;
  std::string error;  ///< why not
};

/// JUnit XML in the strict dialect: it validates against Jenkins' junit-10.xsd (no properties, file or line on a
/// testcase). A testcase a decision; classname is product.plan.serial.slot, so that nothing is taken for a duplicate. A
/// limit broken or undecided is a <failure>, everything else that is no PASS an <error>. A run that did not end in PASS
/// never comes out green: where no testcase says why, one named "run" does: the first line of the reason as its
/// message, a longer reason whole as its text. The suite of a simulated run says so in its name.
std::string junit_text(const RunHeader& header, const RunOutcome& outcome, const RecordState& record);

/// The same for a run that has just begun: one <error>, "the run has not ended: no verdict".
std::string junit_running_text(const RunHeader& header);

/// What a suite says of one of its runs.
struct JUnitItem {
  enum class Kind { passed, expected, failed, error };
  std::string name;
  Kind kind = Kind::error;
  std::string type, message;  ///< of any but a passed one: "FAIL", "not run"; first line, and what follows
};
/// A suite with a testcase an item; an expected failure is <skipped>.
struct JUnitSuite {
  std::string name;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<JUnitItem> items;
};

/// Several runs in one file, a suite each, as junit_text() has it; the classname of a pen's second run by a plan in a
/// slot ends in " #2". A run that was declared void is an <error>.
class JUnitFile {
 public:
  JUnitFile();
  ~JUnitFile();
  JUnitFile(const JUnitFile&) = delete;
  JUnitFile& operator=(const JUnitFile&) = delete;
  void add(const RunRecord& run);
  /// A run that has just ended.
  void add(const RunHeader& header, const RunOutcome& outcome, const RecordState& record);
  /// One that has just begun: as junit_running_text().
  void add_running(const RunHeader& header);
  void add(const JUnitSuite& suite);
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes it at the start of a run, so that yesterday's green file does not survive today's crash. The file is replaced
/// whole or not at all. Errors as replace_file() says.
Result<void> write_junit_running(const std::filesystem::path& file, const RunHeader& header);

/// Replaces it at the end. Call it after the record is on disk.
Result<void> write_junit(const std::filesystem::path& file, const RunHeader& header, const RunOutcome& outcome,
                         const RecordState& record);

}  // namespace penrig
