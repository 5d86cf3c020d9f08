#include "tools/penrig/stop_signals.hpp"

#include <csignal>
#include <optional>
#include <string>

#include <boost/asio/signal_set.hpp>

namespace penrig::cli {
namespace {

volatile std::sig_atomic_t g_caught = 0;
extern "C" void penrig_note_signal(int number) { g_caught = number; }

std::string name_of_signal(int number) {
  switch (number) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGHUP:
      return "SIGHUP";
    default:
      return "signal " + std::to_string(number);
  }
}

}  // namespace

struct StopSignals::Impl {
  Impl(Timeline& line, StopRequest& stop_request) : timeline(line), stop(stop_request) {}

  void wait() {
    signals->async_wait([this](const boost::system::error_code& ec, int number) {
      if (ec) return;
      stop.request(name_of_signal(number));
      wait();
    });
  }

  Timeline& timeline;
  StopRequest& stop;
  std::optional<boost::asio::signal_set> signals;  // real time only
};

StopSignals::StopSignals(Timeline& timeline, StopRequest& stop) : impl_(std::make_unique<Impl>(timeline, stop)) {
  g_caught = 0;
  if (timeline.is_virtual()) {
    struct sigaction note {};  // without SA_RESTART: a signal ends the wait for a pipe that nobody writes to
    note.sa_handler = penrig_note_signal;
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &note, nullptr);
    return;
  }
  impl_->signals.emplace(timeline.io(), SIGINT, SIGTERM, SIGHUP);
  impl_->wait();
}

StopSignals::~StopSignals() {
  if (impl_->signals) return;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);
}

void StopSignals::poll() {
  boost::asio::io_context& io = impl_->timeline.io();
  if (impl_->signals && !io.get_executor().running_in_this_thread()) io.poll();
  if (g_caught != 0) impl_->stop.request(name_of_signal(g_caught));
}

}  // namespace penrig::cli
