#include <gtest/gtest.h>

#include "rig/ports/observer.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// Holds each step's progress against the one before.
class Watcher final : public RunObserver {
 public:
  void progress(const Progress& now) override {
    EXPECT_GE(now.fraction, last_.fraction) << now.label << ", stroke " << now.stroke << " of " << now.strokes;
    if (told_ > 0) {
      EXPECT_LE(now.seconds_left, last_.seconds_left) << now.label;
    }
    last_ = now;
    ++told_;
  }
  const Progress& last() const { return last_; }
  int told() const { return told_; }

 private:
  Progress last_;
  int told_ = 0;
};

TEST(ProgressOfARun, NeverGoesBack) {
  Watcher watcher;
  VirtualRun what;
  what.watched_by = &watcher;
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
  EXPECT_GT(watcher.told(), 50);
  EXPECT_GT(watcher.last().fraction, 0.7);
}

}  // namespace
}  // namespace penrig::test
