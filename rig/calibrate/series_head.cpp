#include "rig/calibrate/series_head.hpp"

#include <fmt/format.h>

#include "rig/calibrate/kind.hpp"

namespace penrig {
namespace {

constexpr std::string_view kOfFixture = " of fixture ", kSimulated = " (simulated)", kBegun = "begun ";

}  // namespace

std::vector<std::string> remarks_of(const SeriesHead& head) {
  return {fmt::format("{}{}{}{}", head.target, kOfFixture, head.fixture_id, head.simulated ? kSimulated : ""),
          fmt::format("{}{}", kBegun, head.begun)};
}

std::optional<SeriesHead> read_series_head(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::optional<SeriesHead> head;
  std::string begun;
  while (text.starts_with('#')) {
    std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    text.remove_prefix(line.size());
    while (text.starts_with('\r') || text.starts_with('\n')) text.remove_prefix(1);
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (line.starts_with(kBegun)) begun = line.substr(kBegun.size());
    const std::size_t at = line.find(kOfFixture);
    if (at == std::string_view::npos || find_target(line.substr(0, at)) == nullptr) continue;
    head.emplace();
    head->target = line.substr(0, at);
    std::string_view fixture = line.substr(at + kOfFixture.size());
    head->simulated = fixture.ends_with(kSimulated);
    if (head->simulated) fixture.remove_suffix(kSimulated.size());
    head->fixture_id = fixture;
  }
  if (head) head->begun = begun;
  return head;
}

}  // namespace penrig
