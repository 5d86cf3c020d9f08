#include <cstdint>
#include <cstdlib>
#include <vector>

#include <google/protobuf/stubs/logging.h>
#include <penrig.pb.h>

#include "protocols/device_core.hpp"
#include "protocols/frame.hpp"
#include "protocols/session_core.hpp"

/// Any bytes on the line: nothing crashes, memory stays bounded, the good frame behind them is found, and both ends of
/// a session survive.

namespace {

using namespace penrig;

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::byte> good_frame() {
  wire::Envelope heartbeat;
  heartbeat.mutable_heartbeat()->set_count(1);
  return encode_frame(heartbeat).value();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);  // it complains about every string that is no UTF-8
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto frame = good_frame();

  FrameDecoder whole, pieces;
  std::size_t found = 0, found_in_pieces = 0;
  whole.feed(bytes, [&](std::span<const std::byte> payload) {
    ++found;
    require(encode_frame(payload).has_value());
  });
  for (const std::byte& b : bytes)
    pieces.feed(std::span(&b, 1), [&](std::span<const std::byte>) { ++found_in_pieces; });
  require(found == found_in_pieces && whole.bad_frames() == pieces.bad_frames());
  const std::byte end = kFrameDelimiter;
  whole.feed(std::span(&end, 1), [](std::span<const std::byte>) {});
  std::size_t good = 0;
  whole.feed(frame, [&](std::span<const std::byte>) { ++good; });
  require(good == 1);

  // The same bytes as the inside of a good frame, so that the fuzzer need not find a check value.
  HostCore host({}, "fuzz");
  host.hello(TimePoint{}, TimePoint{std::chrono::seconds{1}});
  DeviceCore device(
      {.is_pen = true}, [] { return std::uint64_t{0}; }, [](wire::Envelope&) {});
  wire::Envelope hello;
  hello.set_request_id(1);
  hello.mutable_hello()->set_protocol_version(kProtocolVersion);
  device.bytes_arrived(TimePoint{}, encode_frame(hello).value());
  if (const auto framed = encode_frame(bytes)) {
    host.bytes_arrived(TimePoint{}, *framed);
    device.bytes_arrived(TimePoint{}, *framed);
  }
  host.time_passed(TimePoint{std::chrono::seconds{2}});
  device.time_passed(TimePoint{std::chrono::seconds{2}});
  std::size_t completed = 0;
  while (auto happening = host.take_happening()) completed += std::holds_alternative<HostCore::Completed>(*happening);
  require(completed == 1);
  return 0;
}
