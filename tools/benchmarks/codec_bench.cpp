#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>
#include <penrig.pb.h>

#include "protocols/crc32c.hpp"
#include "protocols/frame.hpp"
#include "protocols/sample_codec.hpp"
#include "rig/base/random.hpp"

/// What a sample costs on its way: packing, unpacking, and the whole of frame to samples and back.

namespace penrig {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kBlocks = 64;

/// A load cell at 50 kS/s: a hump at 120 Hz on noise of some counts.
std::vector<std::int32_t> load_cell_counts() {
  Random random(1, "codec bench");
  std::vector<std::int32_t> counts;
  for (std::size_t i = 0; i < kBlocks * kBlock; ++i) {
    const double turns = static_cast<double>(i) * 120 / 50'000;
    const double phase = turns - static_cast<double>(static_cast<std::int64_t>(turns));
    counts.push_back(static_cast<std::int32_t>(200'000 * phase * (1 - phase) + 8 * random.normal()));
  }
  return counts;
}

std::span<const std::int32_t> block_of(const std::vector<std::int32_t>& counts, std::size_t i) {
  return std::span(counts).subspan(i % kBlocks * kBlock, kBlock);
}

void pack(benchmark::State& state) {
  const auto counts = load_cell_counts();
  SamplePacker packer;
  std::string packed;
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    packed.clear();
    packer.pack(block_of(counts, i++), packed);
    bytes += packed.size();
    benchmark::DoNotOptimize(packed.data());
  }
  const auto samples = static_cast<double>(state.iterations()) * kBlock;
  state.SetItemsProcessed(static_cast<std::int64_t>(samples));
  state.counters["bytes_per_sample"] = static_cast<double>(bytes) / samples;
}
BENCHMARK(pack);

void unpack(benchmark::State& state) {
  const auto counts = load_cell_counts();
  SamplePacker packer;
  std::vector<std::string> packed(kBlocks);
  for (std::size_t i = 0; i < kBlocks; ++i) packer.pack(block_of(counts, i), packed[i]);
  SampleUnpacker unpacker;
  std::vector<std::int32_t> samples(kBlock);
  std::size_t i = 0;
  for (auto _ : state) {
    if (i % kBlocks == 0) unpacker.restart();
    if (!unpacker.unpack(std::as_bytes(std::span(packed[i++ % kBlocks])), samples)) state.SkipWithError("bad block");
    benchmark::DoNotOptimize(samples.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlock));
}
BENCHMARK(unpack);

std::vector<wire::Envelope> block_messages() {
  const auto counts = load_cell_counts();
  SamplePacker force, position, stage;
  std::vector<wire::Envelope> messages(kBlocks);
  for (std::size_t i = 0; i < kBlocks; ++i) {
    auto& block = *messages[i].mutable_sample_block();
    block.set_sequence(static_cast<std::uint32_t>(i));
    block.set_first_tick(i * kBlock * 20);
    block.set_ticks_per_sample(20);
    block.set_count(kBlock);
    force.pack(block_of(counts, i), *block.mutable_force());
    position.pack(block_of(counts, i), *block.mutable_position());
    stage.pack(block_of(counts, i), *block.mutable_stage());
  }
  return messages;
}

void samples_to_frame(benchmark::State& state) {
  const auto messages = block_messages();
  std::size_t i = 0;
  for (auto _ : state) {
    auto frame = encode_frame(messages[i++ % kBlocks]);
    benchmark::DoNotOptimize(frame->data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(3 * kBlock));
}
BENCHMARK(samples_to_frame);

void frame_to_samples(benchmark::State& state) {
  std::vector<std::byte> stream;
  for (const auto& message : block_messages()) {
    const auto frame = encode_frame(message).value();
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  FrameDecoder decoder;
  wire::Envelope envelope;
  std::vector<std::int32_t> samples(kBlock);
  for (auto _ : state) {
    decoder.feed(stream, [&](std::span<const std::byte> payload) {
      envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
      const auto& block = envelope.sample_block();
      for (const std::string* channel : {&block.force(), &block.position(), &block.stage()}) {
        if (!unpack_samples(std::as_bytes(std::span(*channel)), samples)) state.SkipWithError("bad block");
        benchmark::DoNotOptimize(samples.data());
      }
    });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(3 * kBlocks * kBlock));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(frame_to_samples);

void check(benchmark::State& state) {
  const std::vector<std::byte> bytes(4096, std::byte{0x5A});
  for (auto _ : state) benchmark::DoNotOptimize(state.range(0) != 0 ? crc32c(bytes) : crc32c_by_tables(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(check)->Arg(1)->Arg(0);

}  // namespace
}  // namespace penrig

BENCHMARK_MAIN();
