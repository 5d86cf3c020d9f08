#include "protocols/ble/chunk_core.hpp"

#include <gmock/gmock.h>

#include "tests/protocols/chunk_pair.hpp"

namespace penrig::ble {
namespace {

using ::testing::HasSubstr;

std::string long_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (i * 7 + i / 26) % 26);
  return text;
}

std::vector<std::byte> data_chunk(std::uint8_t sequence, std::string_view text, std::uint8_t acknowledged = 0) {
  Chunk chunk{ChunkKind::data, 0x1234567 & 0x1f, sequence, acknowledged, 32, {}};
  for (const char c : text) chunk.payload.push_back(static_cast<std::byte>(c));
  return encode_chunk(chunk);
}

/// Both ends open, nothing sent yet.
struct Open : ChunkPair {
  Open() : ChunkPair(Air{}) {
    EXPECT_TRUE(run_until([&] { return host.is_open() && pen.is_open(); }, 100));
    for (int i = 0; i < 10; ++i) step();  // the pen has heard the host
  }
};

TEST(ChunkCore, CarriesBytesBothWaysWhateverTheirSizes) {
  Open pair;
  const std::string there = long_text(5'000), back = long_text(777);
  ChunkPair::write_text(pair.host, there);
  ChunkPair::write_text(pair.pen, back);
  std::string got_there, got_back;
  EXPECT_TRUE(pair.run_until(
      [&] {
        ChunkPair::read_into(pair.pen, got_there);
        ChunkPair::read_into(pair.host, got_back);
        return got_there.size() >= there.size() && got_back.size() >= back.size();
      },
      2'000));
  EXPECT_EQ(got_there, there);
  EXPECT_EQ(got_back, back);
}

TEST(ChunkCore, TakesNoMoreBytesInAChunkThanBothEndsCarry) {
  ChunkPair pair({}, {}, {.largest_out = 509}, {.largest_out = 509, .largest_in = 60});
  ASSERT_TRUE(pair.run_until([&] { return pair.host.is_open(); }, 100));
  ChunkPair::write_text(pair.host, long_text(1'000));
  std::size_t longest = 0;
  while (auto chunk = pair.host.take_chunk(pair.now)) longest = std::max(longest, chunk->size());
  EXPECT_EQ(longest, 60U);
}

TEST(ChunkCore, PutsOvertakenAndDoubledChunksInOrder) {
  for (std::uint64_t run = 0; run < 50; ++run) {
    Seeded random;
    for (std::uint64_t i = 0; i < run; ++i) random.next();
    SCOPED_TRACE(::testing::Message() << "run " << run << random);
    ChunkPair pair({.late_ms = 60, .twice_percent = 20}, random);
    const std::string there = long_text(4'000), back = long_text(3'000);
    ChunkPair::write_text(pair.host, there);
    ChunkPair::write_text(pair.pen, back);
    std::string got_there, got_back;
    ASSERT_TRUE(pair.run_until(
        [&] {
          ChunkPair::read_into(pair.pen, got_there, 1 + random.next() % 200);
          ChunkPair::read_into(pair.host, got_back, 1 + random.next() % 200);
          return got_there.size() >= there.size() && got_back.size() >= back.size();
        },
        20'000))
        << got_there.size() << " " << got_back.size() << (pair.host.lost() ? pair.host.lost()->message : std::string())
        << (pair.pen.lost() ? pair.pen.lost()->message : std::string());
    ASSERT_EQ(got_there, there);
    ASSERT_EQ(got_back, back);
    EXPECT_GT(pair.host.counters().duplicates + pair.pen.counters().duplicates, 0U);
    EXPECT_GT(pair.host.counters().out_of_order + pair.pen.counters().out_of_order, 0U);
  }
}

TEST(ChunkCore, NeverGivesAWrongByteAndEndsTheLinkWhenChunksAreLost) {
  int gaps = 0;
  for (std::uint64_t run = 0; run < 100; ++run) {
    Seeded random;
    for (std::uint64_t i = 0; i < run; ++i) random.next();
    SCOPED_TRACE(::testing::Message() << "run " << run << random);
    ChunkPair pair({.late_ms = 30, .lose_percent = 3, .twice_percent = 5}, random);
    const std::string text = long_text(20'000);
    ChunkPair::write_text(pair.host, text);
    ChunkPair::write_text(pair.pen, text);
    std::string got_there, got_back;
    const auto read = [&] {
      ChunkPair::read_into(pair.pen, got_there);
      ChunkPair::read_into(pair.host, got_back);
      return pair.host.lost() && pair.pen.lost();
    };
    ASSERT_TRUE(pair.run_until(read, 10'000)) << "lost " << pair.lost_chunks << " and nobody noticed";
    ASSERT_EQ(got_there, text.substr(0, got_there.size()));
    ASSERT_EQ(got_back, text.substr(0, got_back.size()));
    EXPECT_LT(got_there.size() + got_back.size(), 2 * text.size());
    for (const auto* core : {&pair.host, &pair.pen})
      gaps += core->lost()->message.find("was lost") != std::string::npos;
  }
  EXPECT_GT(gaps, 50);
}

TEST(ChunkCore, WaitsForALateChunkAndThenNamesTheOneThatIsMissing) {
  Open pair;
  pair.host.chunk_arrived(pair.now, data_chunk(0, "a"));
  pair.host.chunk_arrived(pair.now, data_chunk(2, "c"));
  std::string text;
  ChunkPair::read_into(pair.host, text);
  EXPECT_EQ(text, "a");
  pair.host.time_passed(pair.now + kReorder - milliseconds{1});
  EXPECT_FALSE(pair.host.lost());
  pair.host.time_passed(pair.now + kReorder);
  ASSERT_TRUE(pair.host.lost());
  EXPECT_EQ(pair.host.lost()->code, Errc::link_lost);
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("ble:x: chunk 1 from the pen was lost"));
  const auto last = pair.host.take_chunk(pair.now);
  ASSERT_TRUE(last);
  EXPECT_EQ(decode_chunk(*last)->kind, ChunkKind::close);
  EXPECT_EQ(decode_chunk(*last)->payload.at(0), static_cast<std::byte>(CloseReason::gap));
}

TEST(ChunkCore, NoticesThatTheLastChunkOfAllIsMissing) {
  Open pair;
  Chunk status{ChunkKind::status, 0x1234567 & 0x1f, 1, 0, 32, {}};
  pair.host.chunk_arrived(pair.now, encode_chunk(status));  // the pen has sent chunk 0
  pair.host.time_passed(pair.now + kReorder);
  ASSERT_TRUE(pair.host.lost());
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("chunk 0 from the pen was lost"));
}

TEST(ChunkCore, SendsNoMoreThanTheOtherEndHasRoomFor) {
  Open pair;
  ChunkPair::write_text(pair.host, long_text(10'000));
  for (int i = 0; i < 300; ++i) pair.step();  // nobody reads at the pen
  std::string got;
  ChunkPair::read_into(pair.pen, got);
  EXPECT_EQ(got.size(), 32U * 36U);
  EXPECT_FALSE(pair.host.lost());
  EXPECT_FALSE(pair.pen.lost());
  EXPECT_TRUE(pair.run_until(
      [&] {
        ChunkPair::read_into(pair.pen, got);
        return got.size() == 10'000;
      },
      2'000));
}

TEST(ChunkCore, LosesALinkWhoseOtherEndIsSilent) {
  Open pair;
  while (pair.host.take_chunk(pair.now)) {
  }
  EXPECT_LE(pair.host.next_deadline(), pair.now + kSilent);
  pair.host.time_passed(pair.now + kSilent);
  ASSERT_TRUE(pair.host.lost());
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("the pen is silent for 1000 ms"));
}

TEST(ChunkCore, StaysAliveForAsLongAsNobodySaysAnything) {
  Open pair;
  for (int i = 0; i < 10'000; ++i) pair.step();
  EXPECT_FALSE(pair.host.lost());
  EXPECT_FALSE(pair.pen.lost());
  EXPECT_LT(pair.host.counters().chunks_out, 130U);
}

TEST(ChunkCore, LosesALinkOnWhichOnlyTheWayThereIsCut) {
  Open pair;
  ChunkPair::write_text(pair.host, "hello");
  TimePoint now = pair.now;
  std::uint8_t sequence = 0;
  for (int i = 0; i < 40 && !pair.host.lost(); ++i) {
    while (pair.host.take_chunk(now)) {
    }
    now = now + milliseconds{60};
    pair.host.chunk_arrived(now, data_chunk(sequence++, "x"));
    std::string text;
    ChunkPair::read_into(pair.host, text);
    pair.host.time_passed(now);
  }
  ASSERT_TRUE(pair.host.lost());
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("acknowledges nothing"));
}

TEST(ChunkCore, AsksAgainUntilThePenOpensAStream) {
  ChunkCore host({}, ChunkRole::host, "ble:x");
  host.open(TimePoint{}, 7);
  int asked = 0;
  TimePoint now{};
  while (!host.lost()) {
    while (auto chunk = host.take_chunk(now)) {
      if (decode_chunk(*chunk)->kind == ChunkKind::open) ++asked;
    }
    now = host.next_deadline();
    host.time_passed(now);
  }
  EXPECT_EQ(asked, 10);
  EXPECT_EQ(now.since_start, kOpenWithin);
  EXPECT_THAT(host.lost()->message, HasSubstr("does not open a stream within 2000 ms"));
}

TEST(ChunkCore, RefusesAnotherVersionOfTheProfile) {
  ChunkCore host({}, ChunkRole::host, "ble:x");
  host.open(TimePoint{}, 7);
  host.chunk_arrived(TimePoint{}, encode_chunk({ChunkKind::opened, 7, 0, 0, 8, encode_offer({2, 7, 100})}));
  ASSERT_TRUE(host.lost());
  EXPECT_EQ(host.lost()->code, Errc::protocol);
  EXPECT_THAT(host.lost()->message, HasSubstr("version 2 of the profile, this program version 1"));

  ChunkCore pen({}, ChunkRole::pen, "sim");
  pen.chunk_arrived(TimePoint{}, encode_chunk({ChunkKind::open, 7, 0, 0, 8, encode_offer({2, 7, 100})}));
  const auto answer = decode_chunk(pen.take_chunk(TimePoint{}).value()).value();
  EXPECT_EQ(answer.kind, ChunkKind::opened);
  EXPECT_EQ(decode_offer(answer.payload)->version, 1);
  EXPECT_FALSE(pen.is_open());
}

TEST(ChunkCore, APenThatHasRestartedSaysThatNoStreamIsOpen) {
  Open pair;
  ChunkCore restarted({}, ChunkRole::pen, "sim");
  ChunkPair::write_text(pair.host, "hello");
  restarted.chunk_arrived(pair.now, pair.host.take_chunk(pair.now).value());
  pair.host.chunk_arrived(pair.now, restarted.take_chunk(pair.now).value());
  ASSERT_TRUE(pair.host.lost());
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("the pen ended the stream (no stream is open there)"));
  EXPECT_FALSE(restarted.lost());
}

TEST(ChunkCore, ANewStreamEndsTheOneBeforeAtThePen) {
  Open pair;
  ChunkCore next({}, ChunkRole::host, "ble:x");
  next.open(pair.now, 99);
  pair.pen.chunk_arrived(pair.now, next.take_chunk(pair.now).value());
  ASSERT_TRUE(pair.pen.lost());
  EXPECT_THAT(pair.pen.lost()->message, HasSubstr("the host began another stream"));
}

TEST(ChunkCore, IgnoresChunksOfAnotherStream) {
  Open pair;
  Chunk late{ChunkKind::data, 3, 0, 0, 32, {std::byte{'x'}}};
  pair.host.chunk_arrived(pair.now, encode_chunk(late));
  EXPECT_FALSE(pair.host.readable());
  EXPECT_FALSE(pair.host.lost());
  EXPECT_EQ(pair.host.counters().of_other_streams, 1U);
}

TEST(ChunkCore, GivesWhatCameBeforeTheEndOfAStream) {
  Open pair;
  ChunkPair::write_text(pair.pen, "last words");
  for (int i = 0; i < 5; ++i) pair.step();
  pair.pen.close();
  EXPECT_TRUE(pair.run_until([&] { return pair.host.lost().has_value(); }, 100));
  std::string text;
  ChunkPair::read_into(pair.host, text);
  EXPECT_EQ(text, "last words");
  EXPECT_THAT(pair.host.lost()->message, HasSubstr("the pen ended the stream (done)"));
}

TEST(ChunkCore, ABrokenChunkEndsTheLink) {
  const std::string what_is_broken[] = {"", "abc", std::string(600, 'x')};
  for (const std::string& text : what_is_broken) {
    Open pair;
    pair.host.chunk_arrived(pair.now, std::as_bytes(std::span(text)));
    ASSERT_TRUE(pair.host.lost()) << text.size();
    EXPECT_THAT(pair.host.lost()->message, HasSubstr("a broken chunk of " + std::to_string(text.size()) + " bytes"));
  }
  Open beyond;
  beyond.host.chunk_arrived(beyond.now, data_chunk(32, "x"));
  EXPECT_THAT(beyond.host.lost()->message, HasSubstr("sent chunk 32 where 0 to 31 were allowed"));
  Open made_up;
  made_up.host.chunk_arrived(made_up.now, data_chunk(0, "x", 5));
  EXPECT_THAT(made_up.host.lost()->message, HasSubstr("acknowledges chunk 5, which was never sent"));
}

}  // namespace
}  // namespace penrig::ble
