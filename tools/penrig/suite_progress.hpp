#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "reports/junit.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/file_descriptor.hpp"
#include "tools/penrig/suite_documents.hpp"
#include "tools/penrig/suite_plan.hpp"

namespace penrig::cli {

/// What became of one item.
struct ItemOutcome {
  std::string run_id;  ///< empty: nothing was begun
  Verdict verdict = Verdict::error;
  std::string reason;
  std::vector<std::string> failed;  ///< requirements
};

/// How it counts: an expected failure is none, until its day; one that passes all the same is a failure to be looked
/// at, as is one of which a requirement passes that was expected to fail, and one that fails after its day an error:
/// nobody has said anew that it may.
struct ItemStanding {
  JUnitItem::Kind kind = JUnitItem::Kind::error;
  std::string word, note;  ///< "FAIL", "expected until 2026-12-31: droops"
};
ItemStanding standing_of(const SuiteEntry& entry, const ItemOutcome& outcome, const CivilDate& today);

/// A suite's own trail: entries of the record store's audit trail, each durable before the next run begins. From its
/// beginning on it holds a lock: nobody else takes up a suite that goes on.
class SuiteTrail {
 public:
  SuiteTrail(const LoadedSuite& loaded, const SuiteOptions& options) : loaded_(loaded), options_(options) {}

  /// Enters that it begins, and what its runs go by.
  Result<void> begin();
  /// Finds the newest one of this name that did not end, takes over what it did, and enters the seam. A run that a dead
  /// suite had finished counts; one that died with it is run again. Errc::usage: there is none, or it was another
  /// suite, filter or rig, or a plan, product, rig or fault script is another; Errc::locked: it goes on.
  Result<void> resume();
  /// Errc::usage names what this run would go by that is another since the suite began.
  Result<void> check_documents(const SuiteItem& item) const;
  Result<void> add(const SuiteItem& item, const ItemOutcome& outcome);
  /// A run that was stopped by hand: it stays in the records, and the item is still to be run.
  Result<void> add_stopped(const SuiteItem& item, const ItemOutcome& outcome);
  Result<void> end(ExitCode exit, const std::string& words);

  const std::string& id() const { return id_; }
  const std::map<std::size_t, ItemOutcome>& done() const { return done_; }
  /// In words, for each time that it was taken up: "2026-11-27 10:02 UTC, after 4 of 12 (R-000005 was cut short, and is
  /// run again)".
  const std::vector<std::string>& seams() const { return seams_; }
  /// What stands in a run's record as its reason.
  std::string reason_of(const SuiteItem& item) const;

 private:
  std::string subject() const;
  /// Errc::locked: another process runs it.
  Result<void> hold();
  /// What the trail says of the newest one that did not end, and how that began.
  Result<void> read_trail(RecordStore& store, nlohmann::ordered_json& begun);
  /// Errc::usage: it was another suite, or would be run by other options.
  Result<void> check_same(const nlohmann::ordered_json& begun) const;
  Result<std::string> enter(const char* action, nlohmann::ordered_json value, const std::string& reason = "");
  Result<std::string> newest_run() const;
  nlohmann::ordered_json value_of(const SuiteItem& item, const ItemOutcome& outcome) const;
  Result<void> adopt(RecordStore& store, std::vector<std::string>& again);

  const LoadedSuite& loaded_;
  const SuiteOptions& options_;
  std::string id_, after_run_;  ///< the newest run of the store when it began
  std::map<std::size_t, ItemOutcome> done_;
  std::vector<std::string> seams_, stopped_;
  SuiteDocuments documents_;  ///< as it began
  FileDescriptor lock_;
};

}  // namespace penrig::cli
