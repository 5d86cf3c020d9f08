#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "reports/digest.hpp"
#include "reports/evidence/key_ring.hpp"
#include "reports/export/bundle.hpp"
#include "reports/store/record_log.hpp"
#include "reports/trace/pcapng.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig::testing {

/// A folder of records with runs of several ends, each with waveforms, signed unless `keys` says otherwise.
class BundleSample {
 public:
  explicit BundleSample(bool with_keys = true) {
    if (with_keys) keys_ = KeyRing::create(folder_.path() / "keys", "M. Okafor").value();
    store_ = opened(records());
    if (keys_) store_->sign_with(keys_, {"M. Okafor", 1'795'167'000'000'000'000}).value();
    // Leaves on both sides of it, so that the proof has hashes on both.
    for (const SampleEnd end :
         {SampleEnd::fail, SampleEnd::pass, SampleEnd::aborted, SampleEnd::pass, SampleEnd::error}) {
      RunRecord run = sample_record({.end = end, .depths_mm = {0.5}, .rates_per_min = {9000}, .strokes = 12});
      add_waveforms(run);
      if (end == SampleEnd::pass) add_link_trace(run);
      ids_.push_back(stored(*store_, run));
    }
  }

  std::filesystem::path records() const { return folder_.path() / "records"; }
  const std::filesystem::path& scratch() const { return folder_.path(); }
  RecordStore& store() { return *store_; }
  const std::shared_ptr<const KeyRing>& keys() const { return keys_; }
  const std::string& passed() const { return ids_[1]; }
  const std::string& failed() const { return ids_[0]; }
  const std::vector<std::string>& all() const { return ids_; }

  std::string bundle(const std::string& id) {
    return bundle_of(*store_, id, {.exporter = "penrig test", .keys = keys_}).value();
  }

 private:
  void add_waveforms(RunRecord& run) const {
    int phases = 0;
    for (PhaseRecord& phase : run.phases) {
      if (phase.kind != "setting") continue;
      Waveform w;
      w.sample_rate_hz = 50'000;
      w.channels = {{"position", "mm", 1e-4, 0, {}}, {"force", "N", 1e-5, 0, {}}};
      for (int i = 0; i < 400; ++i) {
        w.channels[0].counts.push_back(100 * (i % 37) + phases);
        w.channels[1].counts.push_back(i * 7 % 1001);
      }
      const std::string bytes = encode_flac(w).value();
      WaveformRecord r;
      r.purpose = "setting";
      r.sha256 = write_waveform_file(records(), bytes);
      r.bytes = bytes.size();
      r.samples = 400;
      r.sample_rate_hz = 50'000;
      r.ticks_per_sample = 200;
      phase.waveforms = {r};
      ++phases;
    }
  }

  void add_link_trace(RunRecord& run) const {
    std::string bytes;
    append_section(bytes, "links of a made-up run", "penrig test");
    append_interface(bytes, "sim:pen");
    append_chunk(bytes, {0, 1'795'167'000'000'000'000, TraceDirection::out, std::string_view("\x02\x07\x00", 3), {}});
    const std::string sha256 = sha256_hex(bytes);
    const auto file = records() / waveform_path(sha256, kTraceSuffix);
    std::filesystem::create_directories(file.parent_path());
    write_bytes(file, bytes);
    run.link_trace = LinkTraceRecord{sha256, bytes.size(), 1, {{"sim:pen", 0, 3}}};
  }

  ScratchDirectory folder_;
  std::shared_ptr<const KeyRing> keys_;
  std::unique_ptr<RecordStore> store_;
  std::vector<std::string> ids_;
};

}  // namespace penrig::testing
