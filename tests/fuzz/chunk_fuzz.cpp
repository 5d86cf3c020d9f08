// Two ends of a chunk stream, driven by the input: time, lost, doubled, overtaken, changed and made-up chunks. Whatever
// comes: bytes come out in order and unchanged as long as chunks were not made up, what waits is bounded, a loss has
// words, and nothing crashes.
#include <cstdint>
#include <vector>

#include "protocols/ble/chunk_core.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using namespace penrig::ble;
using fuzz::demand;

struct End {
  ChunkCore core;
  std::vector<std::vector<std::byte>> air;  // on the way to this end
  std::uint64_t written = 0, read = 0;      // by this end, from this end
};

class Pair {
 public:
  Pair() { host_.core.open(now_, 5); }

  void step(std::uint8_t what, std::uint8_t how, std::span<const std::byte>& rest) {
    End& end = how % 2 == 0 ? host_ : pen_;
    End& other = how % 2 == 0 ? pen_ : host_;
    const std::size_t n = how / 2;
    switch (what % 9) {
      case 0:
        while (const auto chunk = end.core.take_chunk(now_)) {
          demand(chunk->size() <= kChunkMax, "a chunk fits");
          if (other.air.size() < 200) other.air.push_back(*chunk);
        }
        break;
      case 1:
        if (!end.air.empty()) arrive(end, n % end.air.size());
        break;
      case 2:
        while (!end.air.empty()) arrive(end, 0);
        break;
      case 3:
        if (!end.air.empty()) end.air.erase(end.air.begin() + static_cast<std::ptrdiff_t>(n % end.air.size()));
        break;
      case 4:
        if (!end.air.empty() && end.air.size() < 200) end.air.push_back(end.air[n % end.air.size()]);
        break;
      case 5: {
        if (end.core.unsent() > 10'000) break;
        std::vector<std::byte> bytes;
        for (std::size_t i = 0; i < n * 4; ++i) bytes.push_back(nth(end.written + i));
        if (!end.core.lost()) end.written += bytes.size();
        end.core.write(bytes);
        break;
      }
      case 6:
        now_ = now_ + std::chrono::milliseconds{n * 4};
        host_.core.time_passed(now_);
        pen_.core.time_passed(now_);
        break;
      case 7: {
        const auto made_up = rest.first(std::min(n, rest.size()));
        rest = rest.subspan(made_up.size());
        honest_ = false;
        end.core.chunk_arrived(now_, made_up);
        break;
      }
      default:
        if (n == 0) end.core.close();
    }
    look(host_, pen_);
    look(pen_, host_);
  }

 private:
  /// The stream's bytes are known at each place.
  static std::byte nth(std::uint64_t n) { return static_cast<std::byte>(n * 37 + (n >> 8)); }

  void arrive(End& end, std::size_t which) {
    const auto chunk = end.air[which];
    end.air.erase(end.air.begin() + static_cast<std::ptrdiff_t>(which));
    end.core.chunk_arrived(now_, chunk);
  }
  void look(End& end, const End& other) {
    std::vector<std::byte> room(500);
    const std::size_t count = end.core.read(room);
    demand(count <= kWindowMax * kChunkMax, "what waits is bounded");
    if (honest_) {
      for (std::size_t i = 0; i < count; ++i) demand(room[i] == nth(end.read + i), "bytes come in order, unchanged");
      demand(end.read + count <= other.written, "no byte comes from nowhere");
    }
    end.read += count;
    demand(end.core.unacknowledged() <= kWindowMax, "no more is on the way than was allowed");
    if (const auto& lost = end.core.lost()) demand(!lost->message.empty(), "a loss has words");
    demand(end.core.next_deadline() >= TimePoint{}, "a deadline is a time");
  }

  TimePoint now_{};
  bool honest_ = true;  // until somebody makes chunks up
  End host_{ChunkCore({.largest_out = 30, .window = 8}, ChunkRole::host, "fuzz"), {}};
  End pen_{ChunkCore({.largest_out = 509, .largest_in = 100, .window = 64}, ChunkRole::pen, "fuzz"), {}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = std::as_bytes(std::span(data, size));
  Pair pair;
  while (rest.size() >= 2) {
    const auto what = std::to_integer<std::uint8_t>(rest[0]), how = std::to_integer<std::uint8_t>(rest[1]);
    rest = rest.subspan(2);
    pair.step(what, how, rest);
  }
  return 0;
}
