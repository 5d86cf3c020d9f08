// A station's rig: the slot carries the question, whoever answers it is recorded, and its pictures are those of the
// run.
#include <gmock/gmock.h>

#include "reports/digest.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "tests/asked/asking_plan.hpp"
#include "tests/system/variable.hpp"
#include "tools/penrig/station_rig.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;

class StationAsks : public ::testing::Test, public SlotListener {
 protected:
  StationAsks() {
    RunOptions each;
    each.rig = "sim:seed=1&slots=2";
    each.records = (folder_.path() / "records").string();
    auto rig = StationRig::open(*timeline_, each, {test::kAskingPlan});
    if (!rig) throw std::runtime_error(rig.error().message);
    rig_ = std::move(*rig);
    rig_->tell(this);
  }
  ~StationAsks() override { rig_->tell(nullptr); }

  void changed(const SlotStatus& status) override {
    if (status.slot != "1") return;
    if (status.prompt && status.prompt->id != last_id_) {
      last_id_ = status.prompt->id;
      if (on_prompt) on_prompt(*status.prompt);
    }
    now_ = status;
  }
  void samples(const std::string&, const WaveformHead&, const SampleBlock&) override {}
  void readings(const SlotReadings&) override {}
  void bench_changed(const BenchStatus&) override {}

  void answer_later(const std::string& id, AnswerValue value) { timeline_->spawn(answered(id, std::move(value))); }
  Awaitable<void> answered(std::string id, AnswerValue value) {
    co_await timeline_->sleep_for(std::chrono::seconds{2});
    const Result<std::string> given = rig_->answer("1", id, value, "ada at the station");
    answers += given ? *given + "\n" : given.error().message + "\n";
  }
  void run_to_end() {
    StartRequest request;
    request.slot = "1";
    request.plan = "inspect-pro";
    request.serial_number = "PRO-0001";
    request.who = "ada";
    ASSERT_TRUE(rig_->start(request));
    timeline_->run(ended());
  }
  Awaitable<int> ended() {
    co_await rig_->all_ended();
    co_return 0;
  }

  std::function<void(const AskedPrompt&)> on_prompt;
  std::string answers;
  penrig::test::Variable no_keys_{"XDG_CONFIG_HOME", "/nowhere"};  ///< a developer's key would sign
  ScratchDirectory folder_;
  std::unique_ptr<Timeline> timeline_ = make_virtual_timeline();
  SlotStatus now_;
  std::string last_id_;
  std::unique_ptr<StationRig> rig_;
};

TEST_F(StationAsks, AWholeRunIsAnsweredAtTheStation) {
  std::vector<std::string> pictures;
  on_prompt = [&](const AskedPrompt& prompt) {
    for (const std::string& sha256 : prompt.pictures) {
      const auto picture = rig_->picture(sha256);
      ASSERT_TRUE(picture);
      EXPECT_EQ(picture->type, "image/svg+xml");
      EXPECT_EQ(sha256_hex(picture->bytes), sha256);
      pictures.push_back(sha256);
    }
    const std::map<std::string, AnswerValue> says{{"cartridge", true},
                                                  {"tip inspection", true},
                                                  {"seal", std::string("whole")},
                                                  {"seal width", 2.2},
                                                  {"room", 40.0}};
    answer_later(prompt.id, says.at(prompt.what.name));
  };
  run_to_end();
  EXPECT_EQ(now_.verdict, Verdict::pass) << now_.reason;
  EXPECT_FALSE(now_.prompt);
  EXPECT_EQ(answers, "done\nstraight\nwhole\n2.2 mm\n40 %\n");
  EXPECT_EQ(pictures.size(), 2U);
  EXPECT_FALSE(rig_->picture(std::string(64, '0')));
  EXPECT_FALSE(rig_->answer("1", last_id_, true, "ada")) << "it is over";
  EXPECT_FALSE(rig_->answer("2", last_id_, true, "ada")) << "never asked there";
  EXPECT_FALSE(rig_->answer("9", last_id_, true, "ada"));
  const auto store = RecordStore::open_existing(folder_.path() / "records");
  ASSERT_TRUE(store);
  const auto record = (*store)->load_run(now_.run_id);
  ASSERT_TRUE(record);
  std::string notes;
  for (const Measurement& m : record->outcome.measurements) notes += m.note + "\n";
  EXPECT_THAT(notes, HasSubstr("answered by ada at the station after 2.0 s"));
}

TEST_F(StationAsks, AStopWhileItAsksEndsTheRunAndTheQuestion) {
  on_prompt = [&](const AskedPrompt&) { EXPECT_TRUE(rig_->stop("1", "bob at the station")); };
  run_to_end();
  EXPECT_EQ(now_.verdict, Verdict::aborted) << now_.reason;
  EXPECT_FALSE(now_.prompt);
  EXPECT_TRUE(now_.safe_state_confirmed);
}

}  // namespace
}  // namespace penrig::cli
