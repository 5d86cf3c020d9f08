#include "protocols/session.hpp"

#include <map>
#include <optional>
#include <utility>

#include <penrig.pb.h>

#include "protocols/prompt_answers.hpp"
#include "protocols/session_core.hpp"
#include "protocols/session_pump.hpp"

namespace penrig {
namespace {

/// Shared, because a session can be destroyed while its coroutines and callers still wait: they keep this block.
struct HostEnd : SessionPump<HostEnd>, std::enable_shared_from_this<HostEnd> {
  HostEnd(Timeline& timeline, ByteLink& link, SessionConfig config)
      : SessionPump(timeline, link), core(std::move(config), link.name()), answered(timeline) {}

  void happened() {
    while (auto happening = core.take_happening()) {
      if (auto* completed = std::get_if<HostCore::Completed>(&*happening)) {
        answers.emplace(completed->id, std::move(completed->answer));
        answered.notify_all();
      } else if (auto* unsolicited = std::get_if<HostCore::Unsolicited>(&*happening)) {
        if (on_unsolicited) on_unsolicited(unsolicited->envelope);
        core.use_again(std::move(*unsolicited));
      } else if (auto* lost = std::get_if<HostCore::Lost>(&*happening)) {
        if (on_lost) on_lost(lost->reason);
      }
    }
    const bool in_rounds = streams && !core.owes_a_reply();
    if (in_rounds == reads_in_rounds || closing()) return;
    reads_in_rounds = in_rounds;
    link().allow_rounds(in_rounds);
  }
  void write_failed(const Error& why) {
    core.link_ended(why);
    turn();
  }

  HostCore core;
  std::map<HostCore::RequestId, Result<Answer>> answers;  // of those who wait
  Event answered;
  std::function<void(const wire::Envelope&)> on_unsolicited;
  std::function<void(const Error&)> on_lost;
  SessionCounters counters;
  PromptAnswers prompt_answers;
  bool opened = false;
  bool streams = false, reads_in_rounds = false;
};

using HostEndPtr = std::shared_ptr<HostEnd>;

Awaitable<void> read_until_lost(HostEndPtr end) {
  const Error why = co_await HostEnd::read(end);
  if (!end->closing()) {
    end->core.link_ended(why);
    end->turn();
  }
  end->one_ended();
}

Awaitable<Result<Answer>> answer_to(HostEndPtr end, HostCore::RequestId id) {
  for (;;) {
    if (auto node = end->answers.extract(id)) co_return std::move(node.mapped());
    co_await end->answered.wait_until(kNever);  // the core ends every request by its deadline
  }
}

Awaitable<Result<Answer>> ask(HostEndPtr end, wire::Envelope envelope, TimePoint deadline, Urgency urgency) {
  const TimePoint asked = end->timeline().now();
  const auto id = end->core.request(asked, std::move(envelope), deadline, urgency);
  end->turn();
  const bool prompt = end->prompt_answers.expected();
  if (prompt) end->timeline().look_out_until(asked + PromptAnswers::kWithin);
  Result<Answer> answer = co_await answer_to(end, id);
  if (prompt) {
    end->prompt_answers.took(end->timeline().now() - asked);
    end->timeline().look_out_until(asked);
  }
  co_return answer;
}

Awaitable<Result<PeerHello>> open_session(HostEndPtr end, TimePoint deadline) {
  if (end->opened) {
    Error twice = fail(Errc::internal, end->link().name() + ": the session is open already");
    co_return twice;
  }
  if (end->closing()) {
    Error closed = fail(Errc::link_lost, end->link().name() + ": the session is closed");
    co_return closed;
  }
  end->opened = true;
  const auto id = end->core.hello(end->timeline().now(), deadline);
  end->start(read_until_lost(end));
  HostEnd::start_writing(end);
  end->start(HostEnd::watch_deadlines(end));
  const Result<Answer> answer = co_await answer_to(end, id);
  if (!answer) co_return answer.error();
  const auto& hello = answer->envelope->hello_reply();
  PeerHello peer;
  peer.is_pen = hello.device_kind() == wire::HelloReply::PEN;
  peer.is_daq = hello.device_kind() == wire::HelloReply::DAQ;
  peer.simulated = hello.simulated();
  peer.tick_hz = hello.tick_hz();
  peer.dead_man_ms = hello.dead_man_ms();
  co_return peer;
}

Awaitable<Result<ClockSample>> read_clock(HostEndPtr end, TimePoint deadline) {
  wire::Envelope envelope;
  envelope.mutable_clock_request();
  const Result<Answer> answer = co_await ask(end, std::move(envelope), deadline, Urgency::ordinary);
  if (!answer) co_return answer.error();
  const auto& reply = answer->envelope->clock_reply();
  ClockSample sample;
  // The device sends back when the transmission that it answered had left, so that a retry is not mistaken for it.
  sample.host_sent = TimePoint{Nanoseconds{static_cast<std::int64_t>(reply.host_sent_ns())}};
  sample.device_received_tick = reply.device_received_tick();
  sample.device_sent_tick = reply.device_sent_tick();
  sample.host_received = answer->received;
  co_return sample;
}

Awaitable<void> close_session(HostEndPtr end) {
  if (!end->closing() && end->opened) {
    end->core.say_goodbye("the host closes the session");
    end->turn();
    co_await end->flushed(end->timeline().now() + kGoodbyeBound);
  }
  end->shut();
  co_await end->all_ended();
  co_await end->link().let_go();
}

}  // namespace

struct HostSession::Impl {
  HostEndPtr end;
};

HostSession::HostSession(Timeline& timeline, ByteLink& link, SessionConfig config)
    : impl_(std::make_unique<Impl>(Impl{std::make_shared<HostEnd>(timeline, link, std::move(config))})) {}

HostSession::~HostSession() {
  auto& end = *impl_->end;
  end.on_unsolicited = nullptr;
  end.on_lost = nullptr;
  if (end.closing()) return;
  end.shut();
  end.core.link_ended(fail(Errc::link_lost, "the session was dropped"));
  end.turn();
}

Awaitable<Result<PeerHello>> HostSession::open(TimePoint deadline) { return open_session(impl_->end, deadline); }

Awaitable<Result<Answer>> HostSession::request(wire::Envelope request, TimePoint deadline, Urgency urgency) {
  return ask(impl_->end, std::move(request), deadline, urgency);
}

Awaitable<Result<ClockSample>> HostSession::exchange_clock(TimePoint deadline) {
  return read_clock(impl_->end, deadline);
}

void HostSession::on_unsolicited(std::function<void(const wire::Envelope&)> handler) {
  impl_->end->on_unsolicited = std::move(handler);
}
void HostSession::on_lost(std::function<void(const Error&)> handler) { impl_->end->on_lost = std::move(handler); }

void HostSession::expect_stream(bool comes) {
  impl_->end->streams = comes;
  impl_->end->turn();
}

void HostSession::go_silent() { impl_->end->core.go_silent(); }
void HostSession::speak_again() {
  impl_->end->core.speak_again(impl_->end->timeline().now());
  impl_->end->turn();
}

Result<void> HostSession::state() const {
  if (const auto& lost = impl_->end->core.lost()) return *lost;
  return {};
}
TimePoint HostSession::last_heard() const { return impl_->end->core.last_heard(); }
const SessionCounters& HostSession::counters() const {
  impl_->end->counters = impl_->end->core.counters();
  return impl_->end->counters;
}

Awaitable<void> HostSession::close() { return close_session(impl_->end); }

}  // namespace penrig
