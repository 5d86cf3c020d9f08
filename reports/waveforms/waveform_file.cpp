#include "reports/waveforms/waveform_file.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "reports/store/record_store.hpp"
#include "reports/waveforms/count_range.hpp"
#include "reports/waveforms/flac_encoder.hpp"
#include "reports/waveforms/held_waveforms.hpp"
#include "reports/waveforms/incoming_file.hpp"
#include "reports/waveforms/standing_flac_encoder.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "reports/waveforms/waveform_raw.hpp"
#include "rig/run/sample_queue.hpp"
#include "rig/spec/plan.hpp"

namespace penrig {

namespace {

static_assert(kMostSettingSamples < static_cast<double>(kMostWaveformSamples));
constexpr std::int32_t kMostCounts = (1 << 23) - 1;  ///< what 24 bits hold
/// Handed over at once: what came up to a point of the clock at which settings are measured (kMeasuredEvery), so that
/// one waking of the processor serves that and the threads of all files, unless it is little; and no more than is well
/// held.
constexpr std::size_t kFewSamples = 8192, kMostSamples = 65'536;
constexpr std::size_t kRoomForGaps = 2048;  ///< bytes of tags that may come at the end
constexpr std::size_t kMostGapsText = 1900;

bool is_beyond(std::int32_t counts) { return counts > kMostCounts || counts < -kMostCounts - 1; }

Error beyond_format(const char* channel, std::int32_t counts) {
  return fail(Errc::bad_data,
              fmt::format("the {} channel gave {} counts, a waveform holds {} to {} (its counter runs away, or the "
                          "device sends more than 24 bits)",
                          channel, counts, -kMostCounts - 1, kMostCounts));
}

/// @param stands_at  where the stage stands, as far as is known; none: it moves.
std::unique_ptr<WaveformEncoder> make_encoder(WaveformForm form, const WaveformFormat& format,
                                              std::optional<std::int32_t> stands_at, WaveformOutput& output) {
  if (form == WaveformForm::raw) return std::make_unique<RawEncoder>(format, output);
  if (stands_at) return std::make_unique<StandingFlacEncoder>(format, *stands_at, output);
  return std::make_unique<FlacEncoder>(format, output);
}

/// A raw file takes what came packed as it is.
void fetch_what_is_encoded(WaveformForm form, const SampleBlock& block) {
  form == WaveformForm::raw && !block.packed.force.empty() ? fetch_packed_ahead(block) : fetch_ahead(block);
}

}  // namespace

std::unique_ptr<WaveformWriter> RecordStore::begin_waveform(const std::string& run_id, const WaveformHead& head) {
  return begin_waveform(run_id, head, nullptr);
}

std::unique_ptr<WaveformWriter> RecordStore::begin_waveform(const std::string& run_id, const WaveformHead& head,
                                                            std::shared_ptr<UnsyncedFiles> unsynced) {
  return std::make_unique<WaveformFile>(folder_, run_id, head, waveform_form_, WaveformFileLimits{},
                                        std::move(unsynced), held_waveforms_.get());
}

WaveformFile::WaveformFile(std::filesystem::path records, std::string run_id, WaveformHead head, WaveformForm form,
                           WaveformFileLimits limits, std::shared_ptr<UnsyncedFiles> unsynced, HeldWaveforms* memory)
    : records_(std::move(records)),
      run_id_(std::move(run_id)),
      head_(std::move(head)),
      form_(form),
      limits_(limits),
      unsynced_(std::move(unsynced)),
      memory_(memory) {
  record_.purpose = head_.purpose;
  record_.calibration = head_.calibration;
  record_.form = form_;
}

WaveformFile::~WaveformFile() {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WaveformFile::samples(const SampleBlock& block) {
  if (const auto why = clock_.break_before(block, record_.samples)) gap(*why);
  if (!is_whole(block)) return gap(kChannelsDiffer);
  const std::int64_t point = block.arrived.since_start / kMeasuredEvery;
  const bool due = std::exchange(last_point_, point) != point && collected_.samples >= kFewSamples;
  if (due || collected_.samples >= kMostSamples) push();
  collected_.blocks.push_back(kept(block));
  collected_.samples += block.force.size();
  const PackedChannels& packed = collected_.blocks.back().packed;
  collected_.packed_bytes += packed.force.size() + packed.position.size() + packed.stage.size();
  record_.samples += block.force.size();
}

void WaveformFile::gap(const std::string& reason) {
  record_.gaps.push_back({record_.samples, reason.empty() ? "samples are missing" : reason});
}

void WaveformFile::push() {
  if (collected_.blocks.empty()) return;
  Piece piece = std::exchange(collected_, {});
  {
    std::unique_lock lock(mutex_);
    const auto fits = [&] { return waiting_.empty() || waiting_bytes_ + piece.bytes() <= limits_.held_bytes_max; };
    // Once the worker has given up it takes nothing any more, and says why.
    if (head_.may_wait) changed_.wait(lock, [&] { return fits() || error_ || given_up_; });
    if (error_) return;
    if (!fits()) overflowed_ = given_up_ = true;
    if (overflowed_) return changed_.notify_all();
    waiting_bytes_ += piece.bytes();
    waiting_.push_back(std::move(piece));
    collected_.blocks = std::exchange(emptied_, {});
    // finish() writes it.
    if (head_.written_at_end && !thread_.joinable() && waiting_bytes_ <= limits_.held_bytes_max / 16) return;
  }
  changed_.notify_all();
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error& e) {
    const std::lock_guard lock(mutex_);
    error_ = fail(Errc::internal, fmt::format("no thread to write a waveform: {}", e.what()));
  }
}

void WaveformFile::end() {
  push();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

Result<WaveformRecord> WaveformFile::finish() {
  end();
  if (thread_.joinable()) {
    thread_.join();
  } else if (!waiting_.empty() && !error_) {
    work();
  }
  if (overflowed_) {
    return fail(Errc::io,
                fmt::format("the waveform of '{}', {}: the disk took samples more slowly than they came, until {} MiB "
                            "waited (use a faster disk, or a lower sample_rate_hz)",
                            head_.phase, head_.purpose, limits_.held_bytes_max >> 20U));
  }
  if (error_) {
    return fail(error_->code, fmt::format("the waveform of '{}', {}: {}", head_.phase, head_.purpose, error_->message));
  }
  return record_;
}

std::optional<std::int32_t> WaveformFile::Piece::stage_stands_at() const {
  if (blocks.empty() || blocks.front().stage.empty()) return std::nullopt;
  const std::int32_t first = blocks.front().stage.front();
  const bool stands = std::ranges::all_of(blocks, [&](const SampleBlock& block) {
    const Extremes stage = block.seen_stage().extremes;
    return block.stage.empty() || (stage.low == first && stage.high == first);
  });
  return stands && !is_beyond(first) ? std::optional(first) : std::nullopt;
}

std::optional<WaveformFile::Piece> WaveformFile::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !waiting_.empty() || ended_ || given_up_; });
  if (waiting_.empty() || given_up_) return std::nullopt;
  Piece piece = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= piece.bytes();
  changed_.notify_all();
  return piece;
}

std::optional<Error> WaveformFile::encode(const SampleBlock& block, WaveformEncoder& encoder) const {
  const std::array<const char*, 3> names{"force", "position", "stage"};
  const std::array<ChannelBlock, 3> channels{{{block.seen_force(), block.packed.force},
                                              {block.seen_position(), block.packed.position},
                                              {block.seen_stage(), block.packed.stage}}};
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const SeenCounts& seen = channels[i].seen;
    if (!all_within(seen, kMostCounts)) return beyond_format(names[i], *std::ranges::find_if(seen.counts, is_beyond));
  }
  if (!encoder.process_block(channels))
    return fail(Errc::internal, fmt::format("the {} file takes no more samples", name_of(form_)));
  return std::nullopt;
}

void WaveformFile::work() {
  std::optional<Error> error;
  try {
    error = write_file();
  } catch (const std::exception& e) {
    error = fail(Errc::internal, e.what());
  }
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  waiting_.clear();
  changed_.notify_all();
}

std::unique_ptr<IncomingWaveform> WaveformFile::incoming() const {
  if (memory_ != nullptr) return memory_->begin(suffix_of(form_));
  return std::make_unique<IncomingFile>(records_, run_id_, suffix_of(form_),
                                        form_ == WaveformForm::raw ? WrittenIn::one_go : WrittenIn::returns);
}

std::optional<Error> WaveformFile::write_file() {
  const std::unique_ptr<IncomingWaveform> to = incoming();
  IncomingWaveform& file = *to;
  WaveformFormat format;
  format.channels = 3;
  format.sample_rate_hz = clock_.sample_rate_hz(head_.clock.tick_hz);
  format.tags = tags();
  format.more_tags_bytes = kRoomForGaps;
  std::optional<Piece> piece = next();
  const std::unique_ptr<WaveformEncoder> encoder =
      make_encoder(form_, format, piece && form_ == WaveformForm::flac ? piece->stage_stands_at() : std::nullopt, file);
  std::uint64_t samples = 0;
  for (; piece; piece = next()) {
    samples += piece->samples;
    if (samples > limits_.samples_max) {
      return fail(Errc::bad_data, fmt::format("it has more than {} samples a channel, and nobody could read it again "
                                              "(let the plan take fewer strokes, or a lower sample_rate_hz)",
                                              limits_.samples_max));
    }
    for (std::size_t i = 0; i < piece->blocks.size(); ++i) {
      if (i + 1 < piece->blocks.size()) fetch_what_is_encoded(form_, piece->blocks[i + 1]);
      SampleBlock& block = piece->blocks[i];
      if (std::optional<Error> bad = encode(block, *encoder)) return file.error() ? file.error() : bad;
      block = {};
    }
    // Its memory serves again, instead of being asked for anew.
    piece->blocks.clear();
    const std::lock_guard lock(mutex_);
    emptied_ = std::move(piece->blocks);
  }
  {
    const std::lock_guard lock(mutex_);
    if (given_up_) return fail(Errc::aborted, "nobody waits for it");
  }
  // All that other threads bring has come.
  WaveformTags more;
  if (!record_.gaps.empty()) more.emplace_back("GAPS", gaps_text());
  const bool good = encoder->finish(more);
  if (file.error()) return file.error();
  if (!good) return fail(Errc::internal, fmt::format("a {} file cannot hold it", name_of(form_)));
  const Result<IncomingWaveform::Kept> kept = file.keep(unsynced_.get());
  if (!kept) return kept.error();
  record_.sha256 = kept->sha256;
  record_.bytes = kept->bytes;
  record_.sample_rate_hz = format.sample_rate_hz;
  record_.first_tick = clock_.first_tick;
  record_.ticks_per_sample = clock_.ticks_per_sample;
  record_.start_utc_ns = start_utc_ns();
  return std::nullopt;
}

std::int64_t WaveformFile::start_utc_ns() const {
  const double since_s =
      head_.clock.host_seconds(static_cast<double>(clock_.first_tick)) - head_.clock.host_ref.seconds();
  return head_.clock_utc_ns + seconds_to_ns(since_s).count();
}

WaveformTags WaveformFile::tags() const {
  WaveformTags all{{"RUN", run_id_},
                   {"PHASE", head_.phase},
                   {"ATTEMPT", fmt::to_string(head_.attempt)},
                   {"PURPOSE", head_.purpose},
                   {"SAMPLE_RATE_HZ", exact_text(clock_.sample_rate_hz(head_.clock.tick_hz))},
                   {"START_UTC", format_iso8601(start_utc_ns())},
                   {"FIRST_TICK", fmt::to_string(clock_.first_tick)},
                   {"TICKS_PER_SAMPLE", exact_text(clock_.ticks_per_sample)},
                   {"TICK_HZ", exact_text(head_.clock.tick_hz)},
                   {"CALIBRATION", head_.calibration}};
  const auto channel = [&](std::size_t i, const char* name, const char* unit, const WaveformScale& scale) {
    append_channel_tags(all, i, name, unit, scale.scale, scale.offset);
  };
  channel(0, "force", "N", head_.force);
  channel(1, "position", "mm", head_.position);
  channel(2, "stage", "mm", head_.stage);
  return all;
}

/// "before sample 1024: a frame is missing; ...": as many as there is room for, and how many more.
std::string WaveformFile::gaps_text() const {
  std::string text;
  std::size_t written = 0;
  for (const WaveformGap& gap : record_.gaps) {
    const std::string one =
        fmt::format("{}before sample {}: {}", written == 0 ? "" : "; ", gap.before_sample, gap.reason);
    if (text.size() + one.size() > kMostGapsText) break;
    text += one;
    ++written;
  }
  if (written < record_.gaps.size()) text += fmt::format("; {} more", record_.gaps.size() - written);
  return text;
}

}  // namespace penrig
