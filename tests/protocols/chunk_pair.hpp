#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/ble/chunk_core.hpp"
#include "tests/protocols/seeded.hpp"

namespace penrig::ble {

using std::chrono::milliseconds;

/// What the air does to chunks.
struct Air {
  unsigned late_ms = 0;        ///< each comes 2 ms later, and up to this more: they overtake each other
  unsigned lose_percent = 0;   ///< of data and status
  unsigned twice_percent = 0;  ///< arrive a second time
};

/// A host and a pen at either end of a bad air, in steps of a millisecond.
class ChunkPair {
 public:
  explicit ChunkPair(Air bad, Seeded random = {}, ChunkConfig host_config = {.largest_out = 40},
                     ChunkConfig pen_config = {.largest_out = 40})
      : random_(random),
        air_(bad),
        host(host_config, ChunkRole::host, "ble:x"),
        pen(pen_config, ChunkRole::pen, "sim") {
    host.open(now, 0x1234567);
  }

  void step() {
    pump(host, to_pen_);
    pump(pen, to_host_);
    now = now + milliseconds{1};
    arrive(to_pen_, pen);
    arrive(to_host_, host);
    for (ChunkCore* core : {&host, &pen}) {
      if (core->next_deadline() <= now) core->time_passed(now);
    }
  }
  bool run_until(const std::function<bool()>& done, int ms) {
    for (int i = 0; i < ms && !done(); ++i) step();
    return done();
  }
  /// Reads what is there, up to `most` bytes.
  static void read_into(ChunkCore& core, std::string& text, std::size_t most = 20'000) {
    std::vector<std::byte> room(most);
    const std::size_t count = core.read(room);
    for (std::size_t i = 0; i < count; ++i) text += static_cast<char>(room[i]);
  }
  static void write_text(ChunkCore& core, std::string_view text) { core.write(std::as_bytes(std::span(text))); }

  TimePoint now{};
  std::uint64_t lost_chunks = 0;

 private:
  using Flight = std::multimap<TimePoint, std::vector<std::byte>>;

  void pump(ChunkCore& from, Flight& flight) {
    while (auto chunk = from.take_chunk(now)) {
      const auto kind = decode_chunk(*chunk).value().kind;
      const bool may_be_lost = kind == ChunkKind::data || kind == ChunkKind::status;
      if (may_be_lost && percent(air_.lose_percent)) {
        ++lost_chunks;
        continue;
      }
      const int copies = percent(air_.twice_percent) ? 2 : 1;
      for (int i = 0; i < copies; ++i) {
        const auto late = air_.late_ms == 0 ? 0 : random_.next() % air_.late_ms;
        flight.emplace(now + milliseconds{2 + late}, *chunk);
      }
    }
  }
  void arrive(Flight& flight, ChunkCore& at) {
    while (!flight.empty() && flight.begin()->first <= now) {
      at.chunk_arrived(now, flight.begin()->second);
      flight.erase(flight.begin());
    }
  }
  bool percent(unsigned p) { return random_.next() % 100 < p; }

  Seeded random_;
  Air air_;
  Flight to_pen_, to_host_;

 public:
  ChunkCore host, pen;
};

}  // namespace penrig::ble
