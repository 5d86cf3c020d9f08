#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/protocols/session_bench.hpp"

namespace penrig {

/// Answers whatever it is asked with "done".
inline DeviceSession::Handler done_to_all() {
  return [](const wire::Envelope&) -> Awaitable<wire::Envelope> {
    wire::Envelope reply;
    reply.mutable_done();
    co_return reply;
  };
}

/// A DAQ on a pty that streams a block every millisecond, whether or not anybody reads.
class StreamingDaq {
 public:
  StreamingDaq(Timeline& timeline, std::size_t block_bytes)
      : timeline_(timeline), block_bytes_(block_bytes), changed(timeline) {
    auto pty = open_pty(timeline);
    EXPECT_TRUE(pty.has_value());
    link_ = std::move(pty->first);
    path = pty->second;
    session = std::make_unique<DeviceSession>(timeline, *link_, DeviceSession::Config{.is_daq = true}, done_to_all());
    session->on_dead_man([this] {
      ++dead_man;
      changed.notify_all();
    });
  }
  Awaitable<void> serve() {
    ended = co_await session->serve();
    changed.notify_all();
  }
  Awaitable<void> stream() {
    constexpr std::size_t kMostQueued = 100'000;
    wire::Envelope block;
    block.mutable_sample_block()->set_force(std::string(block_bytes_, 'x'));
    while (!ended) {
      if (session->queued_bytes() < kMostQueued) session->send(block);
      co_await timeline_.sleep_for(milliseconds{1});
    }
    streaming_ended = true;
    changed.notify_all();
  }

 private:
  Timeline& timeline_;
  std::size_t block_bytes_;
  std::unique_ptr<ByteLink> link_;

 public:
  Event changed;
  std::string path;
  std::unique_ptr<DeviceSession> session;
  std::optional<Error> ended;
  bool streaming_ended = false;
  int dead_man = 0;
};

}  // namespace penrig
