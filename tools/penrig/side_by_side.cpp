#include "tools/penrig/side_by_side.hpp"

#include <algorithm>
#include <utility>

namespace penrig::cli {
namespace {

Awaitable<void> one(SlotRun& run, std::size_t& left, Event& ended) {
  co_await run.go();
  --left;
  ended.notify_all();
}

Awaitable<int> drive(Timeline& timeline, std::vector<std::unique_ptr<SlotRun>>& runs) {
  std::size_t left = runs.size();
  Event ended(timeline);
  for (const auto& run : runs) timeline.spawn(one(*run, left, ended));
  // NOLINTNEXTLINE(bugprone-infinite-loop): one() counts it, in coroutines that clang-tidy does not follow
  while (left > 0) co_await ended.wait_until(timeline.now() + std::chrono::hours{1});
  co_return 0;
}

}  // namespace

Result<void> SideBySide::run(const std::vector<RunOptions>& each, std::vector<PreparedRun> prepared,
                             const std::function<RunView&(std::size_t)>& view, const Refused& refused) {
  const Inputs of_rig = prepared.front().inputs;
  if (auto valid = check_calibration(of_rig.rig, timeline_.utc_ns(timeline_.now())); !valid) return valid.error();
  std::vector<std::size_t> places;  // of runs_ among each
  for (std::size_t i = 0; i < each.size(); ++i) {
    auto run = std::make_unique<SlotRun>(each[i], std::move(prepared[i]), view(i), stop_, [this] { signals_.poll(); });
    if (auto locked = run->lock(); !locked) {
      refused(i, locked.error());
    } else {
      runs_.push_back(std::move(run));
      places.push_back(i);
    }
  }
  if (runs_.empty()) return {};
  auto taken = RigInHand::take(timeline_, each.front(), of_rig);
  if (!taken) {
    runs_.clear();
    return taken.error();
  }
  rig_ = std::move(*taken);
  std::vector<std::unique_ptr<SlotRun>> fit;
  for (std::size_t k = 0; k < runs_.size(); ++k) {
    if (auto fits = runs_[k]->check(*rig_); !fits) {
      refused(places[k], fits.error());
    } else {
      fit.push_back(std::move(runs_[k]));
    }
  }
  runs_ = std::move(fit);
  if (runs_.empty()) return {};
  // Each has asked for its own room alone.
  RunSize all;
  for (const auto& run : runs_) all = all + run_size(run->prepared());
  all.traced = each.front().trace;
  if (auto fits = rig_->store->check_space(all); !fits) {
    runs_.clear();
    return fits.error();
  }
  timeline_.run(drive(timeline_, runs_));
  return {};
}

bool SideBySide::disk_hangs() const {
  return std::ranges::any_of(runs_, [](const auto& run) { return run->disk_hangs(); });
}

}  // namespace penrig::cli
