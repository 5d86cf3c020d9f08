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
  explicit Impl(StopRequest& stop_request) : stop(stop_request) {}

  void wait() {
    signals->async_wait([this](const boost::system::error_code& ec, int number) {
      if (ec) return;
      stop.request(name_of_signal(number));
      wait();
    });
  }

  StopRequest& stop;
  std::optional<boost::asio::signal_set> signals;  // real time only
};

StopSignals::StopSignals(Timeline& timeline, StopRequest& stop) : impl_(std::make_unique<Impl>(stop)) {
  g_caught = 0;
  if (timeline.is_virtual()) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, penrig_note_signal);
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
  if (g_caught != 0) impl_->stop.request(name_of_signal(g_caught));
}

}  // namespace penrig::cli
