#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "protocols/ble/ble_link.hpp"
#include "tests/ble/fake_bluez.hpp"
#include "tests/ble/private_bus.hpp"
#include "tests/protocols/link_text.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig::ble::fake {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// How many descriptors this process has open.
inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

/// A firmware that says everything back.
inline Awaitable<void> echo(std::unique_ptr<ByteLink> link) {
  std::vector<std::byte> room(4096);
  const std::span<std::byte> into(room);
  for (;;) {
    const auto count = co_await link->read_some(into);
    if (!count) break;
    const std::span<const std::byte> heard = into.first(*count);
    const auto said = co_await link->write_all(heard);
    if (!said) break;
  }
}

/// A bus, a bluetoothd and a program on one thread, in real time.
class OverBluez : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(bus_.runs()) << "dbus-daemon does not run here"; }

  /// bluetoothd runs from here on.
  FakeBluez& start(const std::vector<std::string>& adapters = {"hci0"}) {
    bluez_ = std::make_unique<FakeBluez>(*timeline_, adapters);
    return *bluez_;
  }
  FakePen& add_pen(PenSettings settings = {}, const std::string& adapter = "hci0") {
    FakePen& pen = bluez_->add_pen(std::move(settings), adapter);
    pen.run(echo);
    return pen;
  }
  /// As after systemctl stop bluetooth.
  void stop_bluetoothd() { bluez_.reset(); }

  /// A body that waits for what never comes is a failure, not a hang.
  void run(const std::function<Awaitable<void>()>& body) {
    timeline_->spawn(end_after(++runs_));
    const auto whole = [&]() -> Awaitable<void> {
      co_await body();
      co_await timeline_->sleep_for(milliseconds{30});  // what was sent last arrives
    };
    run_on(*timeline_, whole);
    ++runs_;
  }
  Awaitable<void> end_after(int run) {
    co_await timeline_->sleep_for(seconds{25});
    if (run == runs_) throw std::runtime_error("the test still waits after 25 s");
  }

  /// Opens; a failure is one of the test.
  Awaitable<std::unique_ptr<ByteLink>> open(std::string uri) {
    auto link = co_await open_ble(*timeline_, uri);
    if (!link) {
      ADD_FAILURE() << link.error().message;
      co_return nullptr;
    }
    co_return std::move(*link);
  }
  Awaitable<Error> fails_to_open(std::string uri) {
    const auto link = co_await open_ble(*timeline_, uri);
    if (!link) co_return link.error();
    ADD_FAILURE() << uri << " opened";
    Error none = fail(Errc::internal, "none");
    co_return none;
  }
  /// The text when it comes back, else the error. Written beside the reading: who only writes, and an echo, wait for
  /// each other. The link outlives it.
  Awaitable<std::string> say(ByteLink& link, std::string text) {
    timeline_->spawn(write_beside(link, text));
    co_return co_await read_text(link, text.size());
  }
  static Awaitable<void> write_beside(ByteLink& link, std::string text) { co_await link.write_all(bytes_of(text)); }
  /// Waits until the link is lost; says why.
  Awaitable<Error> loss(ByteLink& link) {
    std::vector<std::byte> room(100);
    const std::span<std::byte> into(room);
    for (;;) {
      const auto count = co_await link.read_some(into);
      if (!count) co_return count.error();
    }
  }
  /// Waits up to a second for something to come true.
  Awaitable<bool> comes_true(std::function<bool()> what) {
    const TimePoint until = timeline_->now() + seconds{1};
    while (!what() && timeline_->now() < until) co_await timeline_->sleep_for(milliseconds{5});
    co_return what();
  }

  PrivateBus bus_;
  std::unique_ptr<Timeline> timeline_ = make_real_timeline();
  std::unique_ptr<FakeBluez> bluez_;
  int runs_ = 0;
};

}  // namespace penrig::ble::fake
