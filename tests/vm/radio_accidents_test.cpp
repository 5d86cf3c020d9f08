// Everything that can happen to a Bluetooth link, at any instant of a run: never a PASS on what was not measured, never
// a hang, always a record.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"
#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

constexpr double kEndsWithin = 60;  ///< s, all runs of a round
constexpr double kARunTakes = 8.5;  ///< s; the instants lie within, some before there is a link or after it
constexpr int kMostRounds = 3;      ///< for each time that an accident is to strike

std::uint64_t seed() {
  const char* given = std::getenv("PENRIG_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}

/// Something that happens to a lane, so long after its run began.
struct Accident {
  int pair = 0;
  double after_s = 0;
  std::string what;  ///< empty: nothing of its own
};

class AccidentsOverRadio : public OverRadio {
 protected:
  /// Runs on every lane, and to each happens what is its own, or to all at once what happens to all.
  void round(std::vector<Accident> accidents, const std::string& to_all) {
    for (const Accident& one : accidents) {
      if (!lane(one.pair).has_pen()) lane(one.pair).start_pen();
    }
    // What happens to all happens at one time: so they begin at different ones.
    const double last_s = std::ranges::max(accidents, {}, &Accident::after_s).after_s;
    struct Step {
      double at_s;
      std::size_t of;
      bool begins;
    };
    std::vector<Step> steps;
    for (std::size_t i = 0; i < accidents.size(); ++i) {
      const double begins_s = to_all.empty() ? 0 : last_s - accidents[i].after_s;
      steps.push_back({begins_s, i, true});
      if (to_all.empty()) steps.push_back({accidents[i].after_s, i, false});
    }
    std::ranges::stable_sort(steps, {}, &Step::at_s);
    const double began_s = guest_seconds();
    const auto wait_until = [&](double at_s) { let_pass(began_s + at_s - guest_seconds()); };
    for (const Step& step : steps) {
      wait_until(step.at_s);
      const Accident& accident = accidents[step.of];
      if (step.begins) {
        lane(accident.pair).start_run();
      } else if (accident.what == kPenDies) {
        lane(accident.pair).kill_pen();
      } else {
        EXPECT_TRUE(radio(accident.what)) << accident.what;
      }
    }
    if (!to_all.empty()) {
      wait_until(last_s);
      EXPECT_TRUE(radio(to_all)) << to_all;
    }
    for (const Accident& accident : accidents) {
      const std::string kind = to_all.empty() ? accident.what : to_all;
      const std::string what =
          kind + " after " + std::to_string(accident.after_s) + " s (PENRIG_SEED=" + std::to_string(seed()) + ")";
      const Ended ended = lane(accident.pair).end_of_run(60'000);
      lane(accident.pair).check_fails_closed(ended, what);
      struck_[kind] += ended.exit_code == 3 ? 1 : 0;
      std::cout << what << ": " << (ended.exit_code == 0 ? "PASS, there was no link to strike" : ended.reason)
                << std::endl;
    }
    EXPECT_LT(guest_seconds() - began_s, kEndsWithin);
    // A controller that went down leaves the others with connections that it does not know of.
    if (to_all != "controllers kill") {
      EXPECT_TRUE(radio("controllers kill"));
    }
    ASSERT_TRUE(radio("up"));
  }

  /// Until each kind has struck a run so often.
  void to_each_its_own(int times) {
    const std::vector<std::string> kinds{"hang_up " + pen_adapter(0), kPenDies,
                                         "controller " + pen_adapter(2) + " down",
                                         "adapter " + host_adapter(3) + " off"};
    const auto enough = [&] { return std::ranges::all_of(kinds, [&](auto& kind) { return struck_[kind] >= times; }); };
    for (int i = 0; i < kMostRounds * times && !enough(); ++i) {
      std::vector<Accident> accidents;
      for (std::size_t k = 0; k < kinds.size(); ++k) accidents.push_back({static_cast<int>(k), instant(), kinds[k]});
      round(accidents, "");
    }
    for (const std::string& kind : kinds) EXPECT_GE(struck_[kind], times) << kind << ": hardly an instant met a link";
  }

  void to_all(const std::string& what, int times, int lanes) {
    for (int i = 0; i < kMostRounds * times && struck_[what] < times; ++i) {
      std::vector<Accident> instants;
      for (int pair = 0; pair < lanes; ++pair) instants.push_back({pair, instant(), ""});
      round(instants, what);
    }
    EXPECT_GE(struck_[what], times) << what << ": hardly an instant met a link";
  }

  double instant() { return kARunTakes * random_.uniform(); }

  inline static const std::string kPenDies = "the pen's process dies";
  Random random_{seed(), "accidents over the radio"};
  std::map<std::string, int> struck_;  ///< runs that ended in an error, by what happened to them
};

// Each kind twice; in the long campaign twenty times.
TEST_F(AccidentsOverRadio, APenThatHangsUpOrDiesAControllerThatGoesDownAnAdapterThatIsSwitchedOff) {
  to_each_its_own(2);
}
TEST_F(AccidentsOverRadio, ControllersThatArePulledOut) { to_all("controllers kill", 2, 2); }
TEST_F(AccidentsOverRadio, ABluetoothdThatDies) { to_all("bluetoothd kill", 2, 2); }

TEST_F(AccidentsOverRadio, LongEachTwentyTimes) { to_each_its_own(20); }
TEST_F(AccidentsOverRadio, LongControllersThatArePulledOut) { to_all("controllers kill", 20, 4); }
TEST_F(AccidentsOverRadio, LongABluetoothdThatDies) { to_all("bluetoothd kill", 20, 4); }

}  // namespace
}  // namespace penrig::test
