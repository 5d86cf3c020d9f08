#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "reports/waveforms/waveform_file.hpp"
#include "tools/benchmarks/pen_counts.hpp"

/// What keeping a waveform costs, against FLAC encoding, hash, write and fsync themselves: an unwrapped loop over
/// libFLAC and OpenSSL. Ten seconds of three channels at 50 kS/s, as a setting of 1,500 strokes gives them. Wanted:
/// kept / plain <= 1.15, of real time and of the CPU time of all threads.

namespace penrig {
namespace {

constexpr std::size_t kSamples = 500'000, kBlock = 512;

const PenCounts& samples() {
  static const PenCounts made = pen_counts(kSamples, {.force = 40, .position = 6, .stage = 3});
  return made;
}

std::filesystem::path folder() {
  auto path = std::filesystem::temp_directory_path() / ("penrig-waveform-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(path);
  return path;
}

void kept(benchmark::State& state, WaveformForm form) {
  const PenCounts& s = samples();
  const std::filesystem::path records = folder();
  WaveformHead head;
  head.clock.tick_hz = 1e7;
  // Samples come as fast as they are taken: a run brings them at a twentieth of that, and next to nothing waits.
  head.may_wait = head.written_at_end = true;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    WaveformFile file(records, "R-000001", head, form, {.held_bytes_max = std::size_t{1} << 20U});
    for (std::size_t at = 0; at < kSamples; at += kBlock) {
      const std::size_t n = std::min(kBlock, kSamples - at);
      const auto part = [&](const std::vector<std::int32_t>& counts) { return std::span(counts).subspan(at, n); };
      file.samples({200 * at, 200, part(s.force), part(s.position), part(s.stage), {}});
    }
    const Result<WaveformRecord> record = file.finish();
    if (!record) {
      state.SkipWithError(record.error().message.c_str());
      break;
    }
    bytes = record->bytes;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(3 * kSamples));
  state.counters["bytes"] = static_cast<double>(bytes);
  std::filesystem::remove_all(records);
}
BENCHMARK_CAPTURE(kept, raw, WaveformForm::raw)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(kept, flac, WaveformForm::flac)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

struct PlainFile {
  int fd = -1;
  FLAC__uint64 at = 0;
};
FLAC__StreamEncoderWriteStatus write_plain(const FLAC__StreamEncoder*, const FLAC__byte bytes[], std::size_t n,
                                           std::uint32_t, std::uint32_t, void* client) {
  PlainFile& file = *static_cast<PlainFile*>(client);
  if (::write(file.fd, bytes, n) != static_cast<ssize_t>(n)) return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
  file.at += n;
  return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}
FLAC__StreamEncoderSeekStatus seek_plain(const FLAC__StreamEncoder*, FLAC__uint64 to, void* client) {
  PlainFile& file = *static_cast<PlainFile*>(client);
  file.at = to;
  return ::lseek(file.fd, static_cast<off_t>(to), SEEK_SET) < 0 ? FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR
                                                                : FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
}
FLAC__StreamEncoderTellStatus tell_plain(const FLAC__StreamEncoder*, FLAC__uint64* to, void* client) {
  *to = static_cast<PlainFile*>(client)->at;
  return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

bool encode_plain(PlainFile& file) {
  const PenCounts& s = samples();
  const std::array<const FLAC__int32*, 3> channels{s.force.data(), s.position.data(), s.stage.data()};
  return encode_flac(channels, kSamples, 0, {write_plain, seek_plain, tell_plain, &file});
}

bool hash_plain(int fd) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
  std::vector<unsigned char> part(std::size_t{1} << 16U);
  bool good = ::lseek(fd, 0, SEEK_SET) == 0;
  ssize_t n = 0;
  while (good && (n = ::read(fd, part.data(), part.size())) > 0) {
    good = EVP_DigestUpdate(context, part.data(), static_cast<std::size_t>(n)) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  good = EVP_DigestFinal_ex(context, sum.data(), nullptr) == 1 && good && n == 0;
  EVP_MD_CTX_free(context);
  benchmark::DoNotOptimize(sum.data());
  return good;
}

void plain(benchmark::State& state) {
  samples();
  const std::filesystem::path records = folder();
  for (auto _ : state) {
    PlainFile file{::open((records / "plain.flac").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), 0};
    const bool good = file.fd >= 0 && encode_plain(file) && ::fsync(file.fd) == 0 && hash_plain(file.fd);
    if (file.fd >= 0) ::close(file.fd);
    if (!good) {
      state.SkipWithError("the plain loop failed");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(3 * kSamples));
  std::filesystem::remove_all(records);
}
BENCHMARK(plain)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penrig
