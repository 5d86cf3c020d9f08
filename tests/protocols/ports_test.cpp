#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "protocols/links.hpp"
#include "tests/protocols/link_text.hpp"
#include "tests/protocols/seeded.hpp"
#include "tests/protocols/session_bench.hpp"

/// Real terminals, in real time.

namespace penrig {
namespace {

using ::testing::HasSubstr;

TEST(Pty, EchoesAllByteValuesInRealTime) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  auto port = open_serial(*timeline, "serial:" + pty->second);
  ASSERT_TRUE(port.has_value()) << port.error().message;
  std::string all;
  for (int i = 0; i < 1024; ++i) all += static_cast<char>(i);
  const auto echo = [&]() -> Awaitable<void> {
    const std::string text = co_await read_text(*pty->first, all.size());
    (void)co_await pty->first->write_all(bytes_of(text));
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(echo());
    EXPECT_TRUE((co_await (*port)->write_all(bytes_of(all))).has_value());
    const std::string back = co_await read_text(**port, all.size());
    EXPECT_EQ(to_hex(back), to_hex(all));
  };
  run_on(*timeline, body);
  EXPECT_FALSE((*port)->payload_bits_per_s().has_value());
}

TEST(Pty, EndsTheClientsReadWhenTheSimulatorIsGone) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  auto port = open_serial(*timeline, "serial:" + pty->second);
  ASSERT_TRUE(port.has_value()) << port.error().message;
  std::string text;
  const auto leaves = [&]() -> Awaitable<void> {
    pty->first.reset();
    co_return;
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(leaves());
    EXPECT_EQ(co_await read_text(**port, 1), "!link_lost");
  };
  run_on(*timeline, body);
}

TEST(Pty, WaitsForAClientAndTakesASecondOneAfterTheFirst) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  const auto body = [&]() -> Awaitable<void> {
    for (const std::string word : {"first", "second"}) {
      auto port = open_serial(*timeline, "serial:" + pty->second);
      CO_ASSERT_TRUE(port.has_value());
      EXPECT_TRUE((co_await (*port)->write_all(bytes_of(word))).has_value());
      EXPECT_EQ(co_await read_text(*pty->first, word.size()), word);
    }
  };
  run_on(*timeline, body);
}

TEST(OpenSerial, NamesAPortThatIsMissing) {
  auto timeline = make_real_timeline();
  const auto port = open_serial(*timeline, "serial:/dev/ttyNOT-THERE");
  ASSERT_TRUE(port.has_error());
  EXPECT_EQ(port.error().code, Errc::port_missing);
  EXPECT_EQ(
      port.error().message,
      "serial:/dev/ttyNOT-THERE: no port /dev/ttyNOT-THERE (No such file or directory); penrig ports lists what is "
      "there");
}

TEST(OpenSerial, NamesAUsbIdentityThatIsMissing) {
  auto timeline = make_real_timeline();
  const auto port = open_serial(*timeline, "serial:usb=dead:beef/NO-SUCH");
  ASSERT_TRUE(port.has_error());
  EXPECT_EQ(port.error().code, Errc::port_missing);
  EXPECT_THAT(port.error().message, HasSubstr("USB identity dead:beef and serial number NO-SUCH"));
}

TEST(OpenSerial, NamesTheHolderOfABusyPort) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  auto first = open_serial(*timeline, "serial:" + pty->second);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const auto second = open_serial(*timeline, "serial:" + pty->second);
  ASSERT_TRUE(second.has_error());
  EXPECT_EQ(second.error().code, Errc::port_busy);
  EXPECT_THAT(second.error().message,
              HasSubstr("the port is held by test_protocols (pid " + std::to_string(::getpid())));
  first->reset();
  EXPECT_TRUE(open_serial(*timeline, "serial:" + pty->second).has_value());
}

TEST(OpenSerial, NamesNotItselfAsTheHolderOfAnExclusivePort) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  const int other = ::open(pty->second.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(other, 0);
  ASSERT_EQ(::ioctl(other, TIOCEXCL), 0);
  const auto port = open_serial(*timeline, "serial:" + pty->second);
  ::ioctl(other, TIOCNXCL);
  ::close(other);
  ASSERT_TRUE(port.has_error());
  EXPECT_EQ(port.error().code, Errc::port_busy);
  EXPECT_THAT(port.error().message, ::testing::Not(HasSubstr(std::to_string(::getpid()))));
}

TEST(OpenSerial, LeavesNoMarkOfExclusiveUseBehind) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  auto port = open_serial(*timeline, "serial:" + pty->second);
  ASSERT_TRUE(port.has_value()) << port.error().message;
  const int other = ::open(pty->second.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(other, 0);
  ASSERT_EQ(::ioctl(other, TIOCEXCL), 0);  // as on a real port, for which this is the program's own doing
  port->reset();
  int exclusive = 1;
  EXPECT_EQ(::ioctl(other, TIOCGEXCL, &exclusive), 0);
  EXPECT_EQ(exclusive, 0);
  ::close(other);
}

TEST(OpenSerial, FollowsASymbolicLink) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  const auto alias = std::filesystem::temp_directory_path() / ("penrig-port-" + std::to_string(::getpid()));
  std::filesystem::create_symlink(pty->second, alias);
  const auto port = open_serial(*timeline, "serial:" + alias.string());
  std::filesystem::remove(alias);
  EXPECT_TRUE(port.has_value()) << port.error().message;
}

TEST(OpenSerial, RefusesAFileThatIsNoPort) {
  auto timeline = make_real_timeline();
  const auto port = open_serial(*timeline, "serial:/dev/null");
  ASSERT_TRUE(port.has_error());
  EXPECT_EQ(port.error().code, Errc::usage);
  EXPECT_EQ(port.error().message, "serial:/dev/null: /dev/null is no serial port");
}

TEST(OpenSerial, RefusesVirtualTime) {
  auto timeline = make_virtual_timeline();
  EXPECT_EQ(open_serial(*timeline, "serial:/dev/null").error().code, Errc::internal);
}

TEST(ListPorts, Works) {
  const auto ports = list_ports();
  ASSERT_TRUE(ports.has_value()) << ports.error().message;
  for (const auto& port : *ports) EXPECT_FALSE(port.name.empty());
}

}  // namespace
}  // namespace penrig
