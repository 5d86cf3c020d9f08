// Connect, command, disconnect, many times: none is lost, and nothing grows.
#include <array>
#include <fstream>
#include <iostream>

#include <gmock/gmock.h>
#include <malloc.h>

#include "fixtures/clients.hpp"
#include "protocols/ble/ble_link.hpp"
#include "protocols/links.hpp"
#include "rig/base/timeline.hpp"
#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

constexpr int kPens = 2;  ///< a disconnection takes bluetoothd 2 s: the other pen is driven meanwhile
constexpr int kWarmUp = 4;

struct Held {
  std::size_t descriptors = 0, heap_bytes = 0, others_kb = 0;
};

std::size_t descriptors_of(const std::string& pid) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + pid + "/fd")) count += entry.exists() ? 1U : 0U;
  return count;
}

/// What the process has in memory that no file backs, kB.
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
    now.descriptors = descriptors_of("self") + descriptors_of(pen_pid_);
    now.heap_bytes = ::mallinfo2().uordblks;
    now.others_kb = memory_kb_of(pen_pid_);
    return now;
  }

  Awaitable<Result<void>> cycle(Timeline& timeline, std::string uri, std::string serial_number) {
    // One connects at a time: this kernel does not survive two (hci_chan_del).
    while (connecting_) co_await timeline.sleep_for(std::chrono::milliseconds{5});
    connecting_ = true;
    auto link = co_await open_ble(timeline, uri);
    connecting_ = false;
    if (!link) co_return link.error();
    auto pen = co_await connect_pen(timeline, std::move(*link));
    if (!pen) co_return pen.error();
    const auto identity = co_await (*pen)->port().identify();
    const auto stopped = co_await (*pen)->port().stop();
    co_await (*pen)->close();
    if (!identity) co_return identity.error();
    if (!stopped) co_return stopped.error();
    if (identity->serial_number != serial_number) co_return fail(Errc::wrong_device, identity->serial_number);
    co_return Result<void>{};
  }

  Awaitable<void> drive(Timeline& timeline, int pen, int times) {
    const std::string uri = pen == 0 ? "ble:addr=00:AA:01:01:00:01" : "ble:addr=00:AA:01:02:00:02";
    const std::string serial_number = pen == 0 ? "PRO-0001" : "PRO-0002";
    for (int i = 0; i < times; ++i) {
      const Result<void> done = co_await cycle(timeline, uri, serial_number);
      EXPECT_TRUE(done.has_value()) << uri << ", cycle " << i << ": " << done.error().message;
      done_ += done ? 1 : 0;
    }
    ++ended_;
  }

  Awaitable<int> drive_all(Timeline& timeline, int times) {
    ended_ = 0;
    for (int pen = 0; pen < kPens; ++pen) timeline.spawn(drive(timeline, pen, times));
    while (ended_ < kPens) co_await timeline.sleep_for(std::chrono::milliseconds{20});
    co_await timeline.sleep_for(std::chrono::milliseconds{200});  // what ends last
    co_return 0;
  }

  /// @param times  over all pens.
  void run_cycles(int times) {
    start_pen({"--slots", "2", "--ble", "hci2"});
    pen_pid_ = std::to_string(sim_->pid());
    const auto timeline = make_real_timeline();
    timeline->run(drive_all(*timeline, kWarmUp / kPens));
    const Held before = held();
    done_ = 0;
    const double began_s = guest_seconds();
    timeline->run(drive_all(*timeline, times / kPens));
    const Held after = held();
    EXPECT_EQ(done_, times);
    EXPECT_EQ(after.descriptors, before.descriptors);
    constexpr std::size_t kBytesACycle = 200, kKbAtMost = 512;
    EXPECT_LT(after.heap_bytes, before.heap_bytes + kBytesACycle * static_cast<std::size_t>(times));
    EXPECT_LT(after.others_kb, before.others_kb + kKbAtMost);
    std::cout << done_ << " cycles in " << guest_seconds() - began_s << " s; here " << before.heap_bytes << " to "
              << after.heap_bytes << " B of heap, the pens " << before.others_kb << " to " << after.others_kb << " kB, "
              << before.descriptors << " to " << after.descriptors << " descriptors" << std::endl;
  }

  std::string pen_pid_;
  int done_ = 0, ended_ = 0;
  bool connecting_ = false;
};

TEST_F(CyclesOverRadio, FiftyLoseNothingAndNothingGrows) { run_cycles(50); }
TEST_F(CyclesOverRadio, LongFiveHundredLoseNothingAndNothingGrows) { run_cycles(500); }

/// A program that outlives bluetoothd opens the pen again.
TEST_F(CyclesOverRadio, ALinkOpensAgainWhenBluetoothdWasRestarted) {
  start_pen();
  const auto timeline = make_real_timeline();
  for (const char* how : {"stop", "kill"}) {
    const auto body = [&]() -> Awaitable<int> {
      auto link = co_await open_ble(*timeline, "ble:addr=00:AA:01:01:00:01");
      if (!link) {
        ADD_FAILURE() << link.error().message;
        co_return 1;
      }
      EXPECT_TRUE(radio(std::string("bluetoothd ") + how));
      std::array<std::byte, 100> room{};
      const std::span<std::byte> into(room);
      const auto read = co_await (*link)->read_some(into);
      EXPECT_THAT(read ? "nothing" : read.error().message, testing::HasSubstr("bluetoothd has ended"));
      EXPECT_TRUE(radio("up"));
      const Result<void> again = co_await cycle(*timeline, "ble:addr=00:AA:01:01:00:01", "PRO-0001");
      EXPECT_TRUE(again.has_value()) << again.error().message;
      co_return 0;
    };
    timeline->run(body());
  }
}

}  // namespace
}  // namespace penrig::test
