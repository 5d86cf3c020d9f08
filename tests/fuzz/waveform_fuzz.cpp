// Any bytes as a waveform of a record: refused with words, or channels of one length that are encoded to files of
// either form which give the same counts again.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "reports/waveforms/waveform_raw.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

/// @param block  samples that come at once, packed; 0: all at once, and not packed.
std::string encode_raw(const Waveform& waveform, std::size_t block) {
  MemoryOutput memory;
  WaveformFormat format;
  format.channels = waveform.channels.size();
  format.bits = waveform.bits;
  format.tags = tags_of(waveform);
  RawEncoder encoder(format, memory);
  std::vector<SamplePacker> packers(format.channels);
  const std::size_t samples = waveform.channels[0].counts.size(), step = block == 0 ? samples : block;
  for (std::size_t at = 0; at < samples; at += step) {
    std::vector<std::string> packed(format.channels);
    std::vector<ChannelBlock> channels;
    for (std::size_t c = 0; c < format.channels; ++c) {
      const auto counts = std::span(waveform.channels[c].counts).subspan(at, std::min(step, samples - at));
      if (at / step % 3 == 2) packers[c].restart();  // as after a frame that was lost
      if (block > 0) packers[c].pack(counts, packed[c]);
      channels.push_back({counts, std::as_bytes(std::span(packed[c]))});
    }
    demand(encoder.process_block(channels), "memory takes all");
  }
  demand(encoder.finish({}), "memory takes all");
  return memory.bytes;
}

void demand_same(const Waveform& read, const std::string& file) {
  const Result<Waveform> again = decode_waveform(file);
  demand(again && again->channels.size() == read.channels.size(), "what was read can be written");
  for (std::size_t i = 0; again && i < again->channels.size(); ++i)
    demand(again->channels[i].counts == read.channels[i].counts, "and gives the same counts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Waveform> read = decode_waveform(bytes);
  // Under its own hash a record would take it; under another never.
  WaveformRecord record;
  record.sha256 = std::string(64, '0');
  demand(!kept_capture(record, bytes), "bytes with another hash are refused");
  if (!read) {
    demand(!read.error().message.empty(), "a refusal has words");
    return 0;
  }
  demand(!read->channels.empty() && read->sample_rate_hz > 0, "a waveform has channels and a rate");
  for (const WaveformChannel& channel : read->channels)
    demand(channel.counts.size() == read->channels[0].counts.size(), "channels are of one length");
  const Result<std::string> file = encode_flac(*read);
  if (!file) return 0;  // a stranger's may be more than ours can be
  demand_same(*read, *file);
  for (const std::size_t block : {0U, 100U, 200U, 1024U}) demand_same(*read, encode_raw(*read, block));
  return 0;
}
