// Connect, command, disconnect, many times: none is lost, and nothing grows.
#include <array>
#include <fstream>
#include <iostream>
#include <map>

#include <gmock/gmock.h>
#include <malloc.h>

#include "fixtures/clients.hpp"
#include "protocols/ble/ble_link.hpp"
#include "protocols/links.hpp"
#include "rig/base/timeline.hpp"
#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

constexpr int kWarmUp = 3;  ///< of each pen

/// Descriptors by what they lead to, "socket: 12, /dev/ptmx: 1".
using Descriptors = std::map<std::string, int>;

struct Held {
  Descriptors host, pens;
  std::size_t host_kb = 0, pens_kb = 0;
};

Descriptors descriptors_of(const std::string& pid) {
  Descriptors count;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + pid + "/fd")) {
    std::error_code gone;
    const std::string to = std::filesystem::read_symlink(entry, gone).string();
    if (!gone) ++count[to.substr(0, to.find(":["))];
  }
  return count;
}

/// What this process has allocated and not given back, kB.
std::size_t allocated_kb() {
  const auto heap = ::mallinfo2();
  return (heap.uordblks + heap.hblkhd) / 1024;
}

/// What a process has in memory that no file backs, kB.
std::size_t memory_kb_of(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  std::size_t kb = 0;
  for (std::string word; status >> word;) {
    if (word == "RssAnon:") status >> kb;
  }
  return kb;
}

class CyclesOverRadio : public OverRadio {
 protected:
  Held held() const {
    Held now;
    now.host = descriptors_of("self");
    now.pens = descriptors_of(pen_pid_);
    now.host_kb = allocated_kb();
    now.pens_kb = memory_kb_of(pen_pid_);
    return now;
  }

  /// Connects, asks something, tells something.
  static Awaitable<Result<std::unique_ptr<Connected<Pen>>>> drive(Timeline& timeline, int number) {
    std::string uri = "ble:addr=" + pen_address(number) + "?adapter=" + host_adapter(number);
    auto link = co_await open_ble(timeline, std::move(uri));
    if (!link) co_return link.error();
    auto pen = co_await connect_pen(timeline, std::move(*link));
    if (!pen) co_return pen.error();
    const auto identity = co_await (*pen)->port().identify();
    if (!identity) co_return identity.error();
    const auto stopped = co_await (*pen)->port().stop();
    if (!stopped) co_return stopped.error();
    if (identity->serial_number != "PRO-000" + std::to_string(number + 1)) {
      co_return fail(Errc::wrong_device, identity->serial_number);
    }
    co_return pen;
  }

  Awaitable<void> cycle(Timeline& timeline, int number, int times) {
    for (int i = 0; i < times; ++i) {
      auto pen = co_await drive(timeline, number);
      EXPECT_TRUE(pen.has_value()) << "pen " << number << ", after " << done_ << " cycles: " << pen.error().message;
      if (!pen) break;
      co_await (*pen)->close();
      ++done_;
    }
    --driven_;
  }

  /// @param times  each pen.
  Awaitable<int> drive_all(Timeline& timeline, int times) {
    driven_ = kPairs;
    for (int number = 0; number < kPairs; ++number) timeline.spawn(cycle(timeline, number, times));
    while (driven_ > 0) co_await timeline.sleep_for(std::chrono::milliseconds{20});
    co_await timeline.sleep_for(std::chrono::seconds{3});  // the last connections end
    co_return 0;
  }

  /// @param at_least  over all pens.
  void run_cycles(int at_least) {
    const int each = (at_least + kPairs - 1) / kPairs;
    std::vector<std::string> options{"--slots", std::to_string(kPairs)};
    for (int pen = 1; pen < kPairs; ++pen) options.insert(options.end(), {"--ble", pen_adapter(pen)});
    lane(0).start_pen(options);
    pen_pid_ = std::to_string(lane(0).pen_pid());
    const auto timeline = make_real_timeline();
    timeline->run(drive_all(*timeline, kWarmUp));
    const double began_s = guest_seconds();
    const Held before = held();
    done_ = 0;
    timeline->run(drive_all(*timeline, each));
    const Held after = held();
    EXPECT_EQ(done_, each * kPairs);
    EXPECT_EQ(after.host, before.host);
    EXPECT_EQ(after.pens, before.pens);
    EXPECT_LT(after.host_kb, before.host_kb + 64);
    EXPECT_LT(after.pens_kb, before.pens_kb + 512);
    std::cout << done_ << " cycles in " << guest_seconds() - began_s << " s; allocated here " << before.host_kb
              << " to " << after.host_kb << " kB, the pens' memory " << before.pens_kb << " to " << after.pens_kb
              << " kB" << std::endl;
  }

  std::string pen_pid_;
  int done_ = 0, driven_ = 0;
};

TEST_F(CyclesOverRadio, FiftyLoseNothingAndNothingGrows) { run_cycles(50); }
TEST_F(CyclesOverRadio, LongFiveHundredLoseNothingAndNothingGrows) { run_cycles(500); }

/// A program that outlives bluetoothd opens the pen again.
TEST_F(CyclesOverRadio, ALinkOpensAgainWhenBluetoothdWasRestarted) {
  lane(0).start_pen();
  const auto timeline = make_real_timeline();
  for (const char* how : {"stop", "kill"}) {
    const auto body = [&]() -> Awaitable<int> {
      auto link = co_await open_ble(*timeline, "ble:addr=00:AA:01:01:00:01?adapter=hci0");
      if (!link) {
        ADD_FAILURE() << link.error().message;
        co_return 1;
      }
      EXPECT_TRUE(radio(std::string("bluetoothd ") + how));
      std::array<std::byte, 100> room{};
      const std::span<std::byte> into(room);
      const auto read = co_await (*link)->read_some(into);
      EXPECT_THAT(read ? "nothing" : read.error().message, ::testing::HasSubstr("bluetoothd has ended"));
      EXPECT_TRUE(radio("up"));
      auto again = co_await drive(*timeline, 0);
      EXPECT_TRUE(again.has_value()) << again.error().message;
      if (again) co_await (*again)->close();
      co_return 0;
    };
    timeline->run(body());
  }
}

}  // namespace
}  // namespace penrig::test
