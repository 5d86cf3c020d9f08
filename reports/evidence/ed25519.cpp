#include "reports/evidence/ed25519.hpp"

#include <stdexcept>

#include <openssl/evp.h>

namespace penrig {

namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

[[noreturn]] void no_ed25519() {
  throw std::runtime_error("Ed25519 is not available from OpenSSL; is a provider configured that lacks it?");
}

}  // namespace

struct SigningKey::Impl {
  Key key;
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  std::size_t size = public_key_.size();
  if (EVP_PKEY_get_raw_public_key(impl_->key.get(), public_key_.data(), &size) != 1 || size != public_key_.size()) {
    no_ed25519();
  }
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::generate() {
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &key) != 1) no_ed25519();
  auto impl = std::make_unique<Impl>();
  impl->key.reset(key);
  return SigningKey(std::move(impl));
}

SigningKey SigningKey::from_seed(const Seed& seed) {
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  if (!impl->key) no_ed25519();
  return SigningKey(std::move(impl));
}

Seed SigningKey::seed() const {
  Seed seed{};
  std::size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(impl_->key.get(), seed.data(), &size) != 1 || size != seed.size()) no_ed25519();
  return seed;
}

Signature SigningKey::sign(std::string_view bytes) const {
  Signature signature{};
  std::size_t size = signature.size();
  const Digest context(EVP_MD_CTX_new());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, impl_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, octets(bytes), bytes.size()) != 1 ||
      size != signature.size()) {
    no_ed25519();
  }
  return signature;
}

bool verifies(const PublicKey& public_key, std::string_view bytes, const Signature& signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  const Digest context(EVP_MD_CTX_new());
  if (!key || !context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), octets(bytes), bytes.size()) == 1;
}

}  // namespace penrig
