#include "protocols/session_core.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "protocols/check_reply.hpp"
#include "protocols/message_name.hpp"
#include "protocols/safe_state.hpp"

namespace penrig {
namespace {

constexpr Nanoseconds kLongestRetryPause = std::chrono::milliseconds{600};
constexpr std::uint32_t kUrgentRetries = 2;
/// A tick that comes later than this was held up in this program: what the peer sent meanwhile has yet to be read.
constexpr Nanoseconds kLateTick = std::chrono::milliseconds{20};

/// The same as ParseFromArray(). What begins with a block of samples, as most does that is sent by itself, becomes one
/// in the memory of an older one.
bool parse(std::span<const std::byte> payload, wire::Envelope& envelope, std::unique_ptr<wire::SampleBlock>& spare) {
  constexpr std::uint32_t kLengthDelimited = 2;
  constexpr std::uint32_t kTag = (wire::Envelope::kSampleBlockFieldNumber << 3U) | kLengthDelimited;
  constexpr std::array kBeginning{static_cast<std::byte>((kTag & 0x7FU) | 0x80U), static_cast<std::byte>(kTag >> 7U)};
  if (spare != nullptr && payload.size() >= kBeginning.size() &&
      std::ranges::equal(payload.first(kBeginning.size()), kBeginning)) {
    spare->Clear();
    envelope.set_allocated_sample_block(spare.release());
  }
  const google::protobuf::StringPiece bytes(reinterpret_cast<const char*>(payload.data()), payload.size());
  return envelope.ParseFrom<wire::Envelope::kMerge>(bytes);
}

long long in_ms(Nanoseconds d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

}  // namespace

HostCore::HostCore(SessionConfig config, std::string link_name)
    : config_(std::move(config)), link_name_(std::move(link_name)) {}

HostCore::RequestId HostCore::hello(TimePoint now, TimePoint deadline) {
  output_.push({kFrameDelimiter});  // ends whatever garbage the peer has half received
  wire::Envelope envelope;
  envelope.mutable_hello()->set_protocol_version(kProtocolVersion);
  envelope.mutable_hello()->set_host_name(config_.host_name);
  envelope.mutable_hello()->set_session_nonce(config_.session_nonce);
  return begin(now, std::move(envelope), deadline, Urgency::ordinary);
}

HostCore::RequestId HostCore::request(TimePoint now, wire::Envelope envelope, TimePoint deadline, Urgency urgency) {
  if (established_ || lost_) return begin(now, std::move(envelope), deadline, urgency);
  const RequestId id = next_id_++;
  const std::string text = fmt::format("{} before the session was opened", message_name(envelope));
  happenings_.push_back(Completed{id, fail(Errc::protocol, about(text))});
  return id;
}

HostCore::RequestId HostCore::begin(TimePoint now, wire::Envelope envelope, TimePoint deadline, Urgency urgency) {
  const RequestId id = next_id_++;
  if (makes_safe(envelope)) give_up_motion(std::string(message_name(envelope)) + " was commanded");
  if (lost_) {
    happenings_.push_back(Completed{id, *lost_});
    return id;
  }
  envelope.set_request_id(id);
  const std::uint32_t urgent_retries = urgency == Urgency::urgent ? kUrgentRetries : 0;
  Pending pending{std::move(envelope), now, deadline, now, config_.retry_after, urgent_retries};
  auto& placed = pending_.emplace(id, std::move(pending)).first->second;
  if (!silent_) transmit(now, placed);
  return id;
}

void HostCore::transmit(TimePoint now, Pending& pending) {
  // A retried clock request carries its own time of sending, so that its round trip is its own.
  if (pending.envelope.has_clock_request()) {
    pending.clocks_sent.push_back(static_cast<std::uint64_t>(now.since_start.count()));
    pending.envelope.mutable_clock_request()->set_host_sent_ns(pending.clocks_sent.back());
  }
  auto frame = encode_frame(pending.envelope, output_.spare());
  if (!frame) {
    const Error error = fail(frame.error().code, about(frame.error().message));
    complete(pending_.find(pending.envelope.request_id()), error);
    return;
  }
  if (pending.tries > 0) ++counters_.retries;
  pending.retry_at = kNever;  // until the link has taken this one
  output_.push(std::move(*frame), pending.envelope.request_id());
}

void HostCore::left(TimePoint now, RequestId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Pending& pending = found->second;
  if (pending.tries++ == 0) pending.first_sent = now;
  pending.last_sent = now;
  if (pending.urgent_retries > 0) {
    --pending.urgent_retries;
    pending.retry_at = now + config_.urgent_retry_after;
    return;
  }
  pending.retry_at = now + pending.retry_after;
  pending.retry_after = std::min(2 * pending.retry_after, std::max(kLongestRetryPause, config_.retry_after));
}

void HostCore::give_up_motion(const std::string& why) {
  for (auto it = pending_.begin(); it != pending_.end();) {
    const auto which = it++;
    const wire::Envelope& request = which->second.envelope;
    if (!starts_motion(request)) continue;
    complete(which, fail(Errc::aborted, about(fmt::format("{} was given up: {}", message_name(request), why))));
  }
}

void HostCore::bytes_arrived(TimePoint now, std::span<const std::byte> bytes) {
  counters_.bytes_in += bytes.size();
  decoder_.feed(bytes, [&](std::span<const std::byte> payload) { received(now, payload); });
}

void HostCore::received(TimePoint now, std::span<const std::byte> payload) {
  wire::Envelope envelope;
  if (!parse(payload, envelope, spare_block_)) {
    ++unreadable_;
    return;
  }
  ++counters_.frames_in;
  if (lost_) return;
  last_heard_ = now;
  if (envelope.has_goodbye()) {
    // Before the hello reply it can only be left over from an older session.
    if (established_) lose(fail(Errc::link_lost, about("the peer said goodbye: " + envelope.goodbye().text())));
    return;
  }
  if (envelope.request_id() != 0) {
    reply_received(now, std::move(envelope));
  } else if (established_) {
    auto& placed = happenings_.emplace_back(std::in_place_type<Unsolicited>);
    std::get<Unsolicited>(placed).envelope = std::move(envelope);
  }
}

void HostCore::reply_received(TimePoint now, wire::Envelope envelope) {
  const auto found = pending_.find(envelope.request_id());
  const bool of_other_session =
      envelope.has_hello_reply() && envelope.hello_reply().session_nonce() != config_.session_nonce;
  if (found == pending_.end() || of_other_session) {
    ++counters_.late_replies;
    return;
  }
  Pending& pending = found->second;
  auto error = check_reply(pending.envelope, envelope);
  if (!error && envelope.has_clock_reply()) error = check_clock(pending.clocks_sent, envelope.clock_reply());
  if (error) {
    complete(found, fail(error->code, about(error->message)));
    return;
  }
  if (envelope.has_hello_reply()) {
    established_ = true;
    heard_floor_ = now;
    next_beat_ = now;
    beat(now);
  }
  Answer answer;
  answer.sent = pending.first_sent;
  answer.last_sent = pending.last_sent;
  answer.received = now;
  answer.tries = pending.tries;
  answer.envelope = std::make_unique<wire::Envelope>(std::move(envelope));
  complete(found, std::move(answer));
}

void HostCore::complete(std::map<RequestId, Pending>::iterator which, Result<Answer> answer) {
  output_.drop(which->first);
  happenings_.push_back(Completed{which->first, std::move(answer)});
  pending_.erase(which);
}

void HostCore::beat(TimePoint now) {
  // A heartbeat that the link has not taken yet says as much as two of them.
  if (!beat_unsent_) {
    wire::Envelope envelope;
    envelope.mutable_heartbeat()->set_count(++beats_);
    output_.push(encode_frame(envelope, output_.spare()).value());
    beat_unsent_ = true;
  }
  // At points of the clock that all sessions share: one waking serves them all.
  const Nanoseconds every = config_.heartbeat_every, latest = (next_beat_ + every).since_start;
  next_beat_ = std::max(TimePoint{latest / every * every}, now + every / 2);
}

void HostCore::time_passed(TimePoint now) {
  if (lost_) return;
  for (auto it = pending_.begin(); it != pending_.end();) {
    auto& [id, pending] = *it++;
    if (pending.deadline <= now) {
      const auto text = fmt::format("no answer to {} within {} ms ({} {})", message_name(pending.envelope),
                                    in_ms(now - pending.asked), pending.tries, pending.tries == 1 ? "try" : "tries");
      complete(pending_.find(id), fail(Errc::timeout, about(text)));
    } else if (!silent_ && pending.retry_at <= now) {
      transmit(now, pending);
    }
  }
  if (!counts_silence()) return;
  if (const TimePoint limit = silence_deadline(); limit <= now) {
    if (now - limit <= kLateTick) {
      const auto text = fmt::format("nothing heard from the peer for {} ms", in_ms(now - last_heard_));
      lose(fail(Errc::link_lost, about(text)));
      return;
    }
    heard_floor_ = now + kLateTick - config_.peer_silent_after;
  }
  if (next_beat_ <= now) beat(now);
}

TimePoint HostCore::silence_deadline() const { return std::max(last_heard_, heard_floor_) + config_.peer_silent_after; }

TimePoint HostCore::next_deadline() const {
  TimePoint next = kNever;
  if (lost_) return next;
  for (const auto& [id, pending] : pending_) {
    next = std::min(next, pending.deadline);
    if (!silent_) next = std::min(next, pending.retry_at);
  }
  if (counts_silence()) next = std::min({next, silence_deadline(), next_beat_});
  return next;
}

void HostCore::lose(Error reason) {
  if (lost_) return;
  lost_ = std::move(reason);
  happenings_.push_back(Lost{*lost_});
  fail_all_pending(*lost_);
  output_.clear();
  beat_unsent_ = false;
  if (silent_ || !established_) return;
  // Perhaps only the way back is cut: then this lets the device make itself safe before its dead-man would.
  wire::Envelope goodbye;
  goodbye.mutable_goodbye()->set_text("the host lost the link");
  output_.push(encode_frame(goodbye).value());
}

void HostCore::fail_all_pending(const Error& reason) {
  while (!pending_.empty()) {
    const auto text = fmt::format("{} (while waiting for the answer to {})", reason.message,
                                  message_name(pending_.begin()->second.envelope));
    complete(pending_.begin(), fail(reason.code, text));
  }
}

void HostCore::link_ended(const Error& why) {
  std::string text = why.message;
  if (text.find(link_name_) == std::string::npos) text = about(text);
  lose(fail(Errc::link_lost, text));
  output_.clear();
}

void HostCore::go_silent() {
  silent_ = true;
  output_.clear();
  beat_unsent_ = false;
}

void HostCore::speak_again(TimePoint now) {
  if (!silent_) return;
  silent_ = false;
  heard_floor_ = now;
  next_beat_ = now;
  for (auto& [id, pending] : pending_) pending.retry_at = now;
  time_passed(now);
}

void HostCore::say_goodbye(const std::string& text) {
  const bool was_lost = lost_.has_value();
  if (!lost_) lost_ = fail(Errc::link_lost, about("the session is closed"));
  fail_all_pending(*lost_);
  if (was_lost || silent_) return;
  wire::Envelope goodbye;
  goodbye.mutable_goodbye()->set_text(text);
  output_.push(encode_frame(goodbye).value());
}

std::vector<std::byte> HostCore::take_output(TimePoint now) {
  beat_unsent_ = false;
  return output_.take([&](RequestId id) { left(now, id); });
}

void HostCore::use_again(Unsolicited message) {
  if (message.envelope.has_sample_block()) spare_block_.reset(message.envelope.release_sample_block());
}

std::optional<HostCore::Happening> HostCore::take_happening() {
  if (happenings_.empty()) return std::nullopt;
  std::optional<Happening> first(std::move(happenings_.front()));
  happenings_.pop_front();
  return first;
}

SessionCounters HostCore::counters() const {
  SessionCounters all = counters_;
  all.frames_out = output_.frames_taken();
  all.bytes_out = output_.bytes_taken();
  all.bad_frames = decoder_.bad_frames() + unreadable_;
  return all;
}

}  // namespace penrig
