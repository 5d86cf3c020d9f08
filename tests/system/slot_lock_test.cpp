#include "tools/penrig/slot_lock.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/evidence/audit_entry.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

class SlotLock : public ::testing::Test {
 protected:
  /// A run of a rig and slot, as its program closed it.
  std::string run(bool confirmed, bool reached = true, const std::string& slot = "1",
                  const std::string& rig = "bench") {
    const std::string id = open(slot, rig);
    RunOutcome outcome;
    outcome.verdict = Verdict::error;
    outcome.reason = "something broke";
    outcome.safe_state_confirmed = confirmed;
    if (reached) outcome.pen = PenIdentity{};
    PhaseRecord teardown;
    teardown.name = teardown.kind = "teardown";
    if (!confirmed) teardown.error = "the pen says that its motor runs";
    EXPECT_TRUE(store_->add_phase(id, teardown));
    EXPECT_TRUE(store_->close_run(id, outcome));
    return id;
  }
  std::string open(const std::string& slot = "1", const std::string& rig = "bench") {
    RunHeader header;
    header.serial_number = "PRO-0001";
    header.plan_name = "smoke";
    header.slot = slot;
    header.rig_name = rig;
    header.simulation = simulation_;
    return store_->open_run(header).value();
  }
  /// The run that locks slot 1 of the bench; empty: it is free.
  std::string locked_by() {
    const auto lock = cli::slot_lock(*store_, "bench", "1").value();
    return lock ? lock->run_id : "";
  }

  std::string simulation_;
  ScratchDirectory folder_;
  std::unique_ptr<RecordStore> store_ = RecordStore::open(folder_.path()).value();
};

TEST_F(SlotLock, IsNotThereWithoutRunsAndAfterAConfirmedSafeState) {
  EXPECT_EQ(locked_by(), "");
  run(true);
  EXPECT_EQ(locked_by(), "");
}

TEST_F(SlotLock, IsLeftByARunThatCouldNotConfirmItsSafeStateAndSaysWhy) {
  const std::string id = run(false);
  EXPECT_EQ(locked_by(), id);
  const auto lock = cli::slot_lock(*store_, "bench", "1").value();
  EXPECT_EQ(lock->why, "the pen says that its motor runs");
  const std::string text = cli::locked_text(*lock, "bench", "bench.yaml", "1", "line 2");
  EXPECT_NE(text.find("penrig unlock 1 --rig bench.yaml --records 'line 2' --reason TEXT"), std::string::npos) << text;
}

TEST_F(SlotLock, IsNotHiddenByARunThatNeverReachedTheBench) {
  const std::string id = run(false);
  run(false, false);
  EXPECT_EQ(locked_by(), id);
}

TEST_F(SlotLock, IsNotForgottenOverHoweverManyRunsThatSayNothingOfTheSlot) {
  const std::string id = run(false);
  for (int i = 0; i < 110; ++i) run(false, false);
  for (int i = 0; i < 5; ++i) run(true, true, "1", "another bench");
  simulation_ = "sim:seed=1";
  for (int i = 0; i < 110; ++i) run(false, false);
  EXPECT_EQ(locked_by(), id);
}

TEST_F(SlotLock, IsLiftedByALaterConfirmedSafeState) {
  run(false);
  run(true);
  EXPECT_EQ(locked_by(), "");
}

TEST_F(SlotLock, IsLiftedByAHandForThatRunAlone) {
  const std::string id = run(false);
  AuditEntry entry{.at_utc_ns = 1, .who = "a", .action = audit::kSlotUnlocked, .subject = "slot 1 of bench"};
  entry.reason = "looked";
  entry.old_value = nlohmann::ordered_json{{"locked_by", id}};
  ASSERT_TRUE(store_->add_audit(entry));
  EXPECT_EQ(locked_by(), "");
  const std::string next = run(false);
  EXPECT_EQ(locked_by(), next);
}

TEST_F(SlotLock, IsOfItsOwnSlotAndRig) {
  run(false, true, "2");
  run(false, true, "1", "another bench");
  EXPECT_EQ(locked_by(), "");
}

TEST_F(SlotLock, IsLeftByAProgramThatDied) {
  const std::string id = open();
  EXPECT_EQ(locked_by(), "") << "it is running";
  store_.reset();
  store_ = RecordStore::open(folder_.path()).value();
  ASSERT_EQ(store_->close_interrupted(kVirtualEpochUtcNs).value().size(), 1U);
  EXPECT_EQ(locked_by(), id);
}

TEST_F(SlotLock, IsNeverLeftByARigInTheProgramsOwnProcess) {
  simulation_ = "sim:seed=1";
  run(false);
  EXPECT_EQ(locked_by(), "");
}

}  // namespace
}  // namespace penrig::test
