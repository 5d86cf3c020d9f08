#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocols/byte_link.hpp"

namespace penrig {

/// How long the end of a session waits, at most, until the link has taken its goodbye.
inline constexpr Nanoseconds kGoodbyeBound = std::chrono::milliseconds{50};

/// What both ends of a session share: the coroutines that carry a sans-I/O core's bytes to and from a link and call it
/// when its deadlines come. End is the state of one end; it has `core`, `happened()` (hands on what the core reports),
/// and is kept alive by the coroutines themselves, since a session may be destroyed before they have noticed (it is
/// an enable_shared_from_this).
/// The link is touched only while `closing` is false: whoever sets it closes the link first. Only a host that closes
/// its session waits until the link has let go.
template <class End>
class SessionPump {
 public:
  SessionPump(Timeline& timeline, ByteLink& link)
      : timeline_(timeline), link_(link), output_(timeline), earlier_(timeline), flushed_(timeline), ended_(timeline) {}

  Timeline& timeline() { return timeline_; }
  ByteLink& link() { return link_; }
  bool closing() const { return closing_; }

  /// To be called after everything that was done to the core.
  void turn() {
    auto& end = self();
    end.happened();
    if (end.core.has_output()) ask_to_write();
    if (const TimePoint deadline = end.core.next_deadline(); deadline < timer_wakes_) {
      timer_wakes_ = deadline;
      earlier_.wait_no_longer_than(deadline);
    }
  }

  /// Starts a coroutine that close() and the end of serving wait for. It calls one_ended() last.
  void start(Awaitable<void> task) {
    ++running_;
    timeline_.spawn(std::move(task));
  }
  void one_ended() {
    --running_;
    ended_.notify_all();
  }
  Awaitable<void> all_ended() {
    while (running_ > 0) co_await ended_.wait_until(kNever);
  }

  /// Waits until the link has taken all output, at most until the deadline.
  Awaitable<void> flushed(TimePoint deadline) {
    while ((self().core.has_output() || writing_) && !write_failed_ && !closing_) {
      const bool told = co_await flushed_.wait_until(deadline);
      if (!told) break;
    }
  }

  /// Ends the coroutines: they notice at their next turn.
  void shut() {
    if (closing_) return;
    link_.close();
    closing_ = true;
    output_.notify_all();
    earlier_.notify_all();
    flushed_.notify_all();
  }

  /// Reads until the link ends; returns why.
  static Awaitable<Error> read(std::shared_ptr<End> end) {
    constexpr std::size_t kRoom = std::size_t{64} * 1024;
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(kRoom);
    const std::span<std::byte> room(buffer.get(), kRoom);
    for (;;) {
      if (end->closing()) {
        Error closed = fail(Errc::link_lost, "the session is closed");
        co_return closed;
      }
      const Result<std::size_t> count = co_await end->link().read_some(room);
      if (!count) co_return count.error();
      if (end->closing()) continue;
      end->core.bytes_arrived(end->timeline().now(), room.first(*count));
      end->turn();
      end->timeline().run_woken();  // what they send leaves before the link is asked again
    }
  }

  /// Begins to give the link what the core has for it, now and later.
  static void start_writing(const std::shared_ptr<End>& end) {
    end->writes_at_once_ = end->link().takes_at_once();
    if (!end->writes_at_once_) {
      end->start(write(end));
    } else if (end->core.has_output()) {
      end->ask_to_write();
    }
  }

  static Awaitable<void> watch_deadlines(std::shared_ptr<End> end) {
    while (!end->closing()) {
      end->timer_wakes_ = end->core.next_deadline();
      co_await end->earlier_.wait_until(end->timer_wakes_);
      end->timer_wakes_ = kAwake;
      if (end->closing()) break;
      end->core.time_passed(end->timeline().now());
      end->turn();
    }
    end->one_ended();
  }

 private:
  static constexpr TimePoint kAwake{Nanoseconds{std::numeric_limits<std::int64_t>::min()}};
  End& self() { return static_cast<End&>(*this); }

  void ask_to_write() {
    if (!writes_at_once_) {
      output_.notify_all();
    } else if (!closing_ && !std::exchange(will_write_, true)) {
      timeline_.in_turn([end = self().shared_from_this()](bool) { end->write_at_once(); });
    }
  }

  /// What write() does, for a link that nobody has to wait for.
  void write_at_once() {
    End& end = self();
    while (!closing_ && !write_failed_ && end.core.has_output()) {
      std::vector<std::byte> bytes = end.core.take_output(timeline_.now());
      turn();
      if (closing_) break;
      const Result<void> written = link_.write_at_once(bytes);
      end.core.use_again(std::move(bytes));
      if (!written) {
        write_failed_ = true;
        end.write_failed(written.error());
      }
    }
    will_write_ = false;
    flushed_.notify_all();
  }

  static Awaitable<void> write(std::shared_ptr<End> end) {
    while (!end->closing()) {
      if (!end->core.has_output()) {
        end->flushed_.notify_all();
        co_await end->output_.wait_until(kNever);
        continue;
      }
      std::vector<std::byte> bytes = end->core.take_output(end->timeline().now());
      end->turn();  // a retry is due a while after the link took the frame
      end->writing_ = true;
      const std::span<const std::byte> all(bytes);
      const Result<void> written = co_await end->link().write_all(all);
      end->writing_ = false;
      end->core.use_again(std::move(bytes));
      if (!written) {
        end->write_failed_ = true;
        if (!end->closing()) end->write_failed(written.error());
        break;
      }
    }
    end->flushed_.notify_all();
    end->one_ended();
  }

  Timeline& timeline_;
  ByteLink& link_;
  Event output_, earlier_, flushed_, ended_;
  TimePoint timer_wakes_ = kAwake;
  int running_ = 0;
  bool writes_at_once_ = false, will_write_ = false, writing_ = false, write_failed_ = false, closing_ = false;
};

}  // namespace penrig
