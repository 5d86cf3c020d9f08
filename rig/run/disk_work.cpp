#include "rig/run/disk_work.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

namespace penrig {
namespace {

/// One piece of work under way. Shared: the worker may come back when nobody waits any more.
struct Piece {
  explicit Piece(Timeline& timeline) : told(timeline) {}
  bool done = false;
  std::exception_ptr thrown;
  Event told;
};

Awaitable<void> do_piece(Timeline& timeline, std::function<void()> work, std::shared_ptr<Piece> piece,
                         std::shared_ptr<void>) {
  std::exception_ptr thrown;
  try {
    co_await timeline.run_blocking(std::move(work));
  } catch (...) {
    thrown = std::current_exception();
  }
  piece->thrown = thrown;
  piece->done = true;
  piece->told.notify_all();
}

double seconds_of(Nanoseconds time) { return static_cast<double>(time.count()) * 1e-9; }

}  // namespace

DiskWork::DiskWork(Timeline& timeline, DiskBounds bounds, std::function<Awaitable<void>(std::string)> while_slow)
    : timeline_(timeline), bounds_(bounds), while_slow_(std::move(while_slow)) {}

Awaitable<Result<void>> DiskWork::run(std::string what, std::function<void()> work, std::shared_ptr<void> owned) {
  if (timeline_.is_virtual()) {
    co_await timeline_.run_blocking(std::move(work));
    co_return Result<void>{};
  }
  if (hangs_) {
    co_return fail(Errc::io,
                   fmt::format("the disk of the records hung, so this was not tried any more: {} (look at the "
                               "disk, then start this program again)",
                               what));
  }
  const TimePoint began = timeline_.now();
  auto piece = std::make_shared<Piece>(timeline_);
  timeline_.spawn(do_piece(timeline_, std::move(work), piece, std::move(owned)));
  while (!piece->done && timeline_.now() < began + bounds_.slow_after) {
    co_await piece->told.wait_until(began + bounds_.slow_after);
  }
  if (!piece->done && while_slow_) {
    std::string slow = fmt::format(
        "the disk of the records has not answered for {:g} s ({}); the rig is made safe "
        "meanwhile",
        seconds_of(bounds_.slow_after), what);
    co_await while_slow_(std::move(slow));
  }
  while (!piece->done && timeline_.now() < began + bounds_.hangs_after) {
    co_await piece->told.wait_until(began + bounds_.hangs_after);
  }
  if (!piece->done) {
    hangs_ = true;
    co_return fail(Errc::io, fmt::format("the disk of the records has not answered for {:g} s ({}): it hangs (look at "
                                         "the disk and its file system, then run `penrig records recover`)",
                                         seconds_of(bounds_.hangs_after), what));
  }
  if (piece->thrown) std::rethrow_exception(piece->thrown);
  co_return Result<void>{};
}

}  // namespace penrig
