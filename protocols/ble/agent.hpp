#pragma once

#include <memory>

#include "protocols/ble/ble_link.hpp"
#include "protocols/ble/bluez.hpp"

namespace penrig::ble {

/// Answers what a pen asks while it is paired, for as long as this lives.
class PairingAgent {
 public:
  virtual ~PairingAgent() = default;

  /// Errors as those of Bluez.
  static Awaitable<Result<std::unique_ptr<PairingAgent>>> begin(Timeline& timeline, std::shared_ptr<Bluez> bluez,
                                                                PairingOperator pairing);
};

}  // namespace penrig::ble
