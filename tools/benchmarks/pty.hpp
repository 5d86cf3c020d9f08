#pragma once

#include <string>

#include <fcntl.h>
#include <stdlib.h>

#include "protocols/tty_link.hpp"
#include "rig/base/file_descriptor.hpp"

namespace penrig {

/// Both ends of a raw pseudo-terminal, blocking; neither where there is none. An end that is closed ends the reading of
/// the other.
struct Pty {
  FileDescriptor master{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)}, slave;
  std::string path;  ///< of the slave
  Pty() {
    if (!master || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) return;
    path = ::ptsname(master.get());
    slave.reset(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (slave && !make_raw(slave.get())) slave.reset();
  }
};

}  // namespace penrig
