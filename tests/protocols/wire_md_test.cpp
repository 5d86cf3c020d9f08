#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "protocols/crc32c.hpp"
#include "protocols/frame.hpp"
#include "rig/base/sample_codec.hpp"
#include "tests/protocols/seeded.hpp"
#include "tests/protocols/worked_messages.hpp"

/// WIRE.md is the grammar that a stranger builds a device from: its bytes are replayed here, and nothing of the schema
/// may be missing from it. UPDATE_GOLDEN=1 rewrites its worked bytes; a person reads the difference.

namespace penrig {
namespace {

const std::string kWireMd = std::string(PENRIG_SOURCE_DIR) + "/protocols/WIRE.md";
const std::string kSchema = std::string(PENRIG_SOURCE_DIR) + "/protocols/schema/penrig.proto";
constexpr std::string_view kChapter = "## Worked bytes\n";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string in_lines(std::string_view label, std::string_view bytes) {
  std::string out;
  const std::string hex = to_hex(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 32 == 0) {
      if (i > 0) out += '\n';
      out += (i == 0 ? std::string(label) : std::string()) + std::string(i == 0 ? 10 - label.size() : 10, ' ');
    } else {
      out += ' ';
    }
    out += hex.substr(2 * i, 2);
  }
  return out + '\n';
}

std::string block_of(const WorkedMessage& worked) {
  const std::string envelope = worked.envelope.SerializeAsString();
  const std::uint32_t check = crc32c(std::as_bytes(std::span(envelope)));
  std::string check_bytes;
  for (int i = 0; i < 4; ++i) check_bytes += static_cast<char>(check >> (8 * i));
  const auto frame = encode_frame(worked.envelope).value();
  std::string frame_bytes;
  for (const auto b : frame) frame_bytes += static_cast<char>(b);
  return worked.meaning + "\n\n```worked " + worked.name + "\n" + in_lines("envelope", envelope) +
         in_lines("check", check_bytes) + in_lines("frame", frame_bytes) + "```\n";
}

/// The rows of a worked block by their label, as bytes.
using Rows = std::map<std::string, std::string>;

std::map<std::string, Rows> blocks_of(const std::string& page) {
  std::map<std::string, Rows> blocks;
  std::istringstream lines(page);
  Rows* rows = nullptr;
  std::string label;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```worked ")) {
      rows = &blocks[line.substr(10)];
    } else if (line.starts_with("```")) {
      rows = nullptr;
    } else if (rows != nullptr) {
      const std::size_t end = line.find(' ');
      if (end != 0) label = line.substr(0, end);
      (*rows)[label] += from_hex(line.substr(end));
    }
  }
  return blocks;
}

class WireMd : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("UPDATE_GOLDEN") == nullptr) return;
    std::string page = read_file(kWireMd);
    const std::size_t chapter = page.find(kChapter);
    ASSERT_NE(chapter, std::string::npos);
    const std::size_t intro_end = page.find("\n\n", chapter + kChapter.size() + 1);
    page = page.substr(0, intro_end == std::string::npos ? page.size() : intro_end) + "\n";
    for (const auto& worked : worked_messages()) page += "\n" + block_of(worked);
    std::ofstream(kWireMd) << page;
  }
};

TEST_F(WireMd, DecodesItsWorkedFramesToTheMessagesThatItNames) {
  auto blocks = blocks_of(read_file(kWireMd));
  for (const auto& worked : worked_messages()) {
    SCOPED_TRACE(worked.name);
    ASSERT_TRUE(blocks.contains(worked.name));
    const auto& rows = blocks[worked.name];
    FrameDecoder decoder;
    std::vector<std::string> envelopes;
    decoder.feed(std::as_bytes(std::span(rows.at("frame"))), [&](std::span<const std::byte> payload) {
      wire::Envelope envelope;
      EXPECT_TRUE(envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size())));
      envelopes.push_back(envelope.SerializeAsString());
      EXPECT_EQ(to_hex(payload), to_hex(rows.at("envelope")));
    });
    ASSERT_EQ(envelopes.size(), 1U);
    EXPECT_EQ(to_hex(envelopes[0]), to_hex(worked.envelope.SerializeAsString()));
  }
  EXPECT_EQ(blocks.size(), worked_messages().size()) << "a block that no message stands behind";
}

TEST_F(WireMd, GivesTheBytesThatThisProgramSends) {
  const std::string page = read_file(kWireMd);
  for (const auto& worked : worked_messages()) {
    EXPECT_NE(page.find(block_of(worked)), std::string::npos) << "expected in WIRE.md:\n" << block_of(worked);
  }
}

TEST_F(WireMd, UnpacksItsWorkedSampleBlock) {
  const std::string page = read_file(kWireMd);
  auto blocks = blocks_of(page);
  wire::Envelope envelope;
  ASSERT_TRUE(envelope.ParseFromString(blocks["sample_block"].at("envelope")));
  const auto& block = envelope.sample_block();
  std::vector<std::int32_t> samples(block.count());
  const std::regex example("Example: x\\[i\\][^`]*`([^`]*)`");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(page, found, example));
  EXPECT_EQ(to_hex(from_hex(found[1].str())), to_hex(block.force()))
      << "the chapter's example is the worked block's force";
  ASSERT_TRUE(unpack_samples(std::as_bytes(std::span(block.force())), samples).has_value());
  for (std::int32_t i = 0; i < 40; ++i) EXPECT_EQ(samples[static_cast<std::size_t>(i)], 1000 + 3 * i + i % 3);
  ASSERT_TRUE(unpack_samples(std::as_bytes(std::span(block.stage())), samples).has_value());
  EXPECT_EQ(samples, std::vector<std::int32_t>(40, 80'000));
}

TEST_F(WireMd, NamesEveryFieldAndReasonOfTheSchema) {
  const std::string page = read_file(kWireMd);
  const std::string schema = read_file(kSchema);
  const std::regex field(R"((?:repeated )?([A-Za-z0-9]+) ([a-z_0-9]+) = (\d+);)");
  int fields = 0;
  for (std::sregex_iterator it(schema.begin(), schema.end(), field), end; it != end; ++it, ++fields) {
    const std::string name = (*it)[2];
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name << " = " << (*it)[3];
  }
  EXPECT_GT(fields, 100);
  const std::regex reason(R"(([A-Z_]{2,}) = \d+;)");
  for (std::sregex_iterator it(schema.begin(), schema.end(), reason), end; it != end; ++it) {
    EXPECT_NE(page.find((*it)[1]), std::string::npos) << (*it)[1];
  }
}

}  // namespace
}  // namespace penrig
