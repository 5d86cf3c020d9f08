#pragma once

#include <memory>
#include <string>

#include "tests/ble/fake_bluez.hpp"

namespace penrig::ble::fake {

struct FakeBluez::Adapter {
  std::unique_ptr<sdbus::IObject> object;
  std::string path;
  bool powered = true, scanning = false, pairable = true;
  Registered registered;
  std::string registered_by;  ///< the program's name on the bus
};

}  // namespace penrig::ble::fake
