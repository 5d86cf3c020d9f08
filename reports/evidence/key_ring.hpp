#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reports/evidence/ed25519.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// A private key and what its holder is called.
struct HeldKey {
  SigningKey key;
  std::string name;
};

/// The private keys of this installation, in a folder that is nobody else's: `record-key` (OpenSSH's form, unencrypted,
/// mode 0600) with its public line in `record-key.pub`, and those that it replaced, `record-key-1`, `record-key-2`, ...
class KeyRing {
 public:
  /// `$XDG_CONFIG_HOME/penrig/keys`, else `~/.config/penrig/keys`. Errc::usage: neither variable is set.
  static Result<std::filesystem::path> usual_folder();

  /// Nothing where the folder has no key. Errors: refused: a key file that others may read or that is somebody else's;
  /// bad_data: no such key in it; io. Each says what to do.
  static Result<std::shared_ptr<const KeyRing>> open(const std::filesystem::path& folder);

  /// Makes folder and first key. `name`: of the holder, one line. Errc::usage: there is a key already, or no name.
  static Result<std::shared_ptr<const KeyRing>> create(const std::filesystem::path& folder, const std::string& name);

  /// Makes a new key in the place of the current one, which is kept as `record-key-N`: stores learn of the new one by
  /// its signature. Errc::usage: there is no key yet.
  static Result<std::shared_ptr<const KeyRing>> rotate(const std::filesystem::path& folder, const std::string& name);

  /// Whether this is where a folder of keys keeps one of its files. False: no folder of keys, or none of its names.
  static bool is_own_file(const std::filesystem::path& file);

  const HeldKey& current() const { return keys_.front(); }
  /// Current or replaced; nullptr: not of this ring.
  const HeldKey* find(const PublicKey& key) const;

 private:
  KeyRing() = default;
  std::vector<HeldKey> keys_;  // the current one first, then the newest that it replaced
};

}  // namespace penrig
