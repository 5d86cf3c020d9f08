#pragma once

#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig::station {

/// A secret as it is kept: "scrypt$15$8$1$SALT$HASH", salt and hash in base64. Takes a tenth of a second, on purpose.
/// Errc::internal: the library refused.
Result<std::string> keep_secret(std::string_view secret);

/// Whether it is the one that was kept so. What is no kept secret fits nothing, but takes as long.
bool secret_fits(std::string_view secret, std::string_view kept);

/// The number of a badge, by which its person is found: scrypt with the salt of all badges, hex; "" if that is refused.
/// Takes as long.
std::string badge_digest(std::string_view number, std::string_view salt);

/// So many random bytes, in hex. Errc::internal: the machine has none.
Result<std::string> random_hex(std::size_t bytes);

/// SHA-256, hex; of what is random already and only looked up.
std::string digest_of(std::string_view token);

/// Compares in a time that does not depend on where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace penrig::station
