#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig {

/// What a slot asks for, and how long it may have to wait.
struct LeaseRequest {
  std::vector<std::string> resources;
  std::string who;                   ///< "slot 2"
  std::string why;                   ///< "moves its stage"
  Nanoseconds at_most{};             ///< for all of them together
  std::function<bool()> given_up{};  ///< ends the wait when it says true; looked at every 20 ms. Empty: nothing does
};

/// What the slots of a rig have in common and cannot use all at once: the power of the stages, a Bluetooth adapter.
/// First come, first served. Several are taken in the order of their names, and who holds one may take only what comes
/// behind it, so that nobody can wait for somebody who waits for him; each wait has a deadline besides.
/// What makes a rig safe asks for no lease.
class Leases {
 public:
  explicit Leases(Timeline& timeline);

  /// Lets so many hold the resource at the same time. A resource that was not shared out can be held by one.
  void share(const std::string& resource, std::uint32_t at_once);

  struct State;
  /// Held until it goes out of scope.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(held_, other.held_);
      return *this;
    }
    ~Lease();

   private:
    friend class Leases;
    std::shared_ptr<State> state_;
    std::vector<std::pair<std::string, std::uint64_t>> held_;  ///< resource, ticket
  };

  /// Waits for all of them. Errc::locked: the deadline came first; names what is held, by whom, since when and what
  /// for. ::aborted: given up. ::internal: the holder has one already that comes behind one of these.
  /// What was taken on the way is given back then.
  Awaitable<Result<Lease>> take(LeaseRequest request);

 private:
  std::shared_ptr<State> state_;  // shared with what is held: a coroutine may be left when its timeline goes
};

}  // namespace penrig
