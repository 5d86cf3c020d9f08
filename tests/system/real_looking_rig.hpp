#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace penrig::test {

/// A bench on two ptys, in a thread of this process, whose devices do not say in their hello that they are a
/// simulation. In tests alone: the program has no way to ask for that, since a run on such a rig certifies. Everything
/// else is the bench of `penrig sim`.
class RealLookingRig {
 public:
  explicit RealLookingRig(const std::string& serial_number);
  ~RealLookingRig();
  RealLookingRig(const RealLookingRig&) = delete;
  RealLookingRig& operator=(const RealLookingRig&) = delete;

  /// Its description, as of a real rig.
  std::string yaml() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig::test
