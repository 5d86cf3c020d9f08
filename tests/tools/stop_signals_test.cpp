#include "tools/penrig/stop_signals.hpp"

#include <array>
#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

namespace penrig::cli {
namespace {

/// The standard output goes to a pipe while this lives, and what is said to nobody ends nothing.
class OutputToAPipe {
 public:
  OutputToAPipe() : before_(::dup(STDOUT_FILENO)) {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe(ends_.data()), 0);
    EXPECT_EQ(::dup2(ends_[1], STDOUT_FILENO), STDOUT_FILENO);
  }
  ~OutputToAPipe() {
    ::dup2(before_, STDOUT_FILENO);
    for (const int end : {before_, ends_[0], ends_[1]}) ::close(end);
    std::signal(SIGPIPE, SIG_DFL);
  }
  OutputToAPipe(const OutputToAPipe&) = delete;
  OutputToAPipe& operator=(const OutputToAPipe&) = delete;

  void lose_the_reader() {
    ::close(ends_[0]);
    ends_[0] = ::dup(before_);
  }

 private:
  int before_;
  std::array<int, 2> ends_{};
};

TEST(StopSignals, SeeASignalByTheNextPollInVirtualTime) {
  const auto timeline = make_virtual_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  for (int i = 0; i < 1000; ++i) signals.poll();
  EXPECT_FALSE(stop.requested());
  std::raise(SIGTERM);
  EXPECT_FALSE(stop.requested());
  signals.poll();
  EXPECT_EQ(stop.why(), "SIGTERM");
}

TEST(StopSignals, SeeBySomePollThatNobodyReadsTheOutputAnyMore) {
  OutputToAPipe output;
  const auto timeline = make_virtual_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  signals.poll();
  ASSERT_FALSE(stop.requested());
  output.lose_the_reader();
  for (int i = 0; i < 100'000'000 && !stop.requested(); ++i) signals.poll();
  EXPECT_EQ(stop.why(), "the loss of its standard output (nobody reads it any more)");
}

TEST(StopSignals, SeeByTheFirstPollThatNobodyReadsTheOutput) {
  OutputToAPipe output;
  output.lose_the_reader();
  const auto timeline = make_virtual_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  signals.poll();
  EXPECT_TRUE(stop.requested());
}

}  // namespace
}  // namespace penrig::cli
