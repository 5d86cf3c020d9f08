#include "reports/pdf/drawing_library.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

#include <dlfcn.h>
#include <fmt/format.h>

#include "rig/base/result.hpp"

namespace penrig::pdf::drawing {
namespace {

/// It brings the others with it, and what is looked for in it is looked for in them.
constexpr const char* kLibrary = "libpangocairo-1.0.so.0";

Error missing() {
  const char* const why = ::dlerror();
  return fail(Errc::internal, fmt::format("no PDF can be drawn: {} (install the package libpangocairo-1.0-0)",
                                          why == nullptr ? "the library gives no reason" : why));
}

}  // namespace

void* address_of(const char* function) {
  static std::mutex mutex;
  static void* library = nullptr;
  static std::unordered_map<const char*, void*> known;  // names are literals
  const std::lock_guard lock(mutex);
  void*& address = known[function];
  if (address != nullptr) return address;
  if (library == nullptr) library = ::dlopen(kLibrary, RTLD_NOW | RTLD_GLOBAL);
  if (library != nullptr) address = ::dlsym(library, function);
  if (address == nullptr) throw ErrorException(missing());
  return address;
}

}  // namespace penrig::pdf::drawing
