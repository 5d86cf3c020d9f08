#include "reports/evidence/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/base64.hpp"

namespace penrig {

namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // an em dash and a space begin a signature line
constexpr char kAlgorithm = '\x01';                  // Ed25519

/// First four bytes of SHA-256(name, newline, algorithm, public key): which key signed, so that others are skipped.
std::string key_hash(const PublicKey& key, std::string_view name) {
  std::string bytes(name);
  bytes += '\n';
  bytes += kAlgorithm;
  bytes.append(key.begin(), key.end());
  return sha256(bytes).substr(0, 4);
}

std::string text_of(const Checkpoint& c) {
  return fmt::format("{}\n{}\n{}\n", c.origin, c.size, base64_of({reinterpret_cast<const char*>(c.root.data()), 32}));
}

Error no_checkpoint(std::string_view why) {
  return fail(Errc::bad_data, fmt::format("this is no checkpoint of a log: {}", why));
}

Result<Checkpoint> parse(std::string_view text) {
  if (!text.ends_with('\n')) return no_checkpoint("its last line has no end");
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (lines.size() != 3 || lines[0].empty()) return no_checkpoint("its origin, size and root are expected");
  Checkpoint c;
  c.origin = lines[0];
  const char* end = lines[1].data() + lines[1].size();
  const auto read = std::from_chars(lines[1].data(), end, c.size);
  if (read.ec != std::errc() || read.ptr != end || (lines[1].size() > 1 && lines[1][0] == '0')) {
    return no_checkpoint(fmt::format("its size is '{}'", lines[1].substr(0, 40)));
  }
  const std::optional<std::string> root = bytes_of_base64(lines[2]);
  if (!root || root->size() != c.root.size()) return no_checkpoint("its root is not 32 bytes in base64");
  std::transform(root->begin(), root->end(), c.root.begin(), [](char x) { return static_cast<std::uint8_t>(x); });
  return c;
}

}  // namespace

std::string signed_checkpoint(const Checkpoint& checkpoint, const SigningKey& key, std::string_view name) {
  std::string note = text_of(checkpoint);
  const Signature signature = key.sign(note);
  std::string blob = key_hash(key.public_key(), name);
  blob.append(signature.begin(), signature.end());
  note += fmt::format("\n{}{} {}\n", kDash, name, base64_of(blob));
  return note;
}

std::string checkpoint_text(const Checkpoint& checkpoint) { return text_of(checkpoint); }

Result<Checkpoint> unverified_checkpoint(std::string_view note) {
  const std::size_t blank = note.rfind("\n\n");
  return parse(blank == std::string_view::npos ? note : note.substr(0, blank + 1));
}

Result<Checkpoint> verified_checkpoint(std::string_view note, const PublicKey& key, std::string_view name) {
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return no_checkpoint("it bears no signature");
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  const std::string head = fmt::format("{}{} ", kDash, name), hash = key_hash(key, name);
  // The form of all lines first: nothing that a reader sees may lie behind a signature that fits.
  if (!lines.ends_with('\n')) return no_checkpoint("its last line has no end");
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    if (!lines.substr(at).starts_with(kDash)) return no_checkpoint("a line behind the blank one is no signature");
  }
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (!line.starts_with(head)) continue;
    const std::optional<std::string> blob = bytes_of_base64(line.substr(head.size()));
    Signature signature{};
    if (!blob || blob->size() != 4 + signature.size() || !blob->starts_with(hash)) continue;
    std::transform(blob->begin() + 4, blob->end(), signature.begin(),
                   [](char x) { return static_cast<std::uint8_t>(x); });
    if (!verifies(key, text, signature)) {
      return fail(Errc::bad_data, fmt::format("the checkpoint's signature by '{}' does not fit: it was changed", name));
    }
    return parse(text);
  }
  return fail(Errc::bad_data, fmt::format("the checkpoint bears no signature by '{}' with this key", name));
}

}  // namespace penrig
