#include "rig/run/disk_work.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penrig {
namespace {

using std::chrono::milliseconds;

constexpr DiskBounds kShort{milliseconds{20}, milliseconds{60}}, kUsual{};

/// A disk that answers when the test lets it.
struct HeldDisk {
  std::promise<void> let_go;
  std::shared_future<void> gone = let_go.get_future().share();
  std::function<void()> work() {
    return [held = gone] { held.wait(); };
  }
};

Awaitable<void> note(std::vector<std::string>& slow, std::string text) {
  slow.push_back(std::move(text));
  co_return;
}

struct Seen {
  std::vector<Result<void>> said;
  std::vector<std::string> slow;
  bool hangs = false;
  std::int64_t loop_turns = 0;
};

/// Counts how often the loop came round while the disk was waited for.
Awaitable<void> turn(Timeline& timeline, std::shared_ptr<bool> over, std::int64_t& turns) {
  while (!*over) {
    ++turns;
    co_await timeline.sleep_for(milliseconds{1});
  }
}

Awaitable<int> do_all(Timeline& timeline, std::vector<std::function<void()>> pieces, Seen& seen,
                      DiskBounds bounds = kShort) {
  DiskWork disk(timeline, bounds, [&seen](std::string text) { return note(seen.slow, std::move(text)); });
  auto over = std::make_shared<bool>(false);
  timeline.spawn(turn(timeline, over, seen.loop_turns));
  for (auto& piece : pieces) {
    const Result<void> said = co_await disk.run("writing phase 'x'", std::move(piece), nullptr);
    seen.said.push_back(said);
  }
  seen.hangs = disk.hangs();
  *over = true;
  co_return 0;
}

TEST(DiskWork, OfADiskThatAnswersSaysNothing) {
  auto timeline = make_real_timeline();
  Seen seen;
  std::vector<std::function<void()>> pieces{[] {}};
  timeline->run(do_all(*timeline, std::move(pieces), seen, kUsual));
  EXPECT_TRUE(seen.said.at(0));
  EXPECT_TRUE(seen.slow.empty());
  EXPECT_FALSE(seen.hangs);
}

TEST(DiskWork, OfADiskThatHangsIsAnErrorWithinItsBoundWhileTheLoopGoesOnAndNothingIsTriedAfterwards) {
  HeldDisk disk;
  bool tried = false;
  auto timeline = make_real_timeline();
  Seen seen;
  std::vector<std::function<void()>> pieces{disk.work(), [&tried] { tried = true; }};
  timeline->run(do_all(*timeline, std::move(pieces), seen));
  ASSERT_EQ(seen.said.size(), 2U);
  ASSERT_FALSE(seen.said[0]);
  EXPECT_EQ(seen.said[0].error().code, Errc::io);
  EXPECT_NE(seen.said[0].error().message.find("has not answered for 0.06 s (writing phase 'x'): it hangs"),
            std::string::npos)
      << seen.said[0].error().message;
  EXPECT_FALSE(seen.said[1]);
  EXPECT_FALSE(tried);
  EXPECT_TRUE(seen.hangs);
  EXPECT_EQ(seen.slow.size(), 1U) << "made safe meanwhile";
  EXPECT_GT(seen.loop_turns, 5);
  disk.let_go.set_value();
}

TEST(DiskWork, OfADiskThatThrowsThrows) {
  for (const bool is_virtual : {false, true}) {
    auto timeline = is_virtual ? make_virtual_timeline() : make_real_timeline();
    Seen seen;
    std::vector<std::function<void()>> pieces{[] { throw std::runtime_error("full"); }};
    EXPECT_THROW(timeline->run(do_all(*timeline, std::move(pieces), seen)), std::runtime_error);
  }
}

}  // namespace
}  // namespace penrig
