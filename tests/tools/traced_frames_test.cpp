#include "tools/penrig/traced_frames.hpp"

#include <gtest/gtest.h>
#include <penrig.pb.h>

#include "protocols/frame.hpp"
#include "protocols/frame_fault.hpp"
#include "rig/base/random.hpp"

namespace penrig::cli {
namespace {

std::string chars_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string heartbeat(std::uint32_t count) {
  wire::Envelope envelope;
  envelope.mutable_heartbeat()->set_count(count);
  return chars_of(encode_frame(envelope).value());
}

std::string stop(std::uint32_t request_id) {
  wire::Envelope envelope;
  envelope.set_request_id(request_id);
  envelope.mutable_pen_request()->mutable_stop();
  return chars_of(encode_frame(envelope).value());
}

std::string refusal(std::uint32_t request_id, const std::string& why) {
  wire::Envelope envelope;
  envelope.set_request_id(request_id);
  envelope.mutable_refusal()->set_text(why);
  return chars_of(encode_frame(envelope).value());
}

/// "out pen.stop #7", a line each.
class Told {
 public:
  void add(TraceDirection direction, std::string_view bytes, std::string_view comment = {}) {
    frames_.add({0, ++at_, direction, bytes, comment});
  }
  std::string finished() {
    frames_.finish();
    return text_;
  }

 private:
  std::string text_;
  std::int64_t at_ = 0;
  TracedFrames frames_{[this](const TracedFrame& f) {
    text_ += std::to_string(f.utc_ns) + (f.direction == TraceDirection::in ? " in " : " out ") +
             (f.bad ? "BAD" : f.message) + " #" + std::to_string(f.request_id) + " " + f.note + "\n";
  }};
};

TEST(TracedFrames, AreNamedInTheOrderInWhichTheyEndedHoweverTheyWereCut) {
  Told told;
  const std::string asked = stop(7), answered = refusal(7, "the door is open");
  told.add(TraceDirection::out, std::string(1, '\0') + asked.substr(0, 5));
  told.add(TraceDirection::in, heartbeat(1).substr(0, 3));
  told.add(TraceDirection::out, asked.substr(5));
  told.add(TraceDirection::in, heartbeat(1).substr(3) + answered + heartbeat(2));
  told.add(TraceDirection::in, "", "the stream has ended");
  EXPECT_EQ(told.finished(),
            "3 out pen.stop #7 \n4 in heartbeat #0 \n4 in refusal #7 the door is open\n4 in heartbeat #0 \n"
            "5 in  #0 the stream has ended\n");
}

TEST(TracedFrames, ThatAReceiverDropsSayWhyAndTheNextIsGood) {
  std::string broken = stop(7);
  broken[4] = static_cast<char>(broken[4] ^ 0x40);
  const std::string payload = "no message at all, but a whole frame";
  const std::string stranger = chars_of(encode_frame(std::as_bytes(std::span(payload))).value());
  Told told;
  told.add(TraceDirection::out, broken + std::string("\x05\x01\0", 3) + std::string("\x02\x01\0", 3) +
                                    std::string(kMaxFrameBytes + 5, 'x') + std::string(1, '\0') + stranger + stop(8) +
                                    stop(9).substr(0, 4));
  const std::string text = told.finished();
  EXPECT_NE(text.find("1 out BAD #0 its check says "), std::string::npos) << text;
  EXPECT_NE(text.find("1 out BAD #0 its stuffing (COBS) is broken\n"), std::string::npos) << text;
  EXPECT_NE(text.find("1 out BAD #0 1 bytes inside, a payload and its check have at least 5\n"), std::string::npos);
  EXPECT_NE(text.find("1 out BAD #0 32769 bytes without a delimiter, a frame has at most 32768\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("1 out BAD #0 its check is right, and it is no message of this protocol\n"), std::string::npos);
  EXPECT_NE(text.find("1 out pen.stop #8 \n1 out  #0 the beginning of a frame, and no end\n"), std::string::npos)
      << text;
}

TEST(FrameFault, SaysThatThereIsNoneExactlyWhereTheDecoderTakesTheFrame) {
  constexpr std::uint64_t kSeed = 31;
  Random random(kSeed, "bytes between delimiters");
  int good = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string whole = stop(static_cast<std::uint32_t>(i) + 1);
    const auto bytes = std::as_bytes(std::span(whole)).first(whole.size() - 1);
    std::vector<std::byte> frame(bytes.begin(), bytes.end());
    for (std::uint64_t changes = random.below(3); changes > 0; --changes) {
      if (random.below(4) == 0) frame.resize(random.below(frame.size() + 1));
      if (!frame.empty()) frame[random.below(frame.size())] = static_cast<std::byte>(1 + random.below(255));
    }
    if (frame.empty()) continue;
    FrameDecoder decoder;
    bool taken = false;
    decoder.feed(frame, [&](std::span<const std::byte>) { taken = true; });
    const std::byte end = kFrameDelimiter;
    decoder.feed(std::span(&end, 1), [&](std::span<const std::byte>) { taken = true; });
    ASSERT_EQ(frame_fault(frame).empty(), taken) << "seed " << kSeed << ", frame " << i << ": " << frame_fault(frame);
    good += taken ? 1 : 0;
  }
  EXPECT_GT(good, 3000);
  EXPECT_LT(good, 17'000);
}

}  // namespace
}  // namespace penrig::cli
