#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig::station {

/// What messages to other systems are signed with, as Standard Webhooks has it: a key of 24 to 64 bytes, written
/// "whsec_" and base64, in a file that nobody else may read.
class HookSecret {
 public:
  /// Errc::io: the file cannot be read; ::bad_data: others may read it, or it holds no such key. Never shows it.
  static Result<HookSecret> read(const std::filesystem::path& file);
  /// Errc::bad_data: no such key. One line break may follow it.
  static Result<HookSecret> parse(std::string_view text);

  /// webhook-id, webhook-timestamp and webhook-signature ("v1,BASE64": HMAC-SHA-256 of "ID.TIMESTAMP.BODY").
  std::vector<std::pair<std::string, std::string>> headers(const std::string& id, std::int64_t utc_ns,
                                                           std::string_view body) const;

 private:
  explicit HookSecret(std::string key) : key_(std::move(key)) {}
  std::string key_;  // bytes
};

}  // namespace penrig::station
