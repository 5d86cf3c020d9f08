// Everything that can happen to a Bluetooth link, at any instant of a run: never a PASS on what was not measured, never
// a hang, always a record.
#include <cstdlib>
#include <iostream>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"
#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

constexpr double kEndsWithin = 45;  ///< s, from the accident on
constexpr double kARunTakes = 11;   ///< s, at most; the instants lie within

std::uint64_t seed() {
  const char* given = std::getenv("PENRIG_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

class AccidentOverRadio : public OverRadio {
 protected:
  /// @param happens  to the radio; empty: the pen's process dies.
  void at_random_instants(const std::string& happens, int times) {
    Random random(seed(), "an accident over the radio");
    int errors = 0;
    for (int i = 0; i < times; ++i) {
      const double at_s = kARunTakes * random.uniform();
      const std::string what = (happens.empty() ? "the pen's process dies" : happens) + " after " +
                               std::to_string(at_s) + " s (PENRIG_SEED=" + std::to_string(seed()) + ")";
      if (!sim_) start_pen();
      const double began_s = guest_seconds();
      Program run(run_over_ble(), folder());
      let_pass(at_s);
      if (happens.empty()) {
        sim_.reset();
      } else {
        EXPECT_TRUE(radio(happens)) << what;
      }
      const Ended ended = end_of(run, began_s, 60'000);
      EXPECT_LT(ended.took_s, at_s + kEndsWithin) << what;
      check_fails_closed(ended, what);
      errors += ended.exit_code == 3 ? 1 : 0;
      std::cout << what << ": " << (ended.exit_code == 0 ? "PASS" : ended.reason) << std::endl;
      ASSERT_TRUE(radio("up")) << what;
    }
    EXPECT_GT(errors, 0) << "no instant lay within a run";
  }
};

constexpr int kFew = 2, kMany = 20;

TEST_F(AccidentOverRadio, ThePenHangsUp) { at_random_instants("hang_up hci1", kFew); }
TEST_F(AccidentOverRadio, ThePensProcessDies) { at_random_instants("", kFew); }
TEST_F(AccidentOverRadio, ThePensControllerGoesDown) { at_random_instants("controller hci1 down", kFew); }
TEST_F(AccidentOverRadio, TheAdapterIsSwitchedOff) { at_random_instants("adapter hci0 off", kFew); }
TEST_F(AccidentOverRadio, TheControllersArePulledOut) { at_random_instants("controllers kill", kFew); }
TEST_F(AccidentOverRadio, BluetoothdDies) { at_random_instants("bluetoothd kill", kFew); }

TEST_F(AccidentOverRadio, LongThePenHangsUp) { at_random_instants("hang_up hci1", kMany); }
TEST_F(AccidentOverRadio, LongThePensProcessDies) { at_random_instants("", kMany); }
TEST_F(AccidentOverRadio, LongThePensControllerGoesDown) { at_random_instants("controller hci1 down", kMany); }
TEST_F(AccidentOverRadio, LongTheAdapterIsSwitchedOff) { at_random_instants("adapter hci0 off", kMany); }
TEST_F(AccidentOverRadio, LongTheControllersArePulledOut) { at_random_instants("controllers kill", kMany); }
TEST_F(AccidentOverRadio, LongBluetoothdDies) { at_random_instants("bluetoothd kill", kMany); }

}  // namespace
}  // namespace penrig::test
