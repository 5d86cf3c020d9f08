#include "tools/penrig/stream_capacity.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "protocols/links.hpp"
#include "rig/spec/yaml_tree.hpp"

namespace penrig::cli {
namespace {

constexpr double kBytesPerSample = 1.15;       // force and position each
constexpr double kStageBytesPerSample = 0.15;  // it hardly moves
constexpr double kBytesPerBlock = 32;          // envelope, ticks, CRC, delimiter
constexpr double kCobs = 1.0 + 1.0 / 254;
constexpr double kShareMax = 0.8;
constexpr double kBitsPerByte = 10;  // 8N1

bool baud_means_nothing(const std::string& device) {
  std::error_code ec;
  const std::string path = std::filesystem::weakly_canonical(device, ec).string();
  return path.starts_with("/dev/pts/") || path.starts_with("/dev/ttyACM");
}

}  // namespace

double stream_bytes_per_s(const Plan& plan) {
  const double per_sample =
      2 * kBytesPerSample + kStageBytesPerSample + kBytesPerBlock / static_cast<double>(plan.block_samples);
  return plan.sample_rate_hz * per_sample * kCobs;
}

std::optional<Mistake> check_capacity(const Plan& plan, const SlotDescription& slot, std::string_view rig_text,
                                      const std::string& rig_file) {
  const Result<SerialUri> uri = parse_serial_uri(slot.daq_link);
  if (!uri || baud_means_nothing(uri->device)) return std::nullopt;
  const double needed = stream_bytes_per_s(plan), carried = kShareMax * uri->baud / kBitsPerByte;
  if (needed <= carried) return std::nullopt;

  std::string message = fmt::format(
      "samples at {:.0f} kS/s need {:.0f} kB/s, and 80 % of {} baud carry {:.0f} kB/s (write baud={:.0f} or more where "
      "the DAQ can, or at most sample_rate_hz: {:.0f} in the plan)",
      plan.sample_rate_hz / 1e3, needed / 1e3, uri->baud, carried / 1e3, needed * kBitsPerByte / kShareMax + 0.5,
      plan.sample_rate_hz * carried / needed - 0.5);
  return mistake_at(rig_file, TextLines(rig_text), slot.daq_place, std::move(message));
}

}  // namespace penrig::cli
