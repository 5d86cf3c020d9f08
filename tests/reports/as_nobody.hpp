#pragma once

#include <cstdlib>
#include <stdexcept>

#include <sys/types.h>
#include <unistd.h>

namespace penrig::test {

/// Root writes everywhere; without its rights the test sees what others see.
class AsNobody {
 public:
  AsNobody() : was_(::geteuid()) {
    if (was_ == 0 && ::seteuid(65534) != 0) throw std::runtime_error("cannot become nobody");
  }
  ~AsNobody() {
    if (was_ == 0 && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  uid_t was_;
};

}  // namespace penrig::test
