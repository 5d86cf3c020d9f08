#include "reports/trace/trace_file.hpp"

#include <array>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "reports/digest.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "rig/base/random.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"

namespace penrig {
namespace {

using testing::bytes_in;
using ::testing::HasSubstr;
using testing::output_of;
using testing::write_bytes;

constexpr std::int64_t kBegan = 1'795'200'000'123'456'789;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// What a trace says, as text.
std::string told_by(std::string_view file, std::size_t piece = 1'000'000) {
  std::string text;
  ByteSource all = bytes_of(file);
  TraceReader reader;
  reader.on_section = [&](std::string_view comment) { text += std::string(comment) + "\n"; };
  reader.on_link = [&](std::string_view name) { text += "link " + std::string(name) + "\n"; };
  reader.on_chunk = [&](const TraceChunk& c) {
    text += std::to_string(c.link) + (c.direction == TraceDirection::in ? " in " : " out ") +
            std::to_string(c.utc_ns - kBegan) + " " + std::string(c.bytes) + " " + std::string(c.comment) + "\n";
  };
  const auto read = read_trace([&](char* into, std::size_t most) { return all(into, std::min(most, piece)); }, reader);
  return read ? text : text + read.error().message;
}

std::string small_trace() {
  std::string file;
  append_section(file, "links of run R-000001", "penrig test");
  append_interface(file, "serial:/dev/ttyUSB0");
  append_interface(file, "serial:/dev/ttyUSB1?baud=3000000");
  append_chunk(file, {0, kBegan, TraceDirection::out, "ask", {}});
  append_chunk(file, {1, kBegan + 7, TraceDirection::in, "tell me", {}});
  append_chunk(file, {0, kBegan + 9, TraceDirection::in, {}, "the stream has ended"});
  return file;
}

const char* const kSmallTrace =
    "links of run R-000001\nlink serial:/dev/ttyUSB0\nlink serial:/dev/ttyUSB1?baud=3000000\n0 out 0 ask \n"
    "1 in 7 tell me \n0 in 9  the stream has ended\n";

TEST(Pcapng, IsReadAsItWasWrittenWhateverThePieces) {
  for (const std::size_t piece : {1U, 3U, 7U, 1000U}) EXPECT_EQ(told_by(small_trace(), piece), kSmallTrace);
}

TEST(Pcapng, IsWhatStockToolsRead) {
  const ScratchDirectory folder;
  const std::string file = (folder.path() / "trace.pcapng").string();
  write_bytes(file, small_trace());
  const testing::Output info = output_of("capinfos -M -E -c -I '" + file + "'");
  EXPECT_EQ(info.status, 0) << info.text;
  EXPECT_THAT(info.text, HasSubstr("Number of packets:   3"));
  EXPECT_THAT(info.text, HasSubstr("Name = serial:/dev/ttyUSB1?baud=3000000"));
  EXPECT_THAT(info.text, HasSubstr("Time precision = nanoseconds (9)"));
  const testing::Output packets =
      output_of("(env HOME='" + folder.path().string() + "' tshark -r '" + file +
                "' -T fields -e frame.time_epoch -e frame.interface_name -e frame.packet_flags_direction -e frame.len "
                "-e frame.comment 2>/dev/null)");
  EXPECT_EQ(packets.text,
            "1795200000.123456789\tserial:/dev/ttyUSB0\t0x00000002\t3\t\n"
            "1795200000.123456796\tserial:/dev/ttyUSB1?baud=3000000\t0x00000001\t7\t\n"
            "1795200000.123456798\tserial:/dev/ttyUSB0\t0x00000001\t0\tthe stream has ended\n");
}

TEST(Pcapng, CutAnywhereTellsWhatIsWholeAndThenThatItWasCut) {
  const std::string file = small_trace(), all = kSmallTrace;
  std::size_t whole = 0;
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string told = told_by(file.substr(0, size));
    const std::size_t end = told.find("no trace as penrig writes it: byte ");
    if (end == std::string::npos) {
      ++whole;
      EXPECT_TRUE(all.starts_with(told)) << size;
    } else {
      EXPECT_TRUE(all.starts_with(told.substr(0, end))) << size;
    }
  }
  EXPECT_EQ(whole, 5U);  // cut between two of its six blocks
}

TEST(Pcapng, PassesOverBlocksOfOtherKinds) {
  std::string file = small_trace();
  const std::string statistics("\x05\0\0\0\x10\0\0\0\1\2\3\4\x10\0\0\0", 16);
  EXPECT_EQ(told_by(file + statistics), kSmallTrace);
}

TEST(Pcapng, WithAByteThatIsAnotherIsReadOrRefusedAndNeverMore) {
  constexpr std::uint64_t kSeed = 20;
  Random random(kSeed, "bytes of a trace");
  const std::string file = small_trace();
  int refused = 0;
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string other = file;
    other[i] = static_cast<char>(other[i] ^ static_cast<char>(1 + random.below(255)));
    refused += told_by(other).find("no trace as penrig writes it") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(refused, 100) << "seed " << kSeed;
}

TEST(TraceFile, KeepsWhatPassedUnderItsHashWithItsCounts) {
  const ScratchDirectory folder;
  TraceFile trace(folder.path(), "R-000001", "penrig test", true);
  const std::uint32_t pen = trace.add_link("pen"), daq = trace.add_link("daq");
  trace.passed(pen, kBegan, TraceDirection::out, as_bytes("ask"));
  trace.passed(daq, kBegan + 1, TraceDirection::in, as_bytes("tell"));
  trace.failed(daq, kBegan + 2, TraceDirection::in, "gone");
  const LinkTraceRecord record = trace.finish().value();
  const std::string file = bytes_in(folder.path() / waveform_path(record.sha256, kTraceSuffix));
  EXPECT_EQ(sha256_hex(file), record.sha256);
  EXPECT_EQ(file.size(), record.bytes);
  EXPECT_EQ(record.chunks, 2U);
  ASSERT_EQ(record.links.size(), 2U);
  EXPECT_EQ(record.links[0].name, "pen");
  EXPECT_EQ(record.links[0].bytes_out, 3U);
  EXPECT_EQ(record.links[1].bytes_in, 4U);
  EXPECT_EQ(told_by(file), "links of run R-000001\nlink pen\nlink daq\n0 out 0 ask \n1 in 1 tell \n1 in 2  gone\n");
  EXPECT_TRUE(std::filesystem::is_empty(incoming_folder(folder.path())));
}

TEST(TraceFile, TakesMoreThanItHoldsWhereItMayWaitAndALongWriteInParts) {
  const ScratchDirectory folder;
  TraceFile trace(folder.path(), "R-000001", "penrig test", true, {.held_bytes_max = 100'000});
  const std::uint32_t link = trace.add_link("daq");
  const std::string part(1000, 'x'), large(kMostTraceChunkBytes + 10, 'y');
  for (int i = 0; i < 2000; ++i) trace.passed(link, kBegan, TraceDirection::in, as_bytes(part));
  trace.passed(link, kBegan, TraceDirection::in, as_bytes(large));
  const LinkTraceRecord record = trace.finish().value();
  EXPECT_EQ(record.chunks, 2002U);
  EXPECT_EQ(record.links[0].bytes_in, 2000 * 1000 + large.size());
  std::size_t read = 0;
  const std::string file = bytes_in(folder.path() / waveform_path(record.sha256, kTraceSuffix));
  TraceReader reader;
  reader.on_section = reader.on_link = [](std::string_view) {};
  reader.on_chunk = [&](const TraceChunk& c) { read += c.bytes.size(); };
  EXPECT_TRUE(read_trace(bytes_of(file), reader));
  EXPECT_EQ(read, record.links[0].bytes_in);
}

TEST(TraceFile, OfADiskThatIsTooSlowIsAnErrorAndNothingIsKept) {
  const ScratchDirectory folder;
  TraceFile trace(folder.path(), "R-000001", "penrig test", false, {.held_bytes_max = 0});
  const std::uint32_t link = trace.add_link("daq");
  const std::string part(60'000, 'x');
  for (int i = 0; i < 2000; ++i) trace.passed(link, kBegan, TraceDirection::in, as_bytes(part));
  const auto record = trace.finish();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::io);
  EXPECT_THAT(record.error().message, HasSubstr("the disk took bytes more slowly than they came"));
  EXPECT_TRUE(std::filesystem::is_empty(incoming_folder(folder.path())));
}

TEST(TraceFile, ThatCannotBeWrittenNamesTheFile) {
  const ScratchDirectory folder;
  write_bytes(folder.path() / "waveforms", "a file where the folder should be");
  TraceFile trace(folder.path(), "R-000001", "penrig test", true);
  trace.passed(trace.add_link("daq"), kBegan, TraceDirection::in, as_bytes("tell"));
  const auto record = trace.finish();
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("the link trace: "));
  EXPECT_THAT(record.error().message, HasSubstr("waveforms"));
}

TEST(TraceFile, ThatNobodyFinishesLeavesNothing) {
  const ScratchDirectory folder;
  {
    TraceFile trace(folder.path(), "R-000001", "penrig test", true);
    trace.passed(trace.add_link("daq"), kBegan, TraceDirection::in, as_bytes(std::string(200'000, 'x')));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
    files += entry.is_regular_file() ? 1U : 0U;
  EXPECT_EQ(files, 0U);
}

}  // namespace
}  // namespace penrig
