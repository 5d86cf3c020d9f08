#include "rig/base/freed_memory.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace penrig {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kKept = 32 << 20;  // the most that M_MMAP_THRESHOLD may be
  mallopt(M_MMAP_THRESHOLD, kKept);
  mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

}  // namespace penrig
