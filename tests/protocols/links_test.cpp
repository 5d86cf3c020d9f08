#include "protocols/links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/protocols/seeded.hpp"
#include "tests/protocols/session_bench.hpp"

namespace penrig {
namespace {

using testing::HasSubstr;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

Awaitable<std::string> read_text(ByteLink& link, std::size_t size) {
  std::string text;
  std::vector<std::byte> room(4096);
  while (text.size() < size) {
    const std::span<std::byte> into(room);
    const auto count = co_await link.read_some(into);
    if (!count) {
      text += "!" + std::string(name_of(count.error().code));
      break;
    }
    for (std::size_t i = 0; i < *count; ++i) text += static_cast<char>(room[i]);
  }
  co_return text;
}

TEST(SerialUri, TakesAPathAndABaudRate) {
  const auto uri = parse_serial_uri("serial:/dev/ttyUSB0?baud=921600");
  ASSERT_TRUE(uri.has_value()) << uri.error().message;
  EXPECT_EQ(uri->device, "/dev/ttyUSB0");
  EXPECT_EQ(uri->baud, 921600U);
  EXPECT_EQ(parse_serial_uri("serial:/dev/pts/7")->baud, 3'000'000U);
}

TEST(SerialUri, TakesAUsbIdentityWithAndWithoutASerialNumber) {
  const auto uri = parse_serial_uri("serial:usb=0403:6A01/FT-12 A?baud=115200");
  ASSERT_TRUE(uri.has_value()) << uri.error().message;
  EXPECT_TRUE(uri->device.empty());
  EXPECT_EQ(uri->usb_vid_pid, "0403:6a01");
  EXPECT_EQ(uri->usb_serial, "FT-12 A");
  EXPECT_EQ(uri->baud, 115200U);
  EXPECT_EQ(parse_serial_uri("serial:usb=0403:6001")->usb_serial, "");
}

TEST(SerialUri, SaysWhatIsWrong) {
  const auto message = [](std::string_view uri) {
    const auto parsed = parse_serial_uri(uri);
    EXPECT_TRUE(parsed.has_error()) << uri;
    if (parsed) return std::string{};
    EXPECT_EQ(parsed.error().code, Errc::usage);
    EXPECT_THAT(parsed.error().message, HasSubstr(std::string(uri)));
    return parsed.error().message;
  };
  EXPECT_EQ(message("serail:/dev/ttyUSB0"),
            "link 'serail:/dev/ttyUSB0': unknown scheme 'serail:'; known are serial: for a link and sim: for a whole rig "
            "(--rig sim:seed=7)");
  EXPECT_THAT(message("/dev/ttyUSB0"), HasSubstr("no scheme"));
  EXPECT_THAT(message("sim:seed=7"), HasSubstr("--rig sim:seed=7"));
  EXPECT_THAT(message("serial:"), HasSubstr("no port is named"));
  EXPECT_THAT(message("serial:ttyUSB0"), HasSubstr("'ttyUSB0' is no absolute path"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud=fast"), HasSubstr("baud 'fast' is no whole number from 1200"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud=300"), HasSubstr("baud '300'"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?baud"), HasSubstr("baud ''"));
  EXPECT_THAT(message("serial:/dev/ttyUSB0?parity=odd"), HasSubstr("unknown setting 'parity'; known is baud"));
  EXPECT_THAT(message("serial:usb=403:6001"), HasSubstr("'403:6001' is no USB identity"));
}

TEST(MemoryLink, CarriesBytesAfterItsLatency) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:x", milliseconds{5});
  const auto body = [&, &a = near, &b = far]() -> Awaitable<void> {
    EXPECT_TRUE((co_await a->write_all(bytes_of("hello"))).has_value());
    EXPECT_EQ(co_await read_text(*b, 5), "hello");
    EXPECT_EQ(timeline->now().since_start, milliseconds{5});
  };
  run_on(*timeline, body);
}

TEST(MemoryLink, GivesWhatWasWrittenBeforeItsEnd) {
  auto timeline = make_virtual_timeline();
  auto [near, far] = make_memory_link(*timeline, "memory:x", milliseconds{5});
  const auto body = [&, &a = near, &b = far]() -> Awaitable<void> {
    EXPECT_TRUE((co_await a->write_all(bytes_of("last words"))).has_value());
    a->close();
    EXPECT_EQ(co_await read_text(*b, 100), "last words!link_lost");
    EXPECT_EQ((co_await b->write_all(bytes_of("x"))).error().code, Errc::link_lost);
    EXPECT_EQ((co_await a->write_all(bytes_of("x"))).error().code, Errc::link_lost);
  };
  run_on(*timeline, body);
}

TEST(MemoryLink, EndsAWaitingReadWhenItIsDestroyed) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  std::string text;
  const auto reads = [&]() -> Awaitable<void> { text = co_await read_text(*ends.first, 1); };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    co_await timeline->sleep_for(milliseconds{1});
    ends.first.reset();
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(text, "!link_lost");
  };
  run_on(*timeline, body);
}

/// Sends `text` in pieces of 10 through a link with these faults and returns what arrives within a second.
std::string through(LinkFaults faults, const std::string& text) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), faults);
  std::string arrived;
  const auto reads = [&]() -> Awaitable<void> { arrived = co_await read_text(*ends.second, 1'000'000); };
  const auto writes = [&]() -> Awaitable<void> {
    for (std::size_t at = 0; at < text.size(); at += 10) {
      const auto piece = bytes_of(std::string_view(text).substr(at, 10));
      const auto written = co_await link->write_all(piece);
      if (!written) break;
    }
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    timeline->spawn(writes());
    co_await timeline->sleep_for(milliseconds{1000});
    link->close();
    co_await timeline->sleep_for(milliseconds{1});
  };
  run_on(*timeline, body);
  return arrived;
}

TEST(FaultyLink, PassesEverythingWithoutFaults) {
  const std::string text(1000, 'x');
  EXPECT_EQ(through({}, text), text + "!link_lost");
  EXPECT_EQ(through({.split_writes = true}, text), text + "!link_lost");
}

TEST(FaultyLink, BreaksTheSameBytesForTheSameSeed) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 26);
  const LinkFaults faults{.drop_per_byte = 0.02, .corrupt_per_byte = 0.02, .duplicate_per_write = 0.05, .seed = 3};
  LinkFaults other = faults;
  other.seed = 4;
  EXPECT_EQ(through(faults, text), through(faults, text));
  EXPECT_NE(through(faults, text), through(other, text));
}

TEST(FaultyLink, DropsAboutAsManyBytesAsItWasTold) {
  const auto arrived = through({.drop_per_byte = 0.1, .seed = 5}, std::string(10'000, 'x')).size();
  EXPECT_GT(arrived, 8'800U);
  EXPECT_LT(arrived, 9'200U);
}

TEST(FaultyLink, ClosesOrStallsAfterSoManyBytes) {
  EXPECT_EQ(through({.close_after_bytes = 25}, std::string(100, 'x')), std::string(25, 'x') + "!link_lost");
  EXPECT_EQ(through({.stall_after_bytes = 25}, std::string(100, 'x')), std::string(25, 'x') + "!link_lost");
}

TEST(FaultyLink, StallsWithoutEndingBeforeItIsClosed) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), {.stall_after_bytes = 3});
  TimePoint ended;
  const auto reads = [&]() -> Awaitable<void> {
    EXPECT_EQ(co_await read_text(*link, 100), "abc!link_lost");
    ended = timeline->now();
  };
  const auto body = [&]() -> Awaitable<void> {
    timeline->spawn(reads());
    EXPECT_TRUE((co_await ends.second->write_all(bytes_of("abcdef"))).has_value());
    co_await timeline->sleep_for(milliseconds{800});
    link->close();
    co_await timeline->sleep_for(milliseconds{1});
    EXPECT_EQ(ended.since_start, milliseconds{800});
  };
  run_on(*timeline, body);
}

TEST(FaultyLink, DelaysWhatItReads) {
  auto timeline = make_virtual_timeline();
  auto ends = make_memory_link(*timeline, "memory:x");
  auto link = make_faulty_link(*timeline, std::move(ends.first), {.extra_delay = milliseconds{40}});
  const auto body = [&]() -> Awaitable<void> {
    EXPECT_TRUE((co_await ends.second->write_all(bytes_of("abc"))).has_value());
    EXPECT_EQ(co_await read_text(*link, 3), "abc");
    EXPECT_EQ(timeline->now().since_start, milliseconds{40});
  };
  run_on(*timeline, body);
}

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
  EXPECT_EQ(port.error().message,
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
  EXPECT_THAT(second.error().message, HasSubstr("the port is held by test_protocols (pid " + std::to_string(::getpid())));
  first->reset();
  EXPECT_TRUE(open_serial(*timeline, "serial:" + pty->second).has_value());
}

TEST(OpenSerial, FollowsASymbolicLink) {
  auto timeline = make_real_timeline();
  auto pty = open_pty(*timeline);
  ASSERT_TRUE(pty.has_value()) << pty.error().message;
  const auto alias =
      std::filesystem::temp_directory_path() / ("penrig-port-" + std::to_string(::getpid()));
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
