#include "protocols/device_core.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocols/safe_state.hpp"

namespace penrig {

DeviceCore::DeviceCore(DeviceSession::Config config, std::function<std::uint64_t()> ticks,
                       std::function<void(wire::Envelope&)> fill)
    : config_(config), ticks_(std::move(ticks)), fill_(std::move(fill)) {}

void DeviceCore::bytes_arrived(TimePoint now, std::span<const std::byte> bytes) {
  decoder_.feed(bytes, [&](std::span<const std::byte> payload) { received(now, payload); });
}

void DeviceCore::received(TimePoint now, std::span<const std::byte> payload) {
  wire::Envelope envelope;
  if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    ++unreadable_;
    return;
  }
  last_heard_ = now;
  if (envelope.has_hello()) {
    hello(envelope);
    return;
  }
  if (in_session_ && envelope.has_goodbye()) {
    trip();
    in_session_ = false;
    output_.clear();
    return;
  }
  if (in_session_ && tripped_) {
    tripped_ = false;
    happenings_.push_back(HostBack{});
  }
  if (envelope.has_heartbeat()) {
    if (!in_session_) return;  // after a restart the host must find out that its session is gone
    heartbeat_reply_.mutable_heartbeat_reply()->Clear();
    heartbeat_reply_.mutable_heartbeat_reply()->set_count(envelope.heartbeat().count());
    if (fill_) fill_(heartbeat_reply_);
    push(heartbeat_reply_);
    return;
  }
  if (envelope.request_id() == 0) return;
  if (!in_session_) {
    refuse(envelope.request_id(), wire::Refusal::INTERRUPTED, "no session: say hello first");
    return;
  }
  if (envelope.has_clock_request()) {
    // Never out of the reply store: every transmission gets time stamps of its own.
    wire::Envelope reply;
    reply.set_request_id(envelope.request_id());
    auto& clock = *reply.mutable_clock_reply();
    clock.set_host_sent_ns(envelope.clock_request().host_sent_ns());
    clock.set_device_received_tick(ticks_());
    clock.set_device_sent_tick(ticks_());
    push(reply);
    return;
  }
  execute(std::move(envelope));
}

void DeviceCore::hello(const wire::Envelope& envelope) {
  const auto& hello = envelope.hello();
  if (hello.protocol_version() != kProtocolVersion) {
    refuse(envelope.request_id(), wire::Refusal::VERSION,
           fmt::format("this device speaks protocol version {}, not {}", kProtocolVersion, hello.protocol_version()));
    return;
  }
  if (!in_session_ || hello.session_nonce() != nonce_) {
    replies_.clear();
    forgotten_up_to_ = 0;
    made_safe_by_ = 0;
    in_progress_ = 0;
    ++session_;
    nonce_ = hello.session_nonce();
    in_session_ = true;
    tripped_ = false;
    output_.clear();
    output_.push({kFrameDelimiter});  // ends a frame that an older session may have left half sent
    happenings_.push_back(HostBack{});
  } else if (tripped_) {
    tripped_ = false;
    happenings_.push_back(HostBack{});
  }
  wire::Envelope reply;
  reply.set_request_id(envelope.request_id());
  auto& body = *reply.mutable_hello_reply();
  body.set_protocol_version(kProtocolVersion);
  body.set_device_kind(config_.is_pen   ? wire::HelloReply::PEN
                       : config_.is_daq ? wire::HelloReply::DAQ
                                        : wire::HelloReply::UNKNOWN);
  body.set_tick_hz(config_.tick_hz);
  body.set_session_nonce(nonce_);
  body.set_simulated(config_.simulated);
  body.set_dead_man_ms(config_.dead_man_ms);
  push(reply);
}

void DeviceCore::execute(wire::Envelope envelope) {
  const std::uint32_t id = envelope.request_id();
  if (const auto known = replies_.find(id); known != replies_.end()) {
    if (known->second) output_.push(*known->second);  // in progress: its one reply is still to come
    return;
  }
  if (id <= forgotten_up_to_) return;  // executed long ago; nobody waits for it any more
  if (!envelope.has_pen_request() && !envelope.has_daq_request()) {
    refuse(id, wire::Refusal::NOT_SUPPORTED, "this device does not know this request");
    return;
  }
  if (makes_safe(envelope)) {
    made_safe_by_ = std::max(made_safe_by_, id);
  } else if (starts_motion(envelope) && id < made_safe_by_) {
    refuse(id, wire::Refusal::INTERRUPTED,
           fmt::format("request {} made this device safe; {}, which was sent before it, came too late", made_safe_by_,
                       id));
    return;
  } else if (in_progress_ >= kMaxInProgress) {
    refuse(id, wire::Refusal::BUSY, fmt::format("{} requests are still being worked on", kMaxInProgress));
    return;
  }
  ++in_progress_;
  replies_.emplace(id, std::nullopt);
  for (auto it = replies_.begin(); replies_.size() > kRepliesKept && it != replies_.end();) {
    if (!it->second) {
      ++it;
      continue;
    }
    forgotten_up_to_ = std::max(forgotten_up_to_, it->first);
    it = replies_.erase(it);
  }
  happenings_.push_back(Execute{session_, std::move(envelope)});
}

void DeviceCore::reply(std::uint64_t session, std::uint32_t request_id, wire::Envelope envelope) {
  const auto known = replies_.find(request_id);
  if (session != session_ || known == replies_.end() || known->second) return;
  envelope.set_request_id(request_id);
  auto frame = encode_frame(envelope);
  if (!frame) {
    wire::Envelope refusal;
    refusal.set_request_id(request_id);
    refusal.mutable_refusal()->set_reason(wire::Refusal::FAULT);
    refusal.mutable_refusal()->set_text("the reply does not fit a frame");
    frame = encode_frame(refusal);
  }
  --in_progress_;
  known->second = *frame;
  if (in_session_) output_.push(std::move(*frame));
}

void DeviceCore::refuse(std::uint32_t request_id, wire::Refusal::Reason reason, const std::string& text) {
  wire::Envelope reply;
  reply.set_request_id(request_id);
  reply.mutable_refusal()->set_reason(reason);
  reply.mutable_refusal()->set_text(text);
  push(reply);
}

void DeviceCore::push(const wire::Envelope& envelope) {
  if (output_.bytes() > kMaxQueuedBytes) return;
  if (auto frame = encode_frame(envelope, output_.spare())) output_.push(std::move(*frame));
}

void DeviceCore::send(const wire::Envelope& envelope) {
  if (in_session_) push(envelope);
}

void DeviceCore::say_goodbye(const std::string& text) {
  wire::Envelope goodbye;
  goodbye.mutable_goodbye()->set_text(text);
  push(goodbye);
}

void DeviceCore::trip() {
  if (!in_session_ || tripped_) return;
  tripped_ = true;
  happenings_.push_back(DeadMan{});
}

void DeviceCore::time_passed(TimePoint now) {
  if (next_deadline() <= now) {
    trip();
    output_.clear();  // nobody has taken it for as long as that
  }
}

void DeviceCore::link_ended() {
  trip();
  in_session_ = false;
  output_.clear();
}

TimePoint DeviceCore::next_deadline() const {
  if (!in_session_ || tripped_ || config_.dead_man_ms == 0) return kNever;
  return last_heard_ + std::chrono::milliseconds{config_.dead_man_ms};
}

std::optional<DeviceCore::Happening> DeviceCore::take_happening() {
  if (happenings_.empty()) return std::nullopt;
  Happening first = std::move(happenings_.front());
  happenings_.pop_front();
  return first;
}

}  // namespace penrig
