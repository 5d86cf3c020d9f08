#pragma once

#include <filesystem>
#include <string>

namespace penrig::testing {

/// What a certificate says of itself.
struct SelfSigned {
  std::string subject = "IP:127.0.0.1";  ///< its one subjectAltName, as openssl writes it
  long from_s = -60, until_s = 3600;     ///< from now
};

/// NAME.pem and NAME.key in the folder: a certificate that trusts itself, and its key. Throws where it cannot be made.
void write_self_signed(const std::filesystem::path& folder, const std::string& name, const SelfSigned& what = {});

}  // namespace penrig::testing
