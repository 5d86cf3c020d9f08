#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "protocols/ble/chunk_core.hpp"
#include "tests/protocols/seeded.hpp"

/// GATT.md is what a firmware is written from: its bytes and numbers are held against the code.

namespace penrig::ble {
namespace {

std::string page() {
  std::ifstream file(std::string(PENRIG_SOURCE_DIR) + "/protocols/GATT.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The blocks of worked bytes, in hex, by what they are.
std::map<std::string, std::string> worked() {
  std::map<std::string, std::string> blocks;
  std::istringstream lines(page());
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```worked ")) {
      name = line.substr(10);
    } else if (line.starts_with("```")) {
      name.clear();
    } else if (!name.empty()) {
      blocks[name] += to_hex(from_hex(line));
    }
  }
  return blocks;
}

std::string worked_at(const std::string& beginning) {
  for (const auto& [name, hex] : worked()) {
    if (name.starts_with(beginning)) return hex;
  }
  return "there is none: " + beginning;
}

std::vector<std::byte> bytes_of_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (const char c : from_hex(hex)) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

TEST(GattMd, ShowsTheBytesOfAStreamThatIsOpenedUsedAndClosed) {
  ChunkCore host({.largest_out = 244}, ChunkRole::host, "ble:x");
  ChunkCore pen({.largest_out = 244, .largest_in = 244, .window = 8}, ChunkRole::pen, "sim");
  TimePoint now{};
  const auto passes = [&](ChunkCore& from, ChunkCore& to, const std::string& name) {
    const auto chunk = from.take_chunk(now);
    ASSERT_TRUE(chunk) << name;
    EXPECT_EQ(to_hex(*chunk), worked_at(name)) << name;
    to.chunk_arrived(now, *chunk);
  };
  host.open(now, 0x01234567);
  passes(host, pen, "host: OPEN");
  passes(pen, host, "pen: OPENED");
  passes(host, pen, "host: STATUS");
  host.write(bytes_of_hex("0015080112 0c0801120670656e726967182a"));
  passes(host, pen, "host: DATA 0");
  std::vector<std::byte> room(100);
  EXPECT_EQ(pen.read(room), 18U);
  now = pen.next_deadline();
  EXPECT_EQ(now.since_start, kAcknowledge);
  pen.time_passed(now);
  passes(pen, host, "pen: STATUS");
  pen.write(bytes_of_hex("000a08011a14"));
  passes(pen, host, "pen: DATA 0");
  EXPECT_EQ(host.read(room), 6U);
  host.close();
  passes(host, pen, "host: CLOSE");
  EXPECT_TRUE(pen.lost());
  EXPECT_EQ(worked().size(), 8U) << "a block that nothing stands behind";
}

TEST(GattMd, NamesEveryNumberOfTheProfile) {
  const std::string text = page();
  for (const std::string_view uuid : {kPenService, kToPen, kFromPen, kStreamInfo}) {
    EXPECT_NE(text.find("`" + std::string(uuid) + "`"), std::string::npos) << uuid;
  }
  const std::pair<const char*, Nanoseconds> times[] = {
      {"OPEN again", kOpenAgain}, {"open within", kOpenWithin}, {"acknowledge within", kAcknowledge},
      {"keep-alive", kKeepAlive}, {"silent", kSilent},          {"unacknowledged", kUnacknowledged},
      {"reorder", kReorder},
  };
  for (const auto& [name, time] : times) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    const std::string value = ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
    EXPECT_NE(text.find("| " + std::string(name) + " | " + value + " |"), std::string::npos) << name << " " << value;
  }
  EXPECT_NE(text.find("min(MTU − 3, " + std::to_string(kChunkMax) + ")"), std::string::npos);
  EXPECT_EQ(worked_at("stream info").size(), 2 * kStreamInfoBytes);
}

}  // namespace
}  // namespace penrig::ble
