#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace penrig {

/// SHA-256 and SHA-512 of the bytes: 32 and 64 bytes.
std::string sha256(std::string_view bytes);
std::string sha512(std::string_view bytes);

/// SHA-256 of bytes that come in parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  /// As sha256() and sha256_hex() would give it for all of them; nothing may be added afterwards.
  std::string bytes();
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of the bytes as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// The same of all that can be read: where less comes than was written, it is another.
std::string sha256_hex(std::istream& bytes);

}  // namespace penrig
