#pragma once

#include <string>
#include <string_view>

#include "reports/evidence/ed25519.hpp"

namespace penrig {

/// Keys in OpenSSH's own forms, so that stock tools read what penrig writes. Source: OpenSSH PROTOCOL.key, RFC 8709.

/// "ssh-ed25519 AAAA... comment", as in a .pub file or behind a name in an allowed-signers file. comment: one line.
std::string public_line(const PublicKey& key, std::string_view comment);
/// Errors: bad_data with what was found instead. A comment behind the key is ignored.
Result<PublicKey> parse_public_line(std::string_view line);
/// "SHA256:..." as `ssh-keygen -l` shows it.
std::string fingerprint(const PublicKey& key);

/// "-----BEGIN OPENSSH PRIVATE KEY-----": unencrypted, for a file of mode 0600.
std::string private_key_file(const SigningKey& key, std::string_view comment);
/// Whether these first bytes of a file are those of a private key, of whatever kind and program: "-----BEGIN ...
/// PRIVATE KEY-----".
bool begins_private_key(std::string_view head);
/// Errors: bad_data (no key, another algorithm, a passphrase, damaged), each with what to do.
Result<SigningKey> parse_private_key_file(std::string_view text);

/// Detached SSHSIG over SHA-512 of `bytes`, armoured; `ssh-keygen -Y verify -n space` checks it. Source: OpenSSH
/// PROTOCOL.sshsig.
std::string ssh_signature(const SigningKey& key, std::string_view space, std::string_view bytes);
/// The key that signed `bytes` in that namespace. Whether it is one to be trusted is for the caller to say. Errors:
/// bad_data: not an SSHSIG of Ed25519, another namespace, or it does not verify.
Result<PublicKey> signer_of(std::string_view signature, std::string_view space, std::string_view bytes);

}  // namespace penrig
