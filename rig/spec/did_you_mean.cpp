#include "rig/spec/did_you_mean.hpp"

#include <algorithm>
#include <vector>

namespace penrig {
namespace {

// A word longer than this is no misspelt key, and the work grows with the square.
constexpr std::size_t kLongestWord = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

std::optional<std::string_view> did_you_mean(std::string_view written, std::span<const std::string_view> known) {
  if (written.size() > kLongestWord) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t nearest_distance = 0;
  for (const std::string_view word : known) {
    const std::size_t allowed = std::max<std::size_t>(1, std::min(word.size(), written.size()) / 3);
    // So many letters must be put in or taken out at least: most words are told apart without counting.
    if (std::max(word.size(), written.size()) - std::min(word.size(), written.size()) > allowed) continue;
    const std::size_t distance = edit_distance(written, word);
    // A word of one or two letters is as near to any other: only its case may be wrong.
    if (distance > allowed || (written.size() <= 2 && distance > 0)) continue;
    if (!nearest || distance < nearest_distance) {
      nearest = word;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace penrig
