#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"
#include "reports/store/verify_store.hpp"

namespace penrig {

/// What verify_store() checks of one run, for who checks many on a store that grows: follows the log from where it was,
/// instead of reading all of the store each time. Not looked at: the database's own integrity, its schema,
/// calibrations, runs that nobody asked for; verify_store() at the end does.
class RunVerifier {
 public:
  /// The store outlives it.
  explicit RunVerifier(RecordStore& store);
  ~RunVerifier();
  RunVerifier(const RunVerifier&) = delete;
  RunVerifier& operator=(const RunVerifier&) = delete;

  struct Verified {
    RunRecord record;                 ///< as it was read for this
    std::vector<VerifyFault> faults;  ///< empty: bytes, leaf, checkpoints up to it, signature and waveform files fit
  };
  /// A fault that was found once is named for every run that is asked for afterwards. Errors: as load_run().
  Result<Verified> check(const std::string& run_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig
