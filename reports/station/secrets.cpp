#include "reports/station/secrets.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "reports/digest.hpp"
#include "reports/evidence/base64.hpp"

namespace penrig::station {
namespace {

constexpr std::uint64_t kCostLog2 = 15, kBlock = 8, kParallel = 1, kMemoryMax = 64U << 20U;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;

std::optional<std::string> scrypt(std::string_view secret, std::string_view salt) {
  std::string hash(kHashBytes, '\0');
  const int ok = EVP_PBE_scrypt(secret.data(), secret.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                                salt.size(), std::uint64_t{1} << kCostLog2, kBlock, kParallel, kMemoryMax,
                                reinterpret_cast<unsigned char*>(hash.data()), hash.size());
  return ok == 1 ? std::optional(std::move(hash)) : std::nullopt;
}

std::string head() { return fmt::format("scrypt${}${}${}$", kCostLog2, kBlock, kParallel); }

}  // namespace

Result<std::string> keep_secret(std::string_view secret) {
  std::string salt(kSaltBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1)
    return fail(Errc::internal, "this machine has no random numbers");
  const auto hash = scrypt(secret, salt);
  if (!hash) return fail(Errc::internal, "scrypt was refused: is there enough memory?");
  return head() + base64_of(salt) + "$" + base64_of(*hash);
}

bool secret_fits(std::string_view secret, std::string_view kept) {
  const std::string_view of_none = "scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA==$";
  const bool is_kept = kept.starts_with(head());
  std::string_view rest = (is_kept ? kept : of_none).substr(head().size());
  const std::size_t end = rest.find('$');
  const auto salt = bytes_of_base64(rest.substr(0, end));
  const auto hash = end == std::string_view::npos ? std::nullopt : bytes_of_base64(rest.substr(end + 1));
  const auto found = scrypt(secret, salt ? *salt : std::string(kSaltBytes, '\0'));
  return is_kept && found && hash && hash->size() == kHashBytes && same_secret(*found, *hash);
}

std::string badge_digest(std::string_view number, std::string_view salt) {
  const auto hash = scrypt(number, salt);
  if (!hash) return {};
  std::string hex;
  for (const char byte : *hash) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

Result<std::string> random_hex(std::size_t bytes) {
  std::vector<unsigned char> random(bytes);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
    return fail(Errc::internal, "this machine has no random numbers");
  std::string hex;
  for (const unsigned char byte : random) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string digest_of(std::string_view token) { return sha256_hex(std::string(token)); }

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace penrig::station
