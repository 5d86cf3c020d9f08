#include "reports/evidence/ssh_key.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "reports/digest.hpp"
#include "reports/evidence/base64.hpp"

namespace penrig {

namespace {

constexpr std::string_view kAlgorithm = "ssh-ed25519";
constexpr std::string_view kKeyMagic{"openssh-key-v1\0", 15};
constexpr std::string_view kKeyBegin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view kKeyEnd = "-----END OPENSSH PRIVATE KEY-----\n";
constexpr std::string_view kSignatureMagic = "SSHSIG";
constexpr std::string_view kSignatureBegin = "-----BEGIN SSH SIGNATURE-----\n";
constexpr std::string_view kSignatureEnd = "-----END SSH SIGNATURE-----\n";
constexpr std::size_t kLine = 70;  ///< characters of an armoured line, as ssh-keygen writes them
constexpr std::string_view kHash = "sha512";

void put_number(std::string& out, std::uint32_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((n >> static_cast<unsigned>(shift)) & 0xFFU);
}
void put_string(std::string& out, std::string_view s) {
  put_number(out, static_cast<std::uint32_t>(s.size()));
  out += s;
}
template <std::size_t N>
std::string_view view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

/// Reads SSH's length-prefixed strings; once something is missing, all that follows is missing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) whole_ = false;
    if (!whole_) return {};
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  std::uint32_t number() {
    std::uint32_t n = 0;
    for (const char c : take(4)) n = n << 8U | static_cast<std::uint8_t>(c);
    return n;
  }
  std::string_view string() { return take(number()); }
  std::string_view rest() const { return rest_; }
  bool whole() const { return whole_; }
  bool at_end() const { return whole_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool whole_ = true;
};

template <std::size_t N>
bool copy_to(std::string_view from, std::array<std::uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::transform(from.begin(), from.end(), to.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return true;
}

std::string public_blob(const PublicKey& key) {
  std::string blob;
  put_string(blob, kAlgorithm);
  put_string(blob, view(key));
  return blob;
}

std::optional<PublicKey> key_of_blob(std::string_view blob) {
  Reader r(blob);
  PublicKey key{};
  if (r.string() != kAlgorithm || !copy_to(r.string(), key) || !r.at_end()) return std::nullopt;
  return key;
}

std::string armoured(std::string_view begin, std::string_view bytes, std::string_view end) {
  const std::string text = base64_of(bytes);
  std::string out(begin);
  for (std::size_t at = 0; at < text.size(); at += kLine) {
    out += text.substr(at, kLine);
    out += '\n';
  }
  out += end;
  return out;
}

/// Exactly the form that armoured() writes: of one signature there is one text.
std::optional<std::string> unarmoured(std::string_view begin, std::string_view text, std::string_view end) {
  if (!text.starts_with(begin) || !text.ends_with(end) || text.size() < begin.size() + end.size()) return std::nullopt;
  std::string body(text.substr(begin.size(), text.size() - begin.size() - end.size()));
  std::erase(body, '\n');
  std::optional<std::string> bytes = bytes_of_base64(body);
  if (bytes && armoured(begin, *bytes, end) != text) return std::nullopt;
  return bytes;
}

/// What is signed in place of the bytes themselves.
std::string signed_data(std::string_view space, std::string_view bytes) {
  std::string out(kSignatureMagic);
  put_string(out, space);
  put_string(out, {});  // reserved
  put_string(out, kHash);
  put_string(out, sha512(bytes));
  return out;
}

Error damaged(const char* what) {
  return fail(Errc::bad_data,
              fmt::format("the private key is damaged ({}); take it from your backup, or make a new one "
                          "with 'penrig keys rotate'",
                          what));
}

}  // namespace

std::string public_line(const PublicKey& key, std::string_view comment) {
  return fmt::format("{} {} {}", kAlgorithm, base64_of(public_blob(key)), comment);
}

Result<PublicKey> parse_public_line(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (line.substr(0, space) != kAlgorithm || space == std::string_view::npos) {
    return fail(Errc::bad_data, fmt::format("'{}' is no public key of ssh-ed25519 ('ssh-ed25519 AAAA...' is expected)",
                                            line.substr(0, 40)));
  }
  std::string_view text = line.substr(space + 1);
  text = text.substr(0, text.find_first_of(" \r\n"));
  const std::optional<std::string> blob = bytes_of_base64(text);
  const std::optional<PublicKey> key = blob ? key_of_blob(*blob) : std::nullopt;
  if (!key) return fail(Errc::bad_data, "the public key behind 'ssh-ed25519' is damaged");
  return *key;
}

std::string fingerprint(const PublicKey& key) {
  std::string text = base64_of(sha256(public_blob(key)));
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

std::string private_key_file(const SigningKey& key, std::string_view comment) {
  std::array<std::uint8_t, 4> check{};  // twice the same number: how a reader of an encrypted file knows its passphrase
  if (RAND_bytes(check.data(), static_cast<int>(check.size())) != 1) throw std::runtime_error("no random numbers");
  std::string secret;
  secret += view(check);
  secret += view(check);
  put_string(secret, kAlgorithm);
  put_string(secret, view(key.public_key()));
  const Seed seed = key.seed();
  put_string(secret, std::string(view(seed)) + std::string(view(key.public_key())));
  put_string(secret, comment);
  for (char pad = 1; secret.size() % 8 != 0; ++pad) secret += pad;
  std::string bytes(kKeyMagic);
  put_string(bytes, "none");  // cipher
  put_string(bytes, "none");  // key derivation
  put_string(bytes, {});
  put_number(bytes, 1);
  put_string(bytes, public_blob(key.public_key()));
  put_string(bytes, secret);
  return armoured(kKeyBegin, bytes, kKeyEnd);
}

bool begins_private_key(std::string_view head) {
  constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "PRIVATE KEY-----";
  // What describes a key may stand before it.
  for (std::size_t at = head.find(kBegin); at != std::string_view::npos; at = head.find(kBegin, at + 1)) {
    const std::string_view line = head.substr(at, head.find_first_of("\r\n", at) - at);
    if (line.ends_with(kEnd) && (at == 0 || head[at - 1] == '\n')) return true;
  }
  return false;
}

Result<SigningKey> parse_private_key_file(std::string_view text) {
  const std::optional<std::string> bytes = unarmoured(kKeyBegin, text, kKeyEnd);
  if (!bytes || !bytes->starts_with(kKeyMagic)) {
    return fail(Errc::bad_data,
                "this is no private key of OpenSSH ('-----BEGIN OPENSSH PRIVATE KEY-----' is expected)");
  }
  Reader r(std::string_view(*bytes).substr(kKeyMagic.size()));
  const std::string_view cipher = r.string(), derivation = r.string();
  r.string();
  if (!r.whole()) return damaged("it is cut off");
  if (cipher != "none" || derivation != "none") {
    return fail(Errc::bad_data, fmt::format("the private key is encrypted ({}); penrig signs without a person beside "
                                            "it: give it a key without a passphrase, in a file of mode 0600",
                                            cipher.substr(0, 40)));
  }
  if (r.number() != 1) return damaged("it holds not one key");
  const std::optional<PublicKey> public_half = key_of_blob(r.string());
  const std::string_view secret = r.string();
  if (!r.at_end()) return damaged("its length");
  if (!public_half) {
    return fail(Errc::bad_data, "the private key is of another algorithm; ssh-ed25519 is expected");
  }
  Reader s(secret);
  const std::uint32_t first = s.number(), second = s.number();
  if (first != second || s.string() != kAlgorithm) return damaged("its check numbers");
  const std::string_view again = s.string(), pair = s.string();
  Seed seed{};
  if (!s.whole() || pair.size() != 64 || !copy_to(pair.substr(0, 32), seed)) return damaged("its length");
  SigningKey key = SigningKey::from_seed(seed);
  if (key.public_key() != *public_half || again != view(*public_half) || pair.substr(32) != view(*public_half)) {
    return damaged("its halves do not belong together");
  }
  return key;
}

std::string ssh_signature(const SigningKey& key, std::string_view space, std::string_view bytes) {
  std::string blob;
  put_string(blob, kAlgorithm);
  const Signature signature = key.sign(signed_data(space, bytes));
  put_string(blob, view(signature));
  std::string out(kSignatureMagic);
  put_number(out, 1);
  put_string(out, public_blob(key.public_key()));
  put_string(out, space);
  put_string(out, {});
  put_string(out, kHash);
  put_string(out, blob);
  return armoured(kSignatureBegin, out, kSignatureEnd);
}

Result<PublicKey> signer_of(std::string_view text, std::string_view space, std::string_view bytes) {
  const std::optional<std::string> blob = unarmoured(kSignatureBegin, text, kSignatureEnd);
  if (!blob || !blob->starts_with(kSignatureMagic)) return fail(Errc::bad_data, "this is no SSH signature");
  Reader r(std::string_view(*blob).substr(kSignatureMagic.size()));
  if (r.number() != 1) return fail(Errc::bad_data, "the signature is of another version than 1");
  const std::optional<PublicKey> key = key_of_blob(r.string());
  if (!key) return fail(Errc::bad_data, "the signature is not by a key of ssh-ed25519");
  const std::string_view found_space = r.string(), reserved = r.string(), hash = r.string(), inner = r.string();
  if (!r.at_end()) return fail(Errc::bad_data, "the signature is damaged");
  if (found_space != space) {
    return fail(Errc::bad_data,
                fmt::format("the signature is made for '{}', not for '{}'", found_space.substr(0, 60), space));
  }
  if (hash != kHash || !reserved.empty()) return fail(Errc::bad_data, "the signature's hash is not sha512");
  Reader s(inner);
  Signature signature{};
  if (s.string() != kAlgorithm || !copy_to(s.string(), signature) || !s.at_end()) {
    return fail(Errc::bad_data, "the signature is damaged");
  }
  if (!verifies(*key, signed_data(space, bytes), signature)) {
    return fail(Errc::bad_data, fmt::format("the signature by {} does not fit these bytes: one of both was changed",
                                            fingerprint(*key)));
  }
  return *key;
}

}  // namespace penrig
