#include "tools/penrig/served_rig.hpp"

#include <fmt/format.h>

#include "reports/number_format.hpp"

namespace penrig::cli {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

/// "  due: 2027-11-01  # …" with another date.
std::string with_date(const std::string& line, const std::string& date) {
  const std::size_t at = line.find_first_not_of(' ', line.find(':') + 1);
  return at == std::string::npos ? line : line.substr(0, at) + date + line.substr(std::min(at + 10, line.size()));
}

std::string slots_yaml(const std::vector<SlotDescription>& slots) {
  std::string text = "slots:\n";
  for (const SlotDescription& slot : slots) {
    text += fmt::format("  - name: '{}'\n    pen: {}\n    daq: {}\n", slot.name, slot.pen_link, slot.daq_link);
    if (!slot.pen_ble_link.empty()) text += fmt::format("    pen_ble: {}\n", slot.pen_ble_link);
    if (!slot.sheet.empty()) text += fmt::format("    sheet: '{}'\n", slot.sheet);
  }
  return text;
}

}  // namespace

Result<std::string> served_rig_yaml(std::string_view yaml, const std::vector<SlotDescription>& slots,
                                    std::int64_t utc_ns) {
  const auto day = [&](std::int64_t days) { return format_iso8601(utc_ns + days * kDayNs).substr(0, 10); };
  std::string out, due;
  bool in_slots = false, replaced = false;
  for (std::size_t i = 0; i < yaml.size();) {
    const std::size_t end = std::min(yaml.find('\n', i), yaml.size() - 1) + 1;
    std::string line(yaml.substr(i, end - i));
    i = end;
    const bool top_level = line[0] != ' ' && line[0] != '\n' && line[0] != '#';
    if (top_level) in_slots = line.starts_with("slots:");
    if (in_slots) {
      if (!replaced) out += slots_yaml(slots) + "\n";
      replaced = true;
      continue;
    }
    if (line.starts_with("  date: ") && line.substr(8, 10) > day(0)) line = with_date(line, day(-1));
    if (line.starts_with("  due: ") && line.substr(7, 10) < day(0)) line = with_date(line, day(365));
    out += line;
  }
  if (!replaced) return fail(Errc::internal, "the built-in description of the simulated rig has no slots");
  return out;
}

}  // namespace penrig::cli
