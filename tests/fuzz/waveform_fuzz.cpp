// Any bytes as a waveform of a record: refused with words, or channels of one length that are encoded to a file which
// gives the same counts again.
#include <cstdint>
#include <string_view>

#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

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
  const Result<Waveform> again = decode_flac({}, bytes_of(*file));
  demand(again && again->channels.size() == read->channels.size(), "what was read can be written");
  for (std::size_t i = 0; again && i < again->channels.size(); ++i)
    demand(again->channels[i].counts == read->channels[i].counts, "and gives the same counts");
  return 0;
}
