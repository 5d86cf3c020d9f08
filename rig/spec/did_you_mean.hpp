#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace penrig {

/// Edits (insert, remove, replace, swap two neighbours) that turn one word into the other.
/// Source: restricted Damerau-Levenshtein distance, case ignored for ASCII letters.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that was probably meant, or nothing if none is near (more than a third of the letters are wrong).
/// Among equals the first known one.
std::optional<std::string_view> did_you_mean(std::string_view written, std::span<const std::string_view> known);

}  // namespace penrig
