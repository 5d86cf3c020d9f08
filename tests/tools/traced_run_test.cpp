#include "tools/penrig/traced_run.hpp"

#include <gtest/gtest.h>

#include "protocols/links.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig::cli {
namespace {

using penrig::ScratchDirectory;
using penrig::testing::bytes_in;
using penrig::testing::opened;
using penrig::testing::small_record;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

/// The host asks, the device tells and hangs up.
Awaitable<int> talk(TracedRun& traced, Timeline& timeline, std::string& heard, std::string& end) {
  auto [host, device] = make_memory_link(timeline, "sim:pen", std::chrono::milliseconds{3});
  const std::unique_ptr<ByteLink> link = traced.around(std::move(host));
  EXPECT_EQ(link->name(), "sim:pen");
  const Result<void> asked = co_await link->write_all(as_bytes("ask"));
  EXPECT_TRUE(asked);
  std::vector<std::byte> into(100);
  const auto at_device = co_await device->read_some(into);
  EXPECT_EQ(at_device.value(), 3U);
  const Result<void> told = co_await device->write_all(as_bytes("tell me"));
  EXPECT_TRUE(told);
  const auto got = co_await link->read_some(into);
  heard.assign(reinterpret_cast<const char*>(into.data()), got.value());
  device->close();
  const auto lost = co_await link->read_some(into);
  end = lost.error().message;
  co_return 0;
}

TEST(TracedRun, PassesEveryByteOnAndNamesItsTraceInTheRecord) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  const auto timeline = make_virtual_timeline();
  TracedRun traced(*store, *timeline);
  RunRecord run = small_record();
  const std::string id = traced.open_run(run.header).value();
  std::string heard, end;
  timeline->run(talk(traced, *timeline, heard, end));
  EXPECT_EQ(heard, "tell me");
  ASSERT_TRUE(traced.close_run(id, run.outcome));
  const RunRecord again = store->load_run(id).value();
  ASSERT_TRUE(again.link_trace.has_value());
  EXPECT_EQ(again.outcome.verdict, Verdict::pass);
  EXPECT_EQ(again.link_trace->chunks, 2U);
  std::string told;
  TraceReader reader;
  reader.on_section = [](std::string_view) {};
  reader.on_link = [&](std::string_view name) { told += std::string(name) + "\n"; };
  reader.on_chunk = [&](const TraceChunk& c) {
    told += std::to_string((c.utc_ns - kVirtualEpochUtcNs) / 1'000'000) + " " + std::string(c.bytes) +
            std::string(c.comment) + "\n";
  };
  const std::string file = bytes_in(folder.path() / waveform_path(again.link_trace->sha256, kTraceSuffix));
  ASSERT_TRUE(read_trace(bytes_of(file), reader));
  EXPECT_EQ(told, "sim:pen\n0 ask\n6 tell me\n" + std::to_string(timeline->now().since_start.count() / 1'000'000) +
                      " " + end + "\n");
}

TEST(TracedRun, WhoseTraceCannotBeKeptIsAnErrorWhateverWasMeasured) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  penrig::testing::write_bytes(folder.path() / "waveforms", "a file where the folder should be");
  const auto timeline = make_virtual_timeline();
  TracedRun traced(*store, *timeline);
  RunRecord run = small_record();
  ASSERT_EQ(run.outcome.verdict, Verdict::pass);
  const std::string id = traced.open_run(run.header).value();
  const auto closed = traced.close_run(id, run.outcome);
  ASSERT_FALSE(closed);
  EXPECT_NE(closed.error().message.find("the link trace: "), std::string::npos) << closed.error().message;
  const RunRecord again = store->load_run(id).value();
  EXPECT_TRUE(again.closed);
  EXPECT_EQ(again.outcome.verdict, Verdict::error);
  EXPECT_EQ(again.outcome.reason, closed.error().message);
  EXPECT_FALSE(again.outcome.deciding.has_value());
  EXPECT_FALSE(again.link_trace.has_value());
}

}  // namespace
}  // namespace penrig::cli
