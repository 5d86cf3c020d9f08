#include "rig/run/capture_keeper.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "rig/run/run_state.hpp"

namespace penrig {
namespace {

/// Keeps samples in memory, and says of how many captures.
class MemorySink final : public RecordSink {
 public:
  Result<std::string> open_run(const RunHeader&) override { return std::string("R-000001"); }
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet&) override { return std::vector<SpotUse>{}; }
  Result<void> take_spot(const std::string&, const SpotPlace&) override { return {}; }
  Result<void> add_phase(const std::string&, const PhaseRecord&) override { return {}; }
  Result<void> close_run(const std::string&, const RunOutcome&) override { return {}; }
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string&, const WaveformHead& head) override {
    return std::make_unique<Writer>(head.purpose);
  }

 private:
  class Writer final : public WaveformWriter {
   public:
    explicit Writer(const std::string& purpose) { record_.purpose = purpose; }
    void samples(const SampleBlock& block) override { record_.samples += block.force.size(); }
    void gap(const std::string& reason) override { record_.gaps.push_back({record_.samples, reason}); }
    void end() override {}
    Result<WaveformRecord> finish() override { return record_; }
    WaveformRecord record_;
  };
};

class CaptureKeeperTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBlock = 4;
  static constexpr std::uint64_t kTicks = 20;

  void block() {
    const std::vector<std::int32_t> counts(kBlock);
    run_->router.samples({tick_, static_cast<double>(kTicks), counts, counts, counts, timeline_->now()});
    tick_ += kBlock * kTicks;
  }
  /// One touch of so many blocks, before whose first something may happen.
  void touch(int blocks, const TouchInputs& inputs, const std::function<void()>& first = {}) {
    Capture capture;
    const StreamRouter::Listening listening = run_->captures.begin_part(capture, "touch nose");
    if (first) first();
    for (int i = 0; i < blocks; ++i) block();
    run_->captures.end();
    run_->captures.analysed_with(inputs);
  }
  std::vector<WaveformRecord> kept() { return run_->captures.finish().value(); }

  std::unique_ptr<Timeline> timeline_ = make_virtual_timeline();
  Plan plan_;
  Product product_;
  RigDescription rig_;
  MemorySink sink_;
  RunObserver observer_;
  StopRequest stop_{*timeline_};
  std::shared_ptr<RunState> run_ = std::make_shared<RunState>(
      RunJob{*timeline_, plan_, product_, rig_, ConnectBench{}, RunHeader{}, sink_, observer_, stop_});
  std::uint64_t tick_ = 1000;
  TouchInputs inputs_;
};

std::string in_words(const std::vector<WaveformPart>& parts) {
  std::string text;
  for (const WaveformPart& p : parts) text += std::to_string(p.first_sample) + "+" + std::to_string(p.samples) + " ";
  return text;
}

TEST_F(CaptureKeeperTest, PutsTouchesThatFollowEachOtherIntoOneWaveform) {
  for (const int blocks : {2, 1, 3}) touch(blocks, inputs_);
  const auto all = kept();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(in_words(all[0].parts), "0+8 8+4 12+12 ");
  EXPECT_EQ(all[0].samples, 24U);
  EXPECT_FALSE(all[0].inputs.empty());
}

TEST_F(CaptureKeeperTest, SaysNothingOfPartsWhereTheOnlyOneIsAllOfIt) {
  touch(2, inputs_);
  const auto all = kept();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].parts.empty());
  EXPECT_FALSE(all[0].inputs.empty());
}

TEST_F(CaptureKeeperTest, BeginsAnotherWaveformWhereSamplesAreLostOrLeftOutOrTheClockJumpsBetweenTwoTouches) {
  const auto lost = [this] { run_->router.gap("lost"); };
  const auto left_out = [this] { tick_ += kTicks; };
  const auto jumped = [this] { tick_ += 2; };
  for (const std::function<void()>& between : std::vector<std::function<void()>>{lost, left_out, jumped}) {
    touch(2, inputs_);
    touch(1, inputs_, between);
    const auto all = kept();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].samples, 8U);
    EXPECT_TRUE(all[0].gaps.empty() && all[0].parts.empty());
    EXPECT_EQ(all[1].samples, 4U);
    EXPECT_TRUE(all[1].parts.empty());
  }
}

TEST_F(CaptureKeeperTest, LeavesAGapWithinATouchToItsWaveform) {
  touch(2, inputs_);
  Capture second;
  const StreamRouter::Listening listening = run_->captures.begin_part(second, "touch nose");
  block();
  run_->router.gap("lost");
  block();
  run_->captures.end();
  run_->captures.analysed_with(inputs_);
  const auto all = kept();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(in_words(all[0].parts), "0+8 8+8 ");
  ASSERT_EQ(all[0].gaps.size(), 1U);
  EXPECT_EQ(all[0].gaps[0].before_sample, 12U);
  EXPECT_EQ(second.gaps.size(), 1U);
}

TEST_F(CaptureKeeperTest, NamesTheFileOnceForEachThatItsPartsWereGiven) {
  TouchInputs warmer = inputs_;
  warmer.in_force.temperature_c = 24.5;
  touch(1, inputs_);
  touch(1, inputs_);
  touch(1, warmer);
  const auto all = kept();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(in_words(all[0].parts), "0+4 4+4 ");
  EXPECT_EQ(in_words(all[1].parts), "8+4 ");
  EXPECT_EQ(all[0].samples, 12U);
  EXPECT_EQ(all[1].samples, 12U);
  EXPECT_EQ(std::get<double>(all[1].inputs.at("temperature_c")), 24.5);
  EXPECT_FALSE(all[0].inputs.contains("temperature_c"));
}

TEST_F(CaptureKeeperTest, KeepsWhatWasNotAnalysedAndCallsItNoPart) {
  touch(2, inputs_);
  Capture given_up;
  const StreamRouter::Listening listening = run_->captures.begin_part(given_up, "touch nose");
  block();
  run_->captures.end();
  const auto all = kept();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].samples, 12U);
  EXPECT_EQ(in_words(all[0].parts), "0+8 ");
}

TEST_F(CaptureKeeperTest, GivesNothingToAPhaseThatHasGone) {
  auto gone = std::make_unique<Capture>();
  std::optional<StreamRouter::Listening> listening;
  {
    const StreamRouter::Listening while_it_lives = run_->captures.begin(*gone, "setting");
    block();
    EXPECT_EQ(gone->size(), 4U);
  }
  block();
  EXPECT_EQ(gone->size(), 4U) << "its sink may be gone, and the stream goes on";
  EXPECT_EQ(kept().front().samples, 4U);
}

TEST_F(CaptureKeeperTest, KeepsOtherCapturesApart) {
  touch(1, inputs_);
  for (int i = 0; i < 2; ++i) {
    Capture setting;
    const StreamRouter::Listening listening = run_->captures.begin(setting, "setting");
    block();
    run_->captures.end();
  }
  touch(1, inputs_);
  EXPECT_EQ(kept().size(), 4U);
}

TEST(PartOfACapture, HasItsSamplesItsGapsAndItsOwnClock) {
  Capture all;
  all.first_tick = 1000;
  all.ticks_per_sample = 20;
  for (std::int32_t i = 0; i < 10; ++i) {
    all.force.push_back(i);
    all.position.push_back(10 + i);
    all.stage.push_back(20 + i);
  }
  all.gaps = {{2, "before"}, {5, "within"}, {8, "behind"}};
  const Capture part = part_of(all, 4, 3);
  EXPECT_EQ(part.first_tick, 1080U);
  EXPECT_EQ(part.force, (std::vector<std::int32_t>{4, 5, 6}));
  EXPECT_EQ(part.stage, (std::vector<std::int32_t>{24, 25, 26}));
  ASSERT_EQ(part.gaps.size(), 1U);
  EXPECT_EQ(part.gaps[0].before_sample, 1U);
}

}  // namespace
}  // namespace penrig
