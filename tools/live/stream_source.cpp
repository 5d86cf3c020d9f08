#include "tools/live/stream_source.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "penrig.pb.h"
#include "protocols/links.hpp"
#include "protocols/session.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/base/sample_codec.hpp"
#include "tools/benchmarks/bench_pen.hpp"

namespace penrig::live {
namespace {

constexpr std::uint64_t kLoopSamples = 192'000;          ///< or a little less: a whole number of blocks, and of strokes
constexpr double kForceNoise = 8, kPositionNoise = 0.8;  ///< counts, standard deviation
constexpr double kRestS = 0.2;                           ///< the needle stands before its first stroke
constexpr std::size_t kQueueBytes = std::size_t{128} * 1024;
constexpr Nanoseconds kLookAtQueue = std::chrono::milliseconds{1};

std::uint64_t loop_blocks(const StreamPlan& plan) { return kLoopSamples / plan.block_samples; }

std::int32_t count(double value) { return static_cast<std::int32_t>(std::lround(value)); }

/// Blocks as they go out, but for their number and time. Made once, sent by all slots.
class Prerecorded {
 public:
  explicit Prerecorded(const StreamPlan& plan) : n_(plan.block_samples) {
    const auto rest = static_cast<std::uint64_t>(std::ceil(kRestS * plan.sample_rate_hz / n_));
    const std::uint64_t loop = loop_blocks(plan);
    const Counts still = counts(rest * n_, 0), moving = counts(loop * n_, strokes_per_s(plan) / plan.sample_rate_hz);
    // The loop twice: what is packed first in it goes on from the rest before, the second time from its own end.
    Packers packers;
    for (std::uint64_t block = 0; block < rest; ++block) pack(packers, still, block, plan);
    for (std::uint64_t block = 0; block < 2 * loop; ++block) pack(packers, moving, block % loop, plan);
    loop_from_ = rest + loop;
  }

  /// Block k of a stream. The end of the loop does not go on at its beginning to the bit: the counts differ by noise,
  /// and a block says what stood before it.
  const wire::SampleBlock& at(std::uint64_t k) const {
    if (k < blocks_.size()) return blocks_[k];
    return blocks_[loop_from_ + (k - loop_from_) % (blocks_.size() - loop_from_)];
  }

 private:
  struct Counts {
    std::vector<std::int32_t> force, position;
  };
  struct Packers {
    SamplePacker force, position, stage;
  };

  Counts counts(std::uint64_t n, double turns_per_sample) {
    Counts made;
    for (std::uint64_t i = 0; i < n; ++i) {
      const double turns = turns_per_sample * static_cast<double>(i);
      const double z_mm = kStrokeMm / 2 * (1 - sin_cos_turns(turns).cos);
      const bool going_in = turns - std::floor(turns) < 0.5;
      const double force_n = bench_force_n(z_mm - kSurfaceMm, going_in);
      made.position.push_back(count(z_mm / kMmPerCount + kPositionNoise * random_.normal()));
      made.force.push_back(count(force_n / kNPerCount + kForceNoise * random_.normal()));
    }
    return made;
  }

  void pack(Packers& packers, const Counts& counts, std::uint64_t block, const StreamPlan& plan) {
    const std::vector<std::int32_t> stands(n_, 0);
    wire::SampleBlock& made = blocks_.emplace_back();
    made.set_count(n_);
    made.set_ticks_per_sample(kTickHz / plan.sample_rate_hz);
    packers.force.pack(std::span(counts.force).subspan(block * n_, n_), *made.mutable_force());
    packers.position.pack(std::span(counts.position).subspan(block * n_, n_), *made.mutable_position());
    packers.stage.pack(stands, *made.mutable_stage());
  }

  Random random_{1, "live stream"};
  std::uint32_t n_;
  std::vector<wire::SampleBlock> blocks_;
  std::uint64_t loop_from_ = 0;
};

wire::Envelope refusal() {
  wire::Envelope reply;
  reply.mutable_refusal()->set_reason(wire::Refusal::NOT_SUPPORTED);
  reply.mutable_refusal()->set_text("this DAQ streams, and does nothing else");
  return reply;
}

class Source {
 public:
  Source(Timeline& timeline, const StreamPlan& plan, const Prerecorded& blocks, std::unique_ptr<ByteLink> link,
         Event& ended)
      : timeline_(timeline), plan_(plan), blocks_(blocks), link_(std::move(link)), ended_(ended) {}

  Awaitable<void> serve() {
    DeviceSession::Config config;
    config.is_daq = true;
    config.tick_hz = kTickHz;
    DeviceSession::Handler handler = [this](const wire::Envelope& request) { return answer(request); };
    session_ = std::make_unique<DeviceSession>(timeline_, *link_, config, std::move(handler));
    session_->set_heartbeat_payload(
        [](wire::Envelope& reply) { reply.mutable_heartbeat_reply()->mutable_daq_status()->set_withdrawn(true); });
    // The host's goodbye trips the dead-man.
    session_->on_dead_man([this] {
      streaming_ = false;
      if (!closing_) timeline_.spawn(session_->close("the stream is over"));
      closing_ = true;
    });
    co_await session_->serve();
    streaming_ = false;
    over_ = true;
    ended_.notify_all();
  }
  bool over() const { return over_ && !sending_; }
  bool came() const { return came_; }
  bool sent_all() const { return sent_all_; }

 private:
  Awaitable<wire::Envelope> answer(const wire::Envelope& request) {
    came_ = true;
    wire::Envelope reply;
    switch (request.daq_request().op_case()) {
      case wire::DaqRequest::kIdentify: {
        auto* identity = reply.mutable_daq_reply()->mutable_identity();
        identity->set_fixture_id("LIVE-BENCH");
        identity->set_serial_number("LIVE");
        identity->set_firmware("1");
        identity->set_tick_hz(kTickHz);
        identity->set_max_sample_rate_hz(1e6);
        break;
      }
      case wire::DaqRequest::kStartStream:
        if (!streaming_) {
          streaming_ = sending_ = true;
          timeline_.spawn(send());
        }
        reply.mutable_done();
        break;
      case wire::DaqRequest::kStopStream:
        streaming_ = false;
        reply.mutable_done();
        break;
      case wire::DaqRequest::kGetStatus:
        reply.mutable_daq_reply()->mutable_status()->set_withdrawn(true);
        break;
      default:
        reply = refusal();
    }
    co_return reply;
  }

  Awaitable<void> send() {
    wire::Envelope envelope;
    const double block_s = plan_.block_samples / plan_.sample_rate_hz;
    const double ticks = kTickHz / plan_.sample_rate_hz;
    const std::uint64_t blocks = samples_of(plan_) / plan_.block_samples;
    const TimePoint began = timeline_.now();
    for (std::uint64_t k = 0; k < blocks && streaming_; ++k) {
      if (plan_.flat_out) {
        while (streaming_ && session_->queued_bytes() > kQueueBytes) co_await timeline_.sleep_for(kLookAtQueue);
      } else {
        const TimePoint due = began + seconds_to_ns(static_cast<double>(k + 1) * block_s);
        if (timeline_.now() < due) co_await timeline_.sleep_until(due);
      }
      wire::SampleBlock& block = *envelope.mutable_sample_block();
      block = blocks_.at(k);
      block.set_sequence(static_cast<std::uint32_t>(k));
      block.set_first_tick(
          static_cast<std::uint64_t>(std::llround(static_cast<double>(k * plan_.block_samples) * ticks)));
      session_->send(envelope);
      sent_all_ = k + 1 == blocks;
    }
    sending_ = false;
    ended_.notify_all();
  }

  Timeline& timeline_;
  const StreamPlan& plan_;
  const Prerecorded& blocks_;
  std::unique_ptr<ByteLink> link_;
  std::unique_ptr<DeviceSession> session_;
  Event& ended_;
  bool streaming_ = false, sending_ = false, closing_ = false, over_ = false, came_ = false, sent_all_ = false;
};

}  // namespace

std::uint32_t usual_block(double sample_rate_hz) {
  constexpr double kBlockS = 0.01024, kFewest = 16, kMost = 1024;
  return static_cast<std::uint32_t>(std::clamp(std::round(kBlockS * sample_rate_hz), kFewest, kMost));
}

double strokes_per_s(const StreamPlan& plan) {
  const double loop_s = static_cast<double>(loop_blocks(plan) * plan.block_samples) / plan.sample_rate_hz;
  // At least twenty samples a stroke: what is slower is a slower pen.
  return std::max(1.0, std::round(std::min(150.0, plan.sample_rate_hz / 20) * loop_s)) / loop_s;
}

std::uint64_t samples_of(const StreamPlan& plan) {
  const auto blocks = static_cast<std::uint64_t>(std::ceil(plan.seconds * plan.sample_rate_hz / plan.block_samples));
  return blocks * plan.block_samples;
}

Awaitable<int> serve_streams(Timeline& timeline, StreamPlan plan,
                             std::function<void(const std::vector<std::string>&)> served) {
  const Prerecorded blocks(plan);
  Event ended(timeline);
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::string> paths;
  for (unsigned slot = 0; slot < plan.slots; ++slot) {
    auto pty = open_pty(timeline);
    if (!pty) throw ErrorException(pty.error());
    paths.push_back(pty->second);
    sources.push_back(std::make_unique<Source>(timeline, plan, blocks, std::move(pty->first), ended));
    timeline.spawn(sources.back()->serve());
  }
  served(paths);
  const TimePoint patience = timeline.now() + std::chrono::seconds{30};
  const auto busy = [&] {
    const bool nobody = timeline.now() >= patience;
    return std::ranges::any_of(sources, [&](const auto& s) { return s->came() ? !s->over() : !nobody; });
  };
  while (busy()) co_await ended.wait_until(timeline.now() + std::chrono::seconds{1});
  co_return std::ranges::all_of(sources, [](const auto& s) { return s->sent_all(); }) ? 0 : 1;
}

}  // namespace penrig::live
