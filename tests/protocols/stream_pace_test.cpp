#include "protocols/stream_pace.hpp"

#include <gtest/gtest.h>

namespace penrig {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Links of one timeline whose reads give so many bytes, each as often as the other.
class Streams {
 public:
  explicit Streams(int links) {
    for (int i = 0; i < links; ++i) paces_.emplace_back(StreamRounds::of(*timeline_));
  }
  void read_for(Nanoseconds time, Nanoseconds every, std::size_t bytes) {
    for (const TimePoint end = now_ + time; now_ < end; now_ = now_ + every) {
      for (StreamPace& pace : paces_) pace.came(now_, bytes);
    }
  }
  /// The points of the clock at which the first link is read next; 0: as it comes.
  Nanoseconds next_round() const { return paces_.front().next_round(now_).value_or(TimePoint{}).since_start; }
  Nanoseconds round() const {
    const Nanoseconds next = next_round();
    if (next == Nanoseconds{0}) return next;
    return paces_.front().next_round(TimePoint{next})->since_start - next;
  }
  TimePoint now() const { return now_; }

 private:
  std::unique_ptr<Timeline> timeline_ = make_virtual_timeline();
  std::vector<StreamPace> paces_;
  TimePoint now_{std::chrono::seconds{5}};
};

constexpr Nanoseconds kAsItComes{0};

TEST(StreamPace, ReadsAsItComesBeforeItKnowsWhatComes) {
  Streams four(4);
  EXPECT_EQ(four.round(), kAsItComes);
  four.read_for(milliseconds{80}, microseconds{5120}, 820);
  EXPECT_EQ(four.round(), kAsItComes);
}

TEST(StreamPace, LeavesOneDaqAlone) {
  Streams one(1);
  one.read_for(milliseconds{500}, microseconds{5120}, 820);
  EXPECT_EQ(one.round(), kAsItComes);
}

TEST(StreamPace, ReadsSeveralLinksInRoundsThatTheyShare) {
  Streams four(4);
  four.read_for(milliseconds{500}, microseconds{5120}, 820);
  EXPECT_EQ(four.round(), kUsualRound);
  EXPECT_EQ(four.next_round() % kUsualRound, Nanoseconds{0});
  EXPECT_GT(four.next_round(), four.now().since_start);
  EXPECT_LE(four.next_round() - four.now().since_start, kUsualRound);
}

TEST(StreamPace, GoesOnWhereEachRoundFindsSomethingAndEndsWhereFewDo) {
  Streams one(1);
  one.read_for(milliseconds{500}, microseconds{2560}, 820);
  EXPECT_EQ(one.round(), kUsualRound);
  one.read_for(milliseconds{500}, kUsualRound, 1280);
  EXPECT_EQ(one.round(), kUsualRound);
  one.read_for(milliseconds{500}, microseconds{10240}, 820);
  EXPECT_EQ(one.round(), kAsItComes);
}

TEST(StreamPace, MakesRoundsLongerWhereManyShareThem) {
  Streams dozen(12);
  dozen.read_for(milliseconds{500}, kUsualRound, 600);
  EXPECT_EQ(dozen.round(), kUsualRound);
  Streams many(16);
  many.read_for(milliseconds{500}, microseconds{5120}, 820);
  EXPECT_EQ(many.round(), kRoundOfMany);
  many.read_for(milliseconds{500}, kRoundOfMany, 1280);
  EXPECT_EQ(many.round(), kRoundOfMany) << "each link has something once a round, and stays with it";
  many.read_for(milliseconds{500}, kRoundOfMany, 2 * 1280);
  EXPECT_EQ(many.round(), kUsualRound) << "no terminal holds what would come in a longer one";
  Streams few(7);
  few.read_for(milliseconds{500}, microseconds{5120}, 820);
  EXPECT_EQ(few.round(), kUsualRound);
}

TEST(StreamPace, MakesRoundsShorterWhereMoreComes) {
  Streams two(2);
  two.read_for(milliseconds{500}, kUsualRound, 3200);
  EXPECT_EQ(two.round(), kUsualRound / 2);
  two.read_for(milliseconds{500}, kUsualRound / 2, 3200);
  EXPECT_EQ(two.round(), kShortestRound);
  two.read_for(milliseconds{500}, kShortestRound, 3200);
  EXPECT_EQ(two.round(), kAsItComes);
  two.read_for(milliseconds{500}, kUsualRound, 800);
  EXPECT_EQ(two.round(), kUsualRound);
}

TEST(StreamPace, ReadsAsItComesAtOnceWhereARoundFoundATerminalFull) {
  Streams four(4);
  four.read_for(milliseconds{500}, microseconds{5120}, 820);
  four.read_for(milliseconds{1}, milliseconds{1}, kTerminalHolds);
  EXPECT_EQ(four.round(), kAsItComes);
}

TEST(StreamPace, TakesAPauseForNoSlowStream) {
  Streams four(4);
  four.read_for(milliseconds{500}, microseconds{5120}, 820);
  four.read_for(std::chrono::seconds{3}, std::chrono::seconds{1}, 820);
  EXPECT_EQ(four.round(), kUsualRound);
}

}  // namespace
}  // namespace penrig
