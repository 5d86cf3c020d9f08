#pragma once

#include <string>
#include <vector>

#include "rig/base/file_descriptor.hpp"
#include "rig/base/result.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig::cli {

/// Holds the devices of a slot for this process: one lock file a device, since a tty's own exclusivity does not bind
/// root. The kernel lets go when the process ends, however it ends; the files stay.
class RigLock {
 public:
  /// Holds what the other held, beside what it holds itself.
  void take_over(RigLock other) {
    for (FileDescriptor& held : other.held_) held_.push_back(std::move(held));
  }

  /// Errc::locked names the process that holds the slot and what to do; Errc::io if there is no place for lock files.
  static Result<RigLock> take(const RigDescription& rig, const SlotDescription& slot, const std::string& directory);

 private:
  std::vector<FileDescriptor> held_;
};

/// Where lock files lie: $XDG_RUNTIME_DIR/penrig, else /tmp/penrig-UID; created if need be.
/// Errc::io if it cannot be, or belongs to somebody else.
Result<std::string> lock_directory();

}  // namespace penrig::cli
