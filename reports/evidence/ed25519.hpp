#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig {

/// Ed25519 (RFC 8032), by OpenSSL.
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using Seed = std::array<std::uint8_t, 32>;

class SigningKey {
 public:
  static SigningKey generate();
  static SigningKey from_seed(const Seed& seed);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  const PublicKey& public_key() const { return public_key_; }
  /// The private half, for writing the key's file. Nowhere else.
  Seed seed() const;
  Signature sign(std::string_view bytes) const;

 private:
  struct Impl;
  explicit SigningKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  PublicKey public_key_{};
};

bool verifies(const PublicKey& key, std::string_view bytes, const Signature& signature);

}  // namespace penrig
