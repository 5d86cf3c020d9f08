#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace penrig {

/// Memory for what is written before it is read: numbers that come by resize() alone are not set to zero first.
template <class T>
struct LeavesUnset : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = LeavesUnset<U>;
  };
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

template <class T>
using UnsetVector = std::vector<T, LeavesUnset<T>>;

}  // namespace penrig
