#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "reports/waveforms/unsynced_files.hpp"
#include "reports/waveforms/waveform.hpp"
#include "reports/waveforms/waveform_encoder.hpp"
#include "rig/measure/capture.hpp"
#include "rig/ports/waveform_writer.hpp"

namespace penrig {

class HeldWaveforms;
class IncomingWaveform;

struct WaveformFileLimits {
  std::size_t held_bytes_max = std::size_t{64} << 20U;  ///< of samples that wait to be written
  std::uint64_t samples_max = kMostWaveformSamples;     ///< a channel: what is longer nobody could read
};

/// Writes one capture into the folder of records: counts of force, position and stage side by side, 24 bits, FLAC (a
/// stage that stands is a tag) or raw, tags as reports/CAPTURES.md says. The file grows in `waveforms/incoming/` on a
/// thread of its own. At the end: encoder finished, gaps entered into the tags, SHA-256, fsync of the file, rename to
/// its name, fsync of the folders (both fsyncs later, by whoever gave `unsynced`). Where memory was given for it, the
/// same bytes grow and stay there, and no file is made. One thread brings samples and calls end() and finish().
class WaveformFile final : public WaveformWriter {
 public:
  WaveformFile(std::filesystem::path records, std::string run_id, WaveformHead head,
               WaveformForm form = WaveformForm::flac, WaveformFileLimits limits = {},
               std::shared_ptr<UnsyncedFiles> unsynced = nullptr, HeldWaveforms* memory = nullptr);
  ~WaveformFile() override;
  WaveformFile(const WaveformFile&) = delete;
  WaveformFile& operator=(const WaveformFile&) = delete;

  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;
  void end() override;
  Result<WaveformRecord> finish() override;

 private:
  /// Blocks on their way to the encoder, all channels of one length.
  struct Piece {
    std::vector<SampleBlock> blocks;
    std::size_t samples = 0, packed_bytes = 0;
    /// None: it moves.
    std::optional<std::int32_t> stage_stands_at() const;
    std::size_t bytes() const { return 3 * samples * sizeof(std::int32_t) + packed_bytes; }
  };
  void push();
  void work();  // on the thread
  std::optional<Error> encode(const SampleBlock& block, WaveformEncoder& encoder) const;
  std::optional<Piece> next();  // waits; none: nothing comes any more
  std::unique_ptr<IncomingWaveform> incoming() const;
  std::optional<Error> write_file();
  WaveformTags tags() const;
  std::string gaps_text() const;
  std::int64_t start_utc_ns() const;

  // Of the thread that brings samples; the other one reads them when all have come, but for the clock, which is set
  // before it starts.
  const std::filesystem::path records_;
  const std::string run_id_;
  const WaveformHead head_;
  const WaveformForm form_;
  const WaveformFileLimits limits_;
  const std::shared_ptr<UnsyncedFiles> unsynced_;
  HeldWaveforms* const memory_;
  SampleClock clock_;
  WaveformRecord record_;
  Piece collected_;
  std::int64_t last_point_ = 0;  ///< of the clock, before the newest block came
  bool overflowed_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> waiting_;  // with mutex_, as all that follows
  std::size_t waiting_bytes_ = 0;
  std::vector<SampleBlock> emptied_;
  bool ended_ = false, given_up_ = false;
  std::optional<Error> error_;
  std::thread thread_;
};

}  // namespace penrig
