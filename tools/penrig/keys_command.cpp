#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/evidence/ssh_key.hpp"
#include "reports/store/run_evidence.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

Result<std::filesystem::path> folder_of(const EvidenceScope& scope) {
  if (!scope.keys.empty()) return std::filesystem::path(scope.keys);
  return KeyRing::usual_folder();
}

void show(const EvidenceScope& scope, const std::filesystem::path& folder, const KeyRing& ring,
          const std::string& entered) {
  const HeldKey& held = ring.current();
  const PublicKey& key = held.key.public_key();
  const std::string line = public_line(key, held.name);
  std::string allowed = allowed_signers_line(key, held.name);
  allowed.pop_back();
  if (scope.json) {
    Json json{{"name", held.name},         {"fingerprint", fingerprint(key)},
              {"public_key", line},        {"allowed_signers", allowed},
              {"folder", folder.string()}, {"entered_in", entered.empty() ? Json(nullptr) : Json(entered)}};
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  const TerminalStyle style = detect_style(1);
  for (const Line& text : {labelled("key", fmt::format("{}, {}", held.name, fingerprint(key))),
                           labelled("public", line), labelled("allowed", allowed), labelled("in", folder.string())}) {
    std::cout << render(style, text);
  }
  if (!entered.empty())
    std::cout << render(style, labelled("entered", fmt::format("in the audit trail of {}", entered)));
}

/// Whether there are records that the key is to be entered in; a later store learns of it at its first run. Records
/// that are lost or cannot be read are an error: they would not learn of it, and nobody would hear that.
Result<bool> has_records(const EvidenceScope& scope) {
  const auto store = RecordStore::open_existing(scope.records);
  if (store) return true;
  return store.error().code == Errc::usage ? Result<bool>(false) : store.error();
}

Result<std::string> enter(const EvidenceScope& scope) {
  const auto there = has_records(scope);
  if (!there) return there.error();
  if (!*there) return std::string();
  const auto store = open_signing(scope);
  if (!store) return store.error();
  return scope.records;
}

ExitCode made(const KeysOptions& options, const std::filesystem::path& folder,
              const Result<std::shared_ptr<const KeyRing>>& ring) {
  if (!ring) return complain(ring.error());
  const auto entered = enter(options.scope);
  show(options.scope, folder, **ring, entered ? *entered : "");
  if (!entered) {
    spdlog::error("the key was made, but not entered: {}", entered.error().message);
    return exit_code_of(entered.error().code);
  }
  return ExitCode::pass;
}

}  // namespace

ExitCode keys_init_command(const KeysOptions& options) {
  const auto folder = folder_of(options.scope);
  if (!folder) return complain(folder.error());
  if (const auto records = has_records(options.scope); !records) return complain(records.error());
  return made(options, *folder, KeyRing::create(*folder, options.name));
}

ExitCode keys_rotate_command(const KeysOptions& options) {
  const auto folder = folder_of(options.scope);
  if (!folder) return complain(folder.error());
  if (const auto records = has_records(options.scope); !records) return complain(records.error());
  return made(options, *folder, KeyRing::rotate(*folder, options.name));
}

ExitCode keys_show_command(const KeysOptions& options) {
  const auto folder = folder_of(options.scope);
  if (!folder) return complain(folder.error());
  const auto ring = KeyRing::open(*folder);
  if (!ring) return complain(ring.error());
  if (!*ring) {
    return complain(fail(Errc::usage, fmt::format("{}: there is no key (make one: penrig keys init --name 'YOUR NAME')",
                                                  folder->string())));
  }
  show(options.scope, *folder, **ring, "");
  return ExitCode::pass;
}

}  // namespace penrig::cli
