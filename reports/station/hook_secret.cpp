#include "reports/station/hook_secret.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/evidence/base64.hpp"
#include "reports/plain_file.hpp"

namespace penrig::station {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kShortestSecret = 24, kLongestSecret = 64, kLargestSecretFile = 200;

std::string hmac_sha256(const std::string& key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

Result<HookSecret> HookSecret::parse(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto none = [] {
    return fail(Errc::bad_data, "there is no key: one line was expected, whsec_ and 24 to 64 bytes in base64");
  };
  if (!text.starts_with(kPrefix)) return none();
  auto key = bytes_of_base64(text.substr(kPrefix.size()));
  if (!key || key->size() < kShortestSecret || key->size() > kLongestSecret) return none();
  return HookSecret(std::move(*key));
}

Result<HookSecret> HookSecret::read(const std::filesystem::path& file) {
  if (const std::string why = why_no_file(file); !why.empty())
    return fail(Errc::bad_data, fmt::format("{}: {}", file.string(), why));
  std::ifstream in(file, std::ios::binary);
  struct stat status {};
  if (!in || ::stat(file.c_str(), &status) != 0) {
    return fail(Errc::io, fmt::format("{}: cannot be read: {}", file.string(), std::generic_category().message(errno)));
  }
  if ((status.st_mode & 077U) != 0 || status.st_uid != ::geteuid()) {
    return fail(Errc::bad_data,
                fmt::format("{}: others may read this secret, or it is another account's (chmod 600)", file.string()));
  }
  std::string text(kLargestSecretFile, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto secret = parse(text);
  if (!secret) return fail(secret.error().code, fmt::format("{}: {}", file.string(), secret.error().message));
  return secret;
}

std::vector<std::pair<std::string, std::string>> HookSecret::headers(const std::string& id, std::int64_t utc_ns,
                                                                     std::string_view body) const {
  const std::string seconds = std::to_string(utc_ns / 1'000'000'000);
  const std::string signature = hmac_sha256(key_, fmt::format("{}.{}.{}", id, seconds, body));
  return {{"webhook-id", id}, {"webhook-timestamp", seconds}, {"webhook-signature", "v1," + base64_of(signature)}};
}

}  // namespace penrig::station
