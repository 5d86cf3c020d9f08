#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penrig {

/// Bytes of the first character; 0 if they are no UTF-8 (overlong, surrogate, cut off) or there are none.
std::size_t utf8_length(std::string_view text);

/// Number of characters. A byte that is no UTF-8 counts as one.
std::size_t utf8_count(std::string_view text);

/// The first `count` characters; all of a shorter text.
std::string_view utf8_first(std::string_view text, std::size_t count);

/// Text from outside as it may be shown: control characters and what is no UTF-8 become '?', so that it cannot steer a
/// terminal; a tab becomes one blank, so that columns stay. Cut after `most` characters, then with an ellipsis.
std::string shown(std::string_view text, std::size_t most = 60);

}  // namespace penrig
