#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rig/ports/observer.hpp"
#include "tools/penrig/suite_progress.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// What all of it comes to.
struct SuiteTally {
  std::size_t passed = 0, expected = 0, failed = 0, errors = 0, aborted = 0, not_run = 0;
  bool stopped_by_hand = false;

  void add(const ItemStanding& standing, Verdict verdict);
  ExitCode exit() const;
  std::string words() const;  ///< "15 PASS, 1 failed as expected"
};

/// The head of what is said of a suite.
std::vector<Line> suite_head(const LoadedSuite& loaded, const SuiteOptions& options);

inline constexpr std::size_t kPlaceWidth = 11;  ///< columns of a run's place in the list, and the blanks behind it

/// The runs in their order, a line each, and which go at the same time.
std::vector<Line> suite_list(const LoadedSuite& loaded, const SuiteOptions& options);

/// The command that takes it up again where it stands, to be copied: with all that it was begun with.
std::string resume_command(const SuiteOptions& options);

/// Says what happens, to people or to programs.
class SuiteView {
 public:
  /// @param blind  no verdict is said, nothing that was measured: who clamps pens of a study must not know it.
  SuiteView(const LoadedSuite& loaded, bool json, bool blind = false);

  void begin(const SuiteOptions& options, const SuiteTrail& trail);
  /// A run goes on, where a line can be rewritten: a long one is not silence.
  /// @param at_once  so many run at the same time, and this one is the farthest behind.
  void progress(std::size_t place, std::size_t at_once, const SuiteItem& item, const Progress& progress);
  void item(std::size_t place, const SuiteItem& item, const ItemOutcome& outcome, const ItemStanding& standing);
  /// @param why  it stopped; empty: it did not.
  /// @param unfinished  it can be taken up again.
  void end(const SuiteTally& tally, const std::string& why, const SuiteOptions& options, bool unfinished);

 private:
  void erase();
  const LoadedSuite& loaded_;
  bool json_, blind_;
  TerminalStyle style_;
  std::string shown_;
};

}  // namespace penrig::cli
