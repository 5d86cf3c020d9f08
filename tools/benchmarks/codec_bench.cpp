#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <penrig.pb.h>

#include "protocols/cobs.hpp"
#include "protocols/crc32c.hpp"
#include "protocols/frame.hpp"
#include "rig/base/sample_codec.hpp"
#include "rig/base/sample_groups.hpp"
#include "tools/benchmarks/pen_counts.hpp"

/// What a sample costs on its way: packing, unpacking, check, stuffing, and the whole of frame to samples and back; and
/// how many bytes it takes on the link.

namespace penrig {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kBlocks = 64;
constexpr std::size_t kSamples = kBlocks * kBlock;

const PenCounts& channels() {
  static const PenCounts made = pen_counts(kSamples, {});
  return made;
}

std::span<const std::int32_t> block_of(const std::vector<std::int32_t>& counts, std::size_t i) {
  return std::span(counts).subspan(i % kBlocks * kBlock, kBlock);
}

std::vector<std::string> packed_blocks(const std::vector<std::int32_t>& counts) {
  SamplePacker packer;
  std::vector<std::string> packed(kBlocks);
  for (std::size_t i = 0; i < kBlocks; ++i) packer.pack(block_of(counts, i), packed[i]);
  return packed;
}

void count_samples(benchmark::State& state, std::size_t per_iteration) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(per_iteration));
}

void pack(benchmark::State& state) {
  const std::vector<std::int32_t>& counts = channels().force;
  SamplePacker packer;
  std::string packed;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      packed.clear();
      packer.pack(block_of(counts, i), packed);
      benchmark::DoNotOptimize(packed.data());
    }
  }
  count_samples(state, kSamples);
}
BENCHMARK(pack);

/// The portable kernels alone, without what stands around them: a bound that the dispatched path is held against.
void pack_portable(benchmark::State& state) {
  std::array<std::byte, kBlock / kSampleGroup * kMaxGroupBytes + kSampleSlack> bytes;
  const auto* const x = reinterpret_cast<const std::uint32_t*>(channels().force.data());
  for (auto _ : state) {
    for (std::size_t i = 1; i < kBlocks; ++i) {
      benchmark::DoNotOptimize(kPortableSampleKernels.pack_groups[2](x + i * kBlock, kBlock, bytes.data()));
      benchmark::ClobberMemory();
    }
  }
  count_samples(state, kSamples - kBlock);
}
BENCHMARK(pack_portable);

void unpack(benchmark::State& state) {
  const auto packed = packed_blocks(channels().force);
  SampleUnpacker unpacker;
  std::vector<std::int32_t> samples(kBlock);
  for (auto _ : state) {
    unpacker.restart();
    for (const std::string& block : packed) {
      if (!unpacker.unpack(std::as_bytes(std::span(block)), samples)) state.SkipWithError("bad block");
      benchmark::DoNotOptimize(samples.data());
    }
  }
  count_samples(state, kSamples);
}
BENCHMARK(unpack);

void unpack_portable(benchmark::State& state) {
  auto packed = packed_blocks(channels().force);
  for (std::string& block : packed) block.append(kSampleSlack, '\0');
  std::vector<std::int32_t> samples(kBlock);
  for (auto _ : state) {
    for (const std::string& block : packed) {
      std::span<const std::byte> in = std::as_bytes(std::span(block));
      const auto order = std::to_integer<unsigned>(in[0]);
      in = in.subspan(1 + 4 * history_of(order));
      SampleSums sums{};
      constexpr std::size_t kGroups = kBlock / kSampleGroup;
      if (kPortableSampleKernels.take_groups[order](in, kGroups, sums, samples.data()) != kGroups)
        state.SkipWithError("bad block");
      benchmark::DoNotOptimize(samples.data());
    }
  }
  count_samples(state, kSamples);
}
BENCHMARK(unpack_portable);

/// Blocks of both channels, as a DAQ sends them.
std::vector<wire::Envelope> block_messages() {
  SamplePacker force, position;
  std::vector<wire::Envelope> messages(kBlocks);
  for (std::size_t i = 0; i < kBlocks; ++i) {
    auto& block = *messages[i].mutable_sample_block();
    block.set_sequence(static_cast<std::uint32_t>(i));
    block.set_first_tick(i * kBlock * 20);
    block.set_ticks_per_sample(20);
    block.set_count(kBlock);
    force.pack(block_of(channels().force, i), *block.mutable_force());
    position.pack(block_of(channels().position, i), *block.mutable_position());
  }
  return messages;
}

std::vector<std::byte> bytes_on_link() {
  std::vector<std::byte> stream;
  for (const auto& message : block_messages()) {
    const auto frame = encode_frame(message).value();
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  return stream;
}

void samples_to_frame(benchmark::State& state) {
  const auto messages = block_messages();
  for (auto _ : state) {
    for (const auto& message : messages) {
      auto frame = encode_frame(message);
      benchmark::DoNotOptimize(frame->data());
    }
  }
  count_samples(state, 2 * kSamples);
}
BENCHMARK(samples_to_frame);

FLAC__StreamEncoderWriteStatus count_bytes(const FLAC__StreamEncoder*, const FLAC__byte[], std::size_t n, std::uint32_t,
                                           std::uint32_t, void* client) {
  *static_cast<std::size_t*>(client) += n;
  return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

/// What flac -5 makes of the same samples, bytes; 0 if it fails.
std::size_t flac_bytes() {
  std::size_t bytes = 0;
  const std::array<const FLAC__int32*, 2> both{channels().force.data(), channels().position.data()};
  return encode_flac(both, kSamples, 5, {.write = count_bytes, .client = &bytes}) ? bytes : 0;
}

void frame_to_samples(benchmark::State& state) {
  const std::vector<std::byte> stream = bytes_on_link();
  FrameDecoder decoder;
  wire::Envelope envelope;
  std::vector<std::int32_t> samples(kBlock);
  for (auto _ : state) {
    decoder.feed(stream, [&](std::span<const std::byte> payload) {
      envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
      const auto& block = envelope.sample_block();
      for (const std::string* channel : {&block.force(), &block.position()}) {
        if (!unpack_samples(std::as_bytes(std::span(*channel)), samples)) state.SkipWithError("bad block");
        benchmark::DoNotOptimize(samples.data());
      }
    });
  }
  count_samples(state, 2 * kSamples);
  const std::size_t flac = flac_bytes();
  if (flac == 0) state.SkipWithError("libFLAC did not encode");
  state.counters["bytes_per_sample"] = static_cast<double>(stream.size()) / (2 * kSamples);
  state.counters["bytes_over_flac"] = static_cast<double>(stream.size()) / static_cast<double>(flac);
}
BENCHMARK(frame_to_samples);

/// Packed blocks, one after the other: what check and stuffing meet.
std::vector<std::byte> packed_payload() {
  std::vector<std::byte> bytes;
  for (const std::string& block : packed_blocks(channels().force)) {
    const auto part = std::as_bytes(std::span(block));
    bytes.insert(bytes.end(), part.begin(), part.end());
    if (bytes.size() > 4096) break;
  }
  return bytes;
}

void check(benchmark::State& state) {
  const std::vector<std::byte> bytes = packed_payload();
  for (auto _ : state) benchmark::DoNotOptimize(state.range(0) != 0 ? crc32c(bytes) : crc32c_by_tables(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(check)->Arg(1)->Arg(0)->ArgName("instruction");

void unstuff(benchmark::State& state) {
  const std::vector<std::byte> bytes = packed_payload();
  std::vector<std::byte> stuffed;
  append_cobs(bytes, stuffed);
  std::vector<std::byte> plain(stuffed.size());
  for (auto _ : state) {
    if (!decode_cobs(stuffed, plain)) state.SkipWithError("bad stuffing");
    benchmark::DoNotOptimize(plain.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stuffed.size()));
}
BENCHMARK(unstuff);

}  // namespace
}  // namespace penrig
