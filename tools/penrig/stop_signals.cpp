#include "tools/penrig/stop_signals.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace penrig::cli {
namespace {

constexpr Nanoseconds kLookAtOutputs = std::chrono::milliseconds{100};
/// In virtual time, of the time that a reader lives in: poll() comes every 0.1 ms of it, a system call does not.
constexpr Nanoseconds kLookAtOutputsAgain = std::chrono::milliseconds{20};

volatile std::sig_atomic_t g_caught = 0, g_count = 0;
extern "C" void penrig_note_signal(int number) {
  if (g_caught == 0) g_caught = number;
  g_count = g_count + 1;
}

std::string name_of_signal(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    case SIGQUIT:
      return "SIGQUIT";
    case SIGTSTP:
      return "SIGTSTP (Ctrl-Z; a run cannot be paused)";
    default:
      return "signal " + std::to_string(number);
  }
}

std::vector<int> signals_for(InHand in_hand) {
  if (in_hand == InHand::nothing) return {SIGINT, SIGTERM, SIGHUP};
  return {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
}

/// Which standard stream leads nowhere any more; null: none.
const char* lost_output() {
  std::array<pollfd, 2> outputs{{{STDOUT_FILENO, 0, 0}, {STDERR_FILENO, 0, 0}}};
  if (::poll(outputs.data(), outputs.size(), 0) <= 0) return nullptr;
  if ((outputs[0].revents & (POLLERR | POLLHUP)) != 0) return "the loss of its standard output";
  if ((outputs[1].revents & (POLLERR | POLLHUP)) != 0) return "the loss of its standard error";
  return nullptr;
}

}  // namespace

struct StopSignals::Impl {
  Impl(Timeline& line, StopRequest& stop_request, InHand what)
      : timeline(line), stop(stop_request), in_hand(what), numbers(signals_for(what)) {}

  void wait() {
    signals->async_wait([this](const boost::system::error_code& ec, int number) {
      if (ec) return;
      caught(number);
      wait();
    });
  }
  void caught(int number) {
    if (!stop.requested()) {
      requested_at = timeline.now();
      stop.request(name_of_signal(number));
      return;
    }
    if (in_hand == InHand::nothing) return;
    if (!requested_at) requested_at = timeline.now();
    spdlog::warn(
        "{} again: the safe state is not skipped. The rig is being stopped and withdrawn, and looked at; "
        "that takes {:.0f} s at most, of which {:.1f} s are over (its own e-stop is quicker)",
        name_of_signal(number), TimePoint{kSafeStateBound}.seconds(),
        TimePoint{timeline.now() - *requested_at}.seconds());
  }
  /// Unless it was just now.
  void look_at_outputs_again() {
    const TimePoint now = clock->now();
    if (looked_at && now - *looked_at < kLookAtOutputsAgain) return;
    looked_at = now;
    look_at_outputs();
  }
  void look_at_outputs() {
    if (in_hand == InHand::nothing || stop.requested()) return;
    const char* lost = lost_output();
    if (lost == nullptr) return;
    requested_at = timeline.now();
    const std::string why = std::string(lost) + " (nobody reads it any more)";
    spdlog::warn("stopping after {}: what runs goes to its safe state (to see only a part, write it to a file)", why);
    stop.request(why);
  }

  Timeline& timeline;
  StopRequest& stop;
  InHand in_hand;
  std::vector<int> numbers;
  std::optional<TimePoint> requested_at;
  int seen = 0;                                                  // virtual time: of g_count
  const std::unique_ptr<Timeline> clock = make_real_timeline();  // that a reader lives by
  std::optional<TimePoint> looked_at;                            // at the outputs, by poll()
  std::optional<boost::asio::signal_set> signals;                // real time only
  std::shared_ptr<Impl*> alive;                                  // for the coroutine, which may be left when this goes
};

namespace {

/// Ends when what it points to is null.
template <class Impl>
Awaitable<void> watch_outputs(Timeline& timeline, std::shared_ptr<Impl*> watched) {
  while (*watched != nullptr) {
    (*watched)->look_at_outputs();
    co_await timeline.sleep_for(kLookAtOutputs);
  }
}

}  // namespace

StopSignals::StopSignals(Timeline& timeline, StopRequest& stop, InHand in_hand)
    : impl_(std::make_unique<Impl>(timeline, stop, in_hand)) {
  g_caught = 0;
  g_count = 0;
  // In the background of a terminal with `stty tostop`, saying something must not stop the program.
  if (in_hand == InHand::rig) std::signal(SIGTTOU, SIG_IGN);
  if (timeline.is_virtual()) {
    struct sigaction note {};  // without SA_RESTART: a signal ends the wait for a pipe that nobody writes to
    note.sa_handler = penrig_note_signal;
    for (const int number : impl_->numbers) sigaction(number, &note, nullptr);
    return;
  }
  impl_->signals.emplace(timeline.io());
  for (const int number : impl_->numbers) impl_->signals->add(number);
  impl_->wait();
  if (in_hand == InHand::nothing) return;
  impl_->alive = std::make_shared<Impl*>(impl_.get());
  timeline.spawn(watch_outputs(timeline, impl_->alive));
}

StopSignals::~StopSignals() {
  if (impl_->alive) *impl_->alive = nullptr;
  if (impl_->in_hand == InHand::rig) std::signal(SIGTTOU, SIG_DFL);
  if (impl_->signals) return;
  for (const int number : impl_->numbers) std::signal(number, SIG_DFL);
}

void StopSignals::poll() {
  boost::asio::io_context& io = impl_->timeline.io();
  if (impl_->signals && !io.get_executor().running_in_this_thread()) io.poll();
  for (; impl_->seen < g_count; ++impl_->seen) impl_->caught(g_caught);
  impl_->look_at_outputs_again();
}

void say_loop_stalled(Nanoseconds stands) {
  pollfd err{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&err, 1, 0) != 1 || (err.revents & POLLOUT) == 0) return;
  const std::string text = fmt::format(
      "penrig: error: the event loop has stood still for {} ms: pen and DAQ make themselves safe by their dead-man, "
      "this run is an ERROR\n",
      stands.count() / 1'000'000);
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // whoever closed it reads nothing
}

}  // namespace penrig::cli
