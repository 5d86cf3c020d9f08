#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reports/evidence/key_ring.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "tools/penrig/exit_code.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// Which keys, which store, and who asks.
struct EvidenceScope {
  std::string records = "records";
  std::string keys;           ///< folder; empty: the usual one
  std::string operator_name;  ///< empty: the name of the user's account
  bool json = false;
};

/// `penrig keys init|show|rotate`.
struct KeysOptions {
  EvidenceScope scope;
  std::string name;  ///< of the holder
};
ExitCode keys_init_command(const KeysOptions& options);
ExitCode keys_show_command(const KeysOptions& options);
ExitCode keys_rotate_command(const KeysOptions& options);

/// `penrig approve`.
struct ApproveOptions {
  EvidenceScope scope;
  std::vector<std::string> files;
  std::string reason;
  bool list = false;
  bool withdraw = false;
};
/// @return 0 done; 3 no key, or the store or key cannot be had; 4 a mistake in what was written or in a file.
ExitCode approve_command(const ApproveOptions& options);

/// `penrig unlock SLOT` (tools/penrig/slot_lock.hpp).
struct UnlockOptions {
  EvidenceScope scope;
  std::string slot;
  std::string rig_path;  ///< YAML
  std::string reason;
};
/// @return 0 unlocked; 3 the store or key cannot be had; 4 a mistake in what was written, or the slot is not locked.
ExitCode unlock_command(const UnlockOptions& options);

/// `penrig verify`.
struct VerifyCommandOptions {
  EvidenceScope scope;
  std::vector<std::string> runs;  ///< none: all
  bool all = false;
  std::string checkpoint_path;  ///< kept earlier; empty: none
  std::string write_checkpoint_path;
  std::string bundle_path;  ///< a bundle instead of a store; empty: none
};
/// @return 0 all of it fits; 1 something does not; 3 it cannot be read; 4 a mistake in what was written.
ExitCode verify_command(const VerifyCommandOptions& options);

/// `penrig records void` and `comment`, and `penrig audit`.
struct RemarkOptions {
  EvidenceScope scope;
  std::string run_id, reason, superseded_by;
  bool unsigned_too = false;  ///< though nobody signs it, and the records have a key
};
ExitCode records_void_command(const RemarkOptions& options);
ExitCode records_comment_command(const RemarkOptions& options);
ExitCode audit_command(const EvidenceScope& scope);

struct EvidenceOptions {
  KeysOptions keys;
  ApproveOptions approve;
  VerifyCommandOptions verify;
  UnlockOptions unlock;
  EvidenceScope audit;
};
void add_evidence_commands(CLI::App& app, EvidenceOptions& options, const CLI::Validator& not_empty,
                           std::function<ExitCode()>& chosen);
/// To the command `records`.
void add_remark_commands(CLI::App& records, RemarkOptions& options, const CLI::Validator& not_empty,
                         std::function<ExitCode()>& chosen);

/// The keys of that folder, or of the usual one where none is named; nothing where there is no key in the usual one.
/// Errors as KeyRing::open(), and usage: the folder that was named has none.
Result<std::shared_ptr<const KeyRing>> keys_in(const std::string& folder);
/// The operator, or who runs this program; and the time.
ActedBy acting(const std::string& operator_name);
/// Opens a store for adding to it, signing where there is a key.
Result<std::unique_ptr<RecordStore>> open_signing(const EvidenceScope& scope);
/// The same with a store that is open already.
Result<void> sign_with_usual_keys(RecordStore& store, const std::string& keys, const std::string& operator_name);
/// Whose signature a store expects, "M. Okafor, SHA256:...", where its log has a key and there is none here; empty: it
/// expects none, or there is a key.
Result<std::string> signature_missed(RecordStore& store, const std::string& keys);

}  // namespace penrig::cli
