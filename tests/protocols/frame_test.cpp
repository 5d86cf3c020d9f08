#include "protocols/frame.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <penrig.pb.h>

#include "protocols/cobs.hpp"
#include "protocols/crc32c.hpp"
#include "tests/protocols/seeded.hpp"

namespace penrig {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

/// Long runs, zeros and everything between.
Bytes random_payload(Seeded& random, std::size_t size) {
  Bytes payload(size);
  const std::uint64_t zero_in = 1 + random.next() % 300;
  for (auto& b : payload) b = random.next() % zero_in == 0 ? std::byte{0} : static_cast<std::byte>(random.next());
  return payload;
}

std::vector<Bytes> decoded(FrameDecoder& decoder, std::span<const std::byte> bytes) {
  std::vector<Bytes> payloads;
  decoder.feed(bytes, [&](std::span<const std::byte> p) { payloads.emplace_back(p.begin(), p.end()); });
  return payloads;
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

TEST(Crc32c, GivesTheValuesOfItsStandard) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0})), 0x8A9136AAU);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0xFF})), 0x62A8AB43U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, GivesTheSameByInstructionAndByTables) {
  Seeded random;
  // From 384 bytes on the instruction works on three parts at a time.
  for (std::size_t size = 0; size < 1300; size += size < 300 ? 1 : 7) {
    const Bytes payload = random_payload(random, size);
    ASSERT_EQ(crc32c(payload), crc32c_by_tables(payload)) << size << random;
    ASSERT_EQ(crc32c(payload, 0xE3069283U), crc32c_by_tables(payload, 0xE3069283U)) << size << random;
  }
}

TEST(Crc32c, GoesOnFromAPart) {
  const Bytes all = bytes_of("123456789");
  EXPECT_EQ(crc32c(std::span(all).subspan(4), crc32c(std::span(all).first(4))), 0xE3069283U);
  EXPECT_EQ(crc32c_by_tables(std::span(all).subspan(4), crc32c_by_tables(std::span(all).first(4))), 0xE3069283U);
}

TEST(Cobs, GivesTheBytesOfItsPaper) {
  const auto stuffed = [](std::string_view plain_hex) {
    Bytes out;
    append_cobs(bytes_of(from_hex(plain_hex)), out);
    return to_hex(out);
  };
  EXPECT_EQ(stuffed(""), "01");
  EXPECT_EQ(stuffed("00"), "0101");
  EXPECT_EQ(stuffed("0000"), "010101");
  EXPECT_EQ(stuffed("00 11 00"), "01021101");
  EXPECT_EQ(stuffed("11 22 00 33"), "0311220233");
  EXPECT_EQ(stuffed("11 22 33 44"), "0511223344");
}

TEST(Cobs, ReturnsRunsAroundItsLongest) {
  for (std::size_t run = 250; run < 520; ++run) {
    for (const int zeros : {0, 1, 2}) {
      Bytes plain(run, std::byte{0x41});
      plain.insert(plain.end(), static_cast<std::size_t>(zeros), std::byte{0});
      Bytes stuffed;
      append_cobs(plain, stuffed);
      ASSERT_EQ(std::count(stuffed.begin(), stuffed.end(), std::byte{0}), 0);
      ASSERT_LE(stuffed.size(), plain.size() + plain.size() / 254 + 1);
      Bytes back(stuffed.size());
      const auto size = decode_cobs(stuffed, back);
      ASSERT_TRUE(size.has_value());
      back.resize(*size);
      ASSERT_EQ(back, plain) << run << " and " << zeros;
    }
  }
}

TEST(Cobs, RefusesARunPastTheEndAndAZeroCode) {
  Bytes room(16);
  EXPECT_FALSE(decode_cobs(bytes_of(from_hex("05112233")), room).has_value());
  EXPECT_FALSE(decode_cobs(bytes_of(from_hex("0211001122")), room).has_value());
  EXPECT_FALSE(decode_cobs({}, room).has_value());
}

TEST(FrameDecoder, ReturnsWhatWasFramedHoweverItIsCut) {
  Seeded random;
  for (int round = 0; round < 300; ++round) {
    std::vector<Bytes> sent;
    Bytes stream;
    for (int i = 0; i < 5; ++i) {
      sent.push_back(random_payload(random, 1 + random.next() % 1500));
      append(stream, encode_frame(sent.back()).value());
    }
    FrameDecoder decoder;
    std::vector<Bytes> got;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random.next() % 700, stream.size() - at);
      for (auto& p : decoded(decoder, std::span(stream).subspan(at, size))) got.push_back(std::move(p));
      at += size;
    }
    ASSERT_EQ(got, sent) << random;
    ASSERT_EQ(decoder.bad_frames(), 0U);
  }
}

TEST(FrameDecoder, LosesOnlyTheFrameThatWasCorruptedWhereverItWas) {
  Seeded random;
  const Bytes first = random_payload(random, 40), second = random_payload(random, 300),
              third = random_payload(random, 20);
  const auto a = encode_frame(first).value(), b = encode_frame(second).value(), c = encode_frame(third).value();
  for (std::size_t at = 0; at < b.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes broken = b;
      broken[at] ^= static_cast<std::byte>(flip);
      Bytes stream = a;
      append(stream, broken);
      append(stream, c);
      FrameDecoder decoder;
      const auto got = decoded(decoder, stream);
      // A corrupted delimiter joins the frame to its successor, and both are lost; the one after those is good again.
      const bool delimiter = at + 1 == b.size();
      ASSERT_EQ(got, (delimiter ? std::vector<Bytes>{first} : std::vector<Bytes>{first, third})) << at << random;
      ASSERT_GE(decoder.bad_frames(), 1U);
      ASSERT_EQ(decoded(decoder, a), (std::vector<Bytes>{first}));
    }
  }
}

TEST(FrameDecoder, DropsATruncatedFrameAtEveryLength) {
  Seeded random;
  const Bytes payload = random_payload(random, 100);
  const auto frame = encode_frame(payload).value();
  for (std::size_t size = 0; size + 1 < frame.size(); ++size) {
    FrameDecoder decoder;
    Bytes stream(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_TRUE(decoded(decoder, stream).empty());
    ASSERT_TRUE(decoded(decoder, Bytes{kFrameDelimiter}).empty()) << size;
    ASSERT_EQ(decoder.bad_frames(), size == 0 ? 0U : 1U);
    ASSERT_EQ(decoded(decoder, frame).size(), 1U);
  }
}

TEST(FrameDecoder, FlushesGarbageByALeadingDelimiter) {
  FrameDecoder decoder;
  Bytes stream = bytes_of("boot: version 1.2\r\n");
  stream.push_back(kFrameDelimiter);
  append(stream, encode_frame(bytes_of("hello")).value());
  EXPECT_EQ(decoded(decoder, stream), (std::vector<Bytes>{bytes_of("hello")}));
  EXPECT_EQ(decoder.bad_frames(), 1U);
}

TEST(FrameDecoder, CountsNothingForEmptyFrames) {
  FrameDecoder decoder;
  EXPECT_TRUE(decoded(decoder, Bytes(100, kFrameDelimiter)).empty());
  EXPECT_EQ(decoder.bad_frames(), 0U);
}

TEST(FrameDecoder, DropsATooLongFrameAndTakesTheNext) {
  FrameDecoder decoder;
  Bytes stream(5 * kMaxFrameBytes, std::byte{0x42});
  stream.push_back(kFrameDelimiter);
  append(stream, encode_frame(bytes_of("good")).value());
  std::vector<Bytes> got;
  for (std::size_t at = 0; at < stream.size(); at += 1000) {
    const auto part = std::span(stream).subspan(at, std::min<std::size_t>(1000, stream.size() - at));
    for (auto& p : decoded(decoder, part)) got.push_back(std::move(p));
  }
  EXPECT_EQ(got, (std::vector<Bytes>{bytes_of("good")}));
  EXPECT_EQ(decoder.bad_frames(), 1U);
}

TEST(FrameDecoder, TakesNoFrameOutOfTheTailOfATooLongOne) {
  FrameDecoder decoder;
  EXPECT_TRUE(decoded(decoder, Bytes(kMaxFrameBytes + 1, std::byte{0x42})).empty());
  EXPECT_TRUE(decoded(decoder, encode_frame(bytes_of("tail")).value()).empty());
  EXPECT_EQ(decoder.bad_frames(), 1U);
  EXPECT_EQ(decoded(decoder, encode_frame(bytes_of("good")).value()).size(), 1U);
}

TEST(Frame, TakesTheLongestPayloadAndRefusesOneMore) {
  std::size_t longest = kMaxFrameBytes;
  while (encode_frame(Bytes(longest, std::byte{1})).has_error()) --longest;
  const auto frame = encode_frame(Bytes(longest, std::byte{1})).value();
  EXPECT_LE(frame.size(), kMaxFrameBytes + 1);
  EXPECT_GE(frame.size(), kMaxFrameBytes - 1);
  FrameDecoder decoder;
  EXPECT_EQ(decoded(decoder, frame).size(), 1U);
  EXPECT_EQ(encode_frame(Bytes(longest + 1, std::byte{1})).error().code, Errc::protocol);
}

TEST(Frame, IsTheSameInTheMemoryOfAnother) {
  wire::Envelope long_one, short_one;
  long_one.mutable_goodbye()->set_text(std::string(1000, 'x'));
  short_one.mutable_heartbeat()->set_count(7);
  const Bytes alone = encode_frame(short_one).value();
  EXPECT_EQ(encode_frame(short_one, encode_frame(long_one).value()).value(), alone);
  EXPECT_EQ(encode_frame(long_one, alone).value(), encode_frame(long_one).value());
}

TEST(Frame, RefusesAnEmptyPayload) {
  EXPECT_EQ(encode_frame(Bytes{}).error().code, Errc::protocol);
  EXPECT_EQ(encode_frame(wire::Envelope{}).error().code, Errc::protocol);
}

}  // namespace
}  // namespace penrig
