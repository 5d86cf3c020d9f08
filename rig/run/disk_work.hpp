#pragma once

#include <functional>
#include <memory>
#include <string>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig {

/// How long a disk may take for one piece of a record. A store waits 5 s for another program by itself.
struct DiskBounds {
  Nanoseconds slow_after = std::chrono::seconds{2};    ///< the rig is made safe meanwhile
  Nanoseconds hangs_after = std::chrono::seconds{15};  ///< an ERROR: it is not waited for any longer
};

/// Work that waits for the disk, away from the loop and with a bound, which the loop keeps whatever the disk does.
class DiskWork {
 public:
  /// @param while_slow  awaited once when a piece of work takes longer than slow_after; told what that is.
  DiskWork(Timeline& timeline, DiskBounds bounds, std::function<Awaitable<void>(std::string)> while_slow);

  /// Does one piece. Errc::io when the disk hangs, now or since an earlier piece; then the work may still be at it, or
  /// begin later: everything that it refers to must be in `owned`, or outlive the timeline.
  /// In virtual time done in line, without a bound.
  /// @param what   what a person reads: "writing phase 'reference before'".
  /// @param owned  kept until the work is done.
  Awaitable<Result<void>> run(std::string what, std::function<void()> work, std::shared_ptr<void> owned);

  /// The worker waits for the disk and will not do anything else.
  bool hangs() const { return hangs_; }

 private:
  Timeline& timeline_;
  DiskBounds bounds_;
  std::function<Awaitable<void>(std::string)> while_slow_;
  bool hangs_ = false;
};

}  // namespace penrig
