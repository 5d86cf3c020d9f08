// What a record's rows carry as bytes and JSON, as any bytes; the first says which: strokes, traces, calibrations, and
// the inputs of an analysis. Refused with words, or the same when it is written again.
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "reports/calibration_json.hpp"
#include "reports/store/stroke_blob.hpp"
#include "rig/run/stored_inputs.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

template <class Read, class Again>
void bytes_or_words(std::string_view bytes, Read&& read_bytes, Again&& again) {
  try {
    demand(again(read_bytes(bytes)) == bytes, "bytes are written as they were read");
  } catch (const ErrorException& e) {
    demand(e.error.code == Errc::bad_data && !e.error.message.empty(), "a refusal has words");
  }
}

/// name NUL kind value: 'i' and 8 bytes, 'd' and 8 bytes, 's' text NUL.
AnalysisInputs inputs_in(std::string_view bytes) {
  AnalysisInputs inputs;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    const std::string name(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const char kind = bytes.empty() ? 's' : bytes.front();
    bytes.remove_prefix(bytes.empty() ? 0 : 1);
    if (kind == 's' || bytes.size() < 8) {
      const std::size_t stop = std::min(bytes.find('\0'), bytes.size());
      inputs[name] = std::string(bytes.substr(0, stop));
      bytes.remove_prefix(std::min(stop + 1, bytes.size()));
      continue;
    }
    std::int64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    if (kind == 'i') {
      inputs[name] = number;
    } else {
      inputs[name] = std::bit_cast<double>(number);
    }
  }
  return inputs;
}

template <class T>
void kept_or_words(const Result<T>& read_inputs) {
  if (!read_inputs) demand(!read_inputs.error().message.empty(), "a refusal has words");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      bytes_or_words(text, strokes_of, [](const auto& strokes) { return bytes_of(strokes); });
      break;
    case 1:
      bytes_or_words(text, traces_of, [](const auto& traces) { return bytes_of(traces); });
      break;
    case 2:
      if (const Result<Calibration> calibration = calibration_of(text)) {
        const std::string once = calibration_json_text(*calibration);
        const Result<Calibration> again = calibration_of(once);
        demand(again && calibration_json_text(*again) == once, "a calibration is written as it was read");
      } else {
        demand(!calibration.error().message.empty(), "a refusal has words");
      }
      break;
    default: {
      const AnalysisInputs inputs = inputs_in(text);
      kept_or_words(tare_inputs(inputs));
      kept_or_words(touch_inputs(inputs));
      kept_or_words(setting_inputs(inputs));
      kept_or_words(link_loss_inputs(inputs));
    }
  }
  return 0;
}
