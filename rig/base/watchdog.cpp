#include "rig/base/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace penrig {

std::optional<Nanoseconds> StallDetector::beat(Nanoseconds now) {
  const Nanoseconds stood = now - last_beat_;
  // A program that was stopped as a whole may come back here before its watchdog runs again.
  const bool stall = stalled_ || stood > kStoppedAfter;
  last_beat_ = now;
  watchdog_late_ = Nanoseconds{0};
  stalled_ = false;
  if (!stall) return std::nullopt;
  return stood;
}

std::optional<Nanoseconds> StallDetector::look(Nanoseconds now) {
  const Nanoseconds stands = now - last_beat_;
  const Nanoseconds late = std::max(Nanoseconds{0}, now - last_look_ - kLookEvery);
  // Of its lateness only what lies after the last beat excuses the loop.
  watchdog_late_ = std::min(watchdog_late_ + late, std::max(Nanoseconds{0}, stands));
  last_look_ = now;
  if (stalled_ || (stands - watchdog_late_ <= kStallAfter && stands <= kStoppedAfter)) return std::nullopt;
  stalled_ = true;
  return stands;
}

struct Watchdog::Impl {
  explicit Impl(std::function<void(Nanoseconds)> noticed_) : noticed(std::move(noticed_)), detector(time_since_boot()) {
    thread = std::thread([this] { watch(); });
  }

  void watch() {
    std::unique_lock<std::mutex> lock(mutex);
    while (!ended.wait_for(lock, StallDetector::kLookEvery, [this] { return over; })) {
      const auto stands = detector.look(time_since_boot());
      if (!stands || !noticed) continue;
      lock.unlock();  // the loop must be able to beat meanwhile
      noticed(*stands);
      lock.lock();
    }
  }

  std::function<void(Nanoseconds)> noticed;
  std::mutex mutex;
  std::condition_variable ended;
  StallDetector detector;
  bool over = false;
  std::thread thread;
};

Watchdog::Watchdog(std::function<void(Nanoseconds)> noticed) : impl_(std::make_unique<Impl>(std::move(noticed))) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->over = true;
  }
  impl_->ended.notify_all();
  impl_->thread.join();
}

std::optional<Nanoseconds> Watchdog::beat() {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->detector.beat(time_since_boot());
}

}  // namespace penrig
