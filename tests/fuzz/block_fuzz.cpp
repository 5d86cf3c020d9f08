#include <cstdint>
#include <cstdlib>
#include <vector>

#include "rig/base/sample_codec.hpp"

/// Any bytes as a packed channel: refused, or samples that pack to the same samples again. The first two bytes say how
/// many samples the block claims to have.

namespace {

using namespace penrig;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t count = 1 + (data[0] + std::size_t{256} * data[1]) % kMaxBlockSamples;
  std::vector<std::int32_t> samples(count), again(count);
  // A copy of its own size, so that a read past the end is seen.
  const std::vector<std::uint8_t> packed(data + 2, data + size);
  const auto history = unpack_samples(std::as_bytes(std::span(packed)), samples);
  if (!history) return 0;
  std::string repacked;
  pack_samples(*history, samples, repacked);
  require(repacked.size() <= packed.size());  // a packer takes the narrowest width; a stranger's need not be
  const auto same_history = unpack_samples(std::as_bytes(std::span(repacked)), again);
  require(same_history.has_value() && *same_history == *history && again == samples);
  return 0;
}
