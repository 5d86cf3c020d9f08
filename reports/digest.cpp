#include "reports/digest.hpp"

#include <istream>
#include <stdexcept>

#include <openssl/evp.h>

namespace penrig {

namespace {

[[noreturn]] void refuse_to_go_on() {
  throw std::runtime_error("SHA-2 is not available from OpenSSL; is a provider configured that lacks it?");
}

/// Looked up once: each look-up asks all of OpenSSL's providers. Not let go, as it is needed until the very end.
const EVP_MD* fetched(const char* name) {
  const EVP_MD* const kind = EVP_MD_fetch(nullptr, name, nullptr);
  if (kind == nullptr) refuse_to_go_on();
  return kind;
}
const EVP_MD* sha256_kind() {
  static const EVP_MD* const kind = fetched("SHA2-256");
  return kind;
}
const EVP_MD* sha512_kind() {
  static const EVP_MD* const kind = fetched("SHA2-512");
  return kind;
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size, kind, nullptr) != 1) {
    refuse_to_go_on();
  }
  out.resize(size);
  return out;
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text(2 * bytes.size(), '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kHex[byte >> 4U];
    text[2 * i + 1] = kHex[byte & 15U];
  }
  return text;
}

}  // namespace

std::string sha256(std::string_view bytes) { return digest(sha256_kind(), bytes); }
std::string sha512(std::string_view bytes) { return digest(sha512_kind(), bytes); }

std::string sha256_hex(std::string_view bytes) { return hex_of(sha256(bytes)); }

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (state_->context == nullptr || EVP_DigestInit_ex(state_->context, sha256_kind(), nullptr) != 1) refuse_to_go_on();
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) refuse_to_go_on();
}

std::string Sha256::bytes() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size) != 1) refuse_to_go_on();
  out.resize(size);
  return out;
}

std::string Sha256::hex() { return hex_of(bytes()); }

std::string sha256_hex(std::istream& bytes) {
  Sha256 sum;
  constexpr std::size_t kPart = std::size_t{1} << 16U;
  const auto part = std::make_unique_for_overwrite<char[]>(kPart);
  while (bytes.read(part.get(), static_cast<std::streamsize>(kPart)) || bytes.gcount() > 0)
    sum.add({part.get(), static_cast<std::size_t>(bytes.gcount())});
  return sum.hex();
}

}  // namespace penrig
