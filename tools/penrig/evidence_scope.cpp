#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "reports/evidence/ssh_key.hpp"
#include "rig/base/timeline.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

std::string account_name() {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return fmt::format("uid {}", ::geteuid());
}

}  // namespace

Result<std::shared_ptr<const KeyRing>> keys_in(const std::string& folder) {
  if (!folder.empty()) {
    auto named = KeyRing::open(folder);
    if (!named || *named) return named;
    // Whoever named a folder counts on a signature.
    return fail(Errc::usage, fmt::format("{}: there is no key (make one: penrig keys init --keys {} --name 'YOUR "
                                         "NAME', or leave --keys out)",
                                         folder, shell_word(folder)));
  }
  const auto usual = KeyRing::usual_folder();
  // Without a home nobody has keys there.
  return usual ? KeyRing::open(*usual) : Result<std::shared_ptr<const KeyRing>>(nullptr);
}

ActedBy acting(const std::string& operator_name) {
  const auto timeline = make_real_timeline();
  return {operator_name.empty() ? account_name() : operator_name, timeline->utc_ns(timeline->now())};
}

Result<void> sign_with_usual_keys(RecordStore& store, const std::string& keys, const std::string& operator_name) {
  const auto ring = keys_in(keys);
  if (!ring) return ring.error();
  if (!*ring) return {};
  return store.sign_with(*ring, acting(operator_name));
}

Result<std::string> signature_missed(RecordStore& store, const std::string& keys) {
  const auto ring = keys_in(keys);
  if (!ring) return ring.error();
  if (*ring) return std::string();
  const Result<LogState> log = store.log_state();
  if (!log) return log.error();
  const LogKey* const key = log->keys.current();
  return key == nullptr ? std::string() : fmt::format("{}, {}", key->name, fingerprint(key->key));
}

Result<std::unique_ptr<RecordStore>> open_signing(const EvidenceScope& scope) {
  // Only what is there: a mistyped --records makes no store.
  if (const auto there = RecordStore::open_existing(scope.records, store_options()); !there) return there.error();
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(scope.records, store_options());
  if (!store) return store;
  if (auto keys = sign_with_usual_keys(**store, scope.keys, scope.operator_name); !keys) return keys.error();
  return store;
}

}  // namespace penrig::cli
