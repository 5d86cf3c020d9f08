#include "protocols/ble/chunk_core.hpp"

#include <algorithm>
#include <utility>

namespace penrig::ble {
namespace {

constexpr unsigned kHalfCircle = 128;
constexpr std::uint8_t kStreamMask = 0x1f;

/// How far `to` lies ahead of `from`; half a circle and more is behind it.
unsigned ahead(std::uint8_t from, std::uint8_t to) { return static_cast<std::uint8_t>(to - from); }

std::string number(std::uint8_t n) { return std::to_string(unsigned{n}); }

}  // namespace

ChunkCore::ChunkCore(ChunkConfig config, ChunkRole role, std::string name)
    : config_(config), role_(role), name_(std::move(name)) {
  config_.window = std::clamp(config_.window, 1U, kWindowMax);
  config_.largest_out = std::clamp(config_.largest_out, kChunkMin, kChunkMax);
  config_.largest_in = std::clamp(config_.largest_in, kChunkMin, kChunkMax);
}

StreamOffer ChunkCore::own_offer() const {
  return {kProfileVersion, nonce_, static_cast<std::uint16_t>(config_.largest_in)};
}

void ChunkCore::open(TimePoint now, std::uint32_t nonce) {
  if (role_ != ChunkRole::host || state_ != State::idle) return;
  state_ = State::opening;
  nonce_ = nonce;
  stream_ = static_cast<std::uint8_t>(nonce & kStreamMask);
  open_again_ = now + kOpenAgain;
  open_until_ = now + kOpenWithin;
  queue(ChunkKind::open, encode_offer(own_offer()));
}

/// The stream begins, with what the other end said of itself.
void ChunkCore::begin(TimePoint now, const StreamOffer& theirs) {
  state_ = State::open;
  config_.largest_out = std::clamp(std::size_t{theirs.largest}, kChunkMin, config_.largest_out);
  last_heard_ = last_sent_ = now;
}

void ChunkCore::offered(TimePoint now, const Chunk& chunk) {
  const auto offer = decode_offer(chunk.payload);
  const bool fits = offer && (offer->nonce & kStreamMask) == chunk.stream;
  if (role_ == ChunkRole::host) {
    if (chunk.kind != ChunkKind::opened || state_ != State::opening || !fits || offer->nonce != nonce_) return;
    if (offer->version != kProfileVersion) {
      Error other = fail(Errc::protocol, name_ + ": the pen speaks version " + number(offer->version) +
                                             " of the profile, this program version " + number(kProfileVersion) +
                                             " (the pen needs other firmware, or this program an update)");
      return lose(std::move(other), CloseReason::version);
    }
    controls_.clear();
    peer_edge_ = chunk.window;
    begin(now, *offer);
    status_due_ = true;  // the pen sends no data before it has heard this
    return;
  }
  if (chunk.kind != ChunkKind::open || !fits) return;
  if (state_ == State::open) {
    if (offer->nonce != nonce_) return lose(gone("the host began another stream"), std::nullopt);
  } else {
    stream_ = chunk.stream;
    nonce_ = offer->nonce;
    if (offer->version != kProfileVersion) {
      // The answer says which version this is; the host ends it.
      return queue(ChunkKind::opened, encode_offer(own_offer()));
    }
    peer_edge_ = chunk.window;
    begin(now, *offer);
  }
  last_heard_ = now;
  if (!heard_in_stream_) queue(ChunkKind::opened, encode_offer(own_offer()));
}

void ChunkCore::answer_not_open(const Chunk& chunk) {
  if (chunk.kind == ChunkKind::close || !controls_.empty()) return;
  controls_.push_back({ChunkKind::close, chunk.stream, {static_cast<std::byte>(CloseReason::not_open)}});
}

void ChunkCore::chunk_arrived(TimePoint now, std::span<const std::byte> bytes) {
  if (state_ == State::over) return;
  auto chunk = decode_chunk(bytes);
  if (!chunk || bytes.size() > config_.largest_in) {
    if (state_ != State::open) return;
    return lose(gone("a broken chunk of " + std::to_string(bytes.size()) + " bytes came from " + peer()),
                CloseReason::broken_chunk);
  }
  ++counters_.chunks_in;
  if (chunk->kind == ChunkKind::open || chunk->kind == ChunkKind::opened) return offered(now, *chunk);
  if (state_ == State::idle && role_ == ChunkRole::pen) return answer_not_open(*chunk);
  const bool own = chunk->stream == stream_;
  if (own && state_ == State::opening && chunk->kind == ChunkKind::close) {
    return lose(gone("the pen does not open a stream"), std::nullopt);
  }
  if (!own || state_ != State::open) {
    ++counters_.of_other_streams;
    return;
  }
  last_heard_ = now;
  heard_in_stream_ = true;
  acknowledged(*chunk);
  if (lost_) return;
  if (chunk->kind == ChunkKind::data) return take_data(now, std::move(*chunk));
  if (chunk->kind == ChunkKind::close) {
    const auto reason = chunk->payload.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(chunk->payload[0]);
    peer_closed_ = static_cast<CloseReason>(reason);
    // Where it says that it cannot go on there is nothing to wait for.
    if (*peer_closed_ != CloseReason::done && *peer_closed_ != CloseReason::going_off) return peer_closed();
  }
  announced(now, chunk->sequence);
  if (peer_closed_ && !has_gap()) peer_closed();
}

/// What the other end has, and what it takes. An old chunk that was overtaken tells nothing new.
void ChunkCore::acknowledged(const Chunk& chunk) {
  const auto oldest = static_cast<std::uint8_t>(next_out_ - in_flight_.size());
  const unsigned count = ahead(oldest, chunk.acknowledged);
  if (count >= kHalfCircle) return;
  if (count > in_flight_.size()) {
    return lose(
        gone(std::string(peer()) + " acknowledges chunk " + number(chunk.acknowledged) + ", which was never sent"),
        CloseReason::broken_chunk);
  }
  in_flight_.erase(in_flight_.begin(), in_flight_.begin() + static_cast<std::ptrdiff_t>(count));
  const auto edge_now = static_cast<std::uint8_t>(chunk.acknowledged + chunk.window);
  if (ahead(peer_edge_, edge_now) < kHalfCircle) peer_edge_ = edge_now;
}

void ChunkCore::take_data(TimePoint now, Chunk chunk) {
  const unsigned distance = ahead(expected_, chunk.sequence);
  if (distance >= kHalfCircle || held_.contains(chunk.sequence)) {
    ++counters_.duplicates;
    return;
  }
  if (distance >= ahead(expected_, told_edge_)) {
    return lose(gone(std::string(peer()) + " sent chunk " + number(chunk.sequence) + " where " + number(expected_) +
                     " to " + number(static_cast<std::uint8_t>(told_edge_ - 1)) + " were allowed"),
                CloseReason::broken_chunk);
  }
  if (!acknowledge_at_) acknowledge_at_ = now + kAcknowledge;
  const auto behind = static_cast<std::uint8_t>(chunk.sequence + 1);
  if (distance > 0) {
    ++counters_.out_of_order;
    held_.emplace(chunk.sequence, std::move(chunk.payload));
    return announced(now, behind);
  }
  received_.push_back(std::move(chunk.payload));
  ++expected_;
  for (auto next = held_.find(expected_); next != held_.end(); next = held_.find(expected_)) {
    received_.push_back(std::move(next->second));
    held_.erase(next);
    ++expected_;
  }
  if (ahead(expected_, announced_) >= kHalfCircle) announced_ = expected_;
  gap_since_.reset();
  if (has_gap()) gap_since_ = now;
  if (ahead(expected_, told_edge_) <= config_.window / 2) status_due_ = true;
  if (peer_closed_ && !has_gap()) peer_closed();
}

/// The other end has sent everything before this number; what is missing of it may come late, but not for ever.
void ChunkCore::announced(TimePoint now, std::uint8_t next) {
  const unsigned distance = ahead(expected_, next);
  if (distance >= kHalfCircle) return;  // said before what has come since
  if (distance > ahead(expected_, told_edge_)) {
    return lose(gone(std::string(peer()) + " says that it has sent more than was allowed"), CloseReason::broken_chunk);
  }
  if (distance > ahead(expected_, announced_)) announced_ = next;
  if (has_gap() && !gap_since_) gap_since_ = now;
}

void ChunkCore::peer_closed() {
  lose(gone(std::string(peer()) + " ended the stream (" + words_of(*peer_closed_) + ")"), std::nullopt);
}

void ChunkCore::time_passed(TimePoint now) {
  if (state_ == State::opening) {
    if (now >= open_until_) {
      return lose(gone("the pen is connected and does not open a stream within " + std::to_string(kOpenWithin.count()) +
                       " ms (its firmware does not run, or hangs)"),
                  CloseReason::silent);
    }
    if (now >= open_again_) {
      open_again_ = now + kOpenAgain;
      controls_.clear();
      queue(ChunkKind::open, encode_offer(own_offer()));
    }
    return;
  }
  if (state_ != State::open) return;
  if (gap_since_ && now >= *gap_since_ + kReorder) {
    return lose(gone("chunk " + number(expected_) + " from " + peer() + " was lost: later ones have come"),
                CloseReason::gap);
  }
  if (now >= last_heard_ + kSilent) {
    return lose(gone(std::string(peer()) + " is silent for " + std::to_string(kSilent.count()) + " ms"),
                CloseReason::silent);
  }
  if (!in_flight_.empty() && now >= in_flight_.front() + kUnacknowledged) {
    return lose(gone(std::string(peer()) + " is heard and acknowledges nothing of what was sent " +
                     std::to_string(kUnacknowledged.count()) + " ms ago: chunks are lost on the way to it"),
                CloseReason::unacknowledged);
  }
  if (acknowledge_at_ && now >= *acknowledge_at_) status_due_ = true;
  if (now >= last_sent_ + kKeepAlive) status_due_ = true;
}

TimePoint ChunkCore::next_deadline() const {
  if (state_ == State::opening) return std::min(open_again_, open_until_);
  if (state_ != State::open) return kNever;
  TimePoint next = last_heard_ + kSilent;
  if (gap_since_) next = std::min(next, *gap_since_ + kReorder);
  if (!in_flight_.empty()) next = std::min(next, in_flight_.front() + kUnacknowledged);
  if (!status_due_) {
    if (acknowledge_at_) next = std::min(next, *acknowledge_at_);
    next = std::min(next, last_sent_ + kKeepAlive);
  }
  return next;
}

void ChunkCore::ended(const Error& why) { lose(fail(why.code, name_ + ": " + why.message), std::nullopt); }

void ChunkCore::close(CloseReason reason) { lose(gone("the link was closed"), reason); }

void ChunkCore::lose(Error why, std::optional<CloseReason> tell) {
  if (lost_) return;
  const bool was_there = state_ == State::open || state_ == State::opening;
  lost_ = std::move(why);
  state_ = State::over;
  controls_.clear();
  unsent_.clear();
  held_.clear();
  in_flight_.clear();
  if (tell && was_there) queue(ChunkKind::close, {static_cast<std::byte>(*tell)});
}

void ChunkCore::queue(ChunkKind kind, std::vector<std::byte> payload) {
  controls_.push_back({kind, stream_, std::move(payload)});
}

bool ChunkCore::may_send_data() const {
  if (unsent_.empty() || next_out_ == peer_edge_) return false;
  return role_ == ChunkRole::host || heard_in_stream_;
}

bool ChunkCore::has_chunk() const {
  return !controls_.empty() || (state_ == State::open && (status_due_ || may_send_data()));
}

std::optional<std::vector<std::byte>> ChunkCore::take_chunk(TimePoint now) {
  if (!has_chunk()) return std::nullopt;
  Chunk chunk;
  chunk.stream = stream_;
  chunk.sequence = next_out_;
  chunk.acknowledged = expected_;
  chunk.window = static_cast<std::uint8_t>(window());
  if (!controls_.empty()) {
    chunk.kind = controls_.front().kind;
    chunk.stream = controls_.front().stream;
    chunk.payload = std::move(controls_.front().payload);
    controls_.pop_front();
  } else if (may_send_data()) {
    chunk.kind = ChunkKind::data;
    const auto count = static_cast<std::ptrdiff_t>(std::min(unsent_.size(), config_.largest_out - kChunkHeader));
    chunk.payload.assign(unsent_.begin(), unsent_.begin() + count);
    unsent_.erase(unsent_.begin(), unsent_.begin() + count);
    in_flight_.push_back(now);
    ++next_out_;
  }
  told_edge_ = edge();
  last_sent_ = now;
  status_due_ = false;
  acknowledge_at_.reset();
  ++counters_.chunks_out;
  return encode_chunk(chunk);
}

std::size_t ChunkCore::read(std::span<std::byte> into) {
  std::size_t count = 0;
  while (count < into.size() && !received_.empty()) {
    const auto& front = received_.front();
    const std::size_t piece = std::min(into.size() - count, front.size() - front_read_);
    std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(front_read_), piece,
                into.begin() + static_cast<std::ptrdiff_t>(count));
    count += piece;
    front_read_ += piece;
    if (front_read_ == front.size()) {
      received_.pop_front();
      front_read_ = 0;
    }
  }
  // The other end waits for room: it is told when there is room for half of it again.
  const unsigned told = ahead(expected_, told_edge_);
  if (state_ == State::open && told <= config_.window / 2 && window() > told) status_due_ = true;
  return count;
}

}  // namespace penrig::ble
