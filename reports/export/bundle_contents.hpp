#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "reports/evidence/key_ring.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/bundle.hpp"
#include "reports/export/bundle_parts.hpp"

namespace penrig::bundle {

/// A bundle's files by their names, without the folder.
class Contents {
 public:
  /// @param keys  whose signatures the bundle's must be; nullptr: anybody's.
  Contents(BundleCheck& check, const KeyRing* keys) : check_(check), keys_(keys) {}

  bool take(std::vector<ArchiveEntry> entries) {
    for (ArchiveEntry& e : entries) {
      const std::size_t slash = e.name.find('/');
      const std::string folder = e.name.substr(0, slash);
      if (check_.run_id.empty()) check_.run_id = folder;
      if (slash == std::string::npos || folder != check_.run_id || !plain(e.name)) {
        fault(e.name, "does not belong into a bundle: all files lie beneath one folder, the run's");
        return false;
      }
      if (!files_.emplace(e.name.substr(slash + 1), std::move(e.bytes)).second) {
        fault(e.name, "stands there twice");
        return false;
      }
    }
    check_.files = files_.size();
    return true;
  }

  void fault(const std::string& file, const std::string& what) {
    check_.faults.push_back(fmt::format("{}: {}", file, what));
  }
  /// Says where a key is not to be trusted: one that signed what lies in that file.
  void signed_by(const std::string& file, const PublicKey& key, const std::string& name) {
    if (keys_ == nullptr || keys_->find(key) != nullptr) return;
    fault(file, fmt::format("is signed by {}{}, which is none of your keys", fingerprint(key),
                            name.empty() ? "" : fmt::format(" ({})", name)));
  }
  void signed_by_nobody(const std::string& file) {
    if (keys_ != nullptr) fault(file, "nobody signed it, and the signature of one of your keys was expected");
  }
  const std::string* find(const std::string& name) {
    const auto found = files_.find(name);
    if (found == files_.end()) return nullptr;
    seen_.insert(name);
    return &found->second;
  }
  /// Empty and a fault where it is missing.
  const std::string& need(const std::string& name) {
    static const std::string none;
    const std::string* const bytes = find(name);
    if (bytes == nullptr) fault(name, "is missing");
    return bytes == nullptr ? none : *bytes;
  }
  void expect(const ArchiveEntry& expected, const std::string& instead) {
    const std::string* const bytes = find(expected.name);
    if (bytes == nullptr) {
      fault(expected.name, "is missing");
    } else if (*bytes != expected.bytes) {
      fault(expected.name, instead);
    }
  }
  void nothing_else() {
    for (const auto& [name, bytes] : files_) {
      if (!seen_.contains(name))
        fault(name, "is none of the files that the record, its evidence and its views make up");
    }
  }
  std::string sums() const {
    std::vector<ArchiveEntry> listed;
    for (const auto& [name, bytes] : files_) {
      if (!name.starts_with("SHA256SUMS")) listed.push_back({name, bytes});
    }
    return sums_of(listed);
  }

 private:
  static bool plain(const std::string& name) {
    return name.find("..") == std::string::npos && name.find("//") == std::string::npos && name.front() != '/' &&
           std::ranges::all_of(name, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    std::string_view("._-/").find(c) != std::string_view::npos;
           });
  }
  BundleCheck& check_;
  const KeyRing* const keys_;
  std::map<std::string, std::string> files_;
  std::set<std::string> seen_;
};

}  // namespace penrig::bundle
