#include "reports/digest.hpp"

#include <istream>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>

namespace penrig {

namespace {

[[noreturn]] void refuse_to_go_on() {
  throw std::runtime_error("SHA-2 is not available from OpenSSL; is a provider configured that lacks it?");
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
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHex[byte >> 4U];
    text += kHex[byte & 15U];
  }
  return text;
}

}  // namespace

std::string sha256(std::string_view bytes) { return digest(EVP_sha256(), bytes); }
std::string sha512(std::string_view bytes) { return digest(EVP_sha512(), bytes); }

std::string sha256_hex(std::string_view bytes) { return hex_of(sha256(bytes)); }

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (state_->context == nullptr || EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) refuse_to_go_on();
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) refuse_to_go_on();
}

std::string Sha256::hex() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size) != 1) refuse_to_go_on();
  out.resize(size);
  return hex_of(out);
}

std::string sha256_hex(std::istream& bytes) {
  Sha256 sum;
  std::vector<char> part(std::size_t{1} << 16U);
  while (bytes.read(part.data(), static_cast<std::streamsize>(part.size())) || bytes.gcount() > 0)
    sum.add({part.data(), static_cast<std::size_t>(bytes.gcount())});
  return sum.hex();
}

}  // namespace penrig
