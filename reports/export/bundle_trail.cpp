#include "reports/export/bundle_trail.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/evidence/audit_entry.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/store/record_log.hpp"

namespace penrig::bundle {
namespace {

/// The signature that the packer wrote down must be the one that lies here.
void check_record_signature(Contents& files, const Packed& packed, const std::optional<RunEvidence>& evidence) {
  const bool signed_one = evidence && !evidence->signature.empty();
  const RunStanding& standing = packed.standing;
  if (!signed_one && !standing.signatures.empty())
    files.fault("packed.json", "names a signature under the record, and none lies here");
  if (signed_one && standing.signatures.empty() && standing.signature_fault.empty())
    files.fault("packed.json", "names no signature under the record, and one lies here");
  for (const RunSignature& s : standing.signatures) {
    if (signed_one && s.fingerprint != fingerprint(evidence->signer))
      files.fault("packed.json", fmt::format("names a signature by {}, and the record is signed by {}", s.fingerprint,
                                             fingerprint(evidence->signer)));
    if (signed_one && principal_of(s.name) != evidence->principal)
      files.fault("packed.json",
                  fmt::format("names a signature by {}, and the record is signed by {}", s.name, evidence->principal));
  }
}

/// The key that an entry of the trail names must have signed it, and be one that the log can have had then.
void check_signature(Contents& files, BundleCheck& check, const AuditEntry& entry, const std::string& bytes,
                     const std::optional<RunEvidence>& evidence) {
  const std::string file = fmt::format("audit/{}.sig", entry.id);
  const bool signed_record = evidence && !evidence->signature.empty();
  const std::string* const signature = files.find(file);
  if (signature == nullptr) {
    if (!entry.key.empty()) {
      files.fault(file, fmt::format("is missing: the entry names {} as the key that signed it", entry.key));
    } else if (signed_record && entry.action == audit::kRunVoided) {
      files.fault(file, fmt::format("is missing: nobody signed that the run is void, and the log's key was {} by then",
                                    fingerprint(evidence->signer)));
    } else {
      check.notes.push_back(fmt::format("nobody signed entry {} of the audit trail ({})", entry.id, entry.action));
      files.signed_by_nobody(fmt::format("audit/{}.json", entry.id));
    }
    return;
  }
  const Result<PublicKey> by = signer_of(*signature, kAuditSpace, bytes);
  if (!by) return files.fault(file, by.error().message);
  files.signed_by(file, *by, "");
  if (fingerprint(*by) != entry.key) {
    files.fault(file, fmt::format("is the signature of {}, and the entry names {}", fingerprint(*by),
                                  entry.key.empty() ? "no key" : entry.key));
  }
  if (!signed_record || *by == evidence->signer || *by == evidence->checkpoint_signer) return;
  // Between a record and the newest checkpoint of one key the log had no other.
  if (evidence->signer == evidence->checkpoint_signer) {
    files.fault(file, fmt::format("is the signature of {}, and the log's key was {} before and after", fingerprint(*by),
                                  fingerprint(evidence->signer)));
  } else {
    check.notes.push_back(
        fmt::format("entry {} of the audit trail is signed by {}, and neither record nor checkpoint "
                    "is: ask the laboratory whose key that was",
                    entry.id, fingerprint(*by)));
  }
}

bool same(const RunRemark& a, const RunRemark& b) {
  return a.who == b.who && a.text == b.text && a.at_utc_ns == b.at_utc_ns;
}

/// Entries of the trail, each by itself, and all of them against the standing that the packer wrote down.
void check_audit(Contents& files, BundleCheck& check, const Packed& packed,
                 const std::optional<RunEvidence>& evidence) {
  RunStanding said;
  for (const std::string& name : packed.audit) {
    const std::string file = fmt::format("audit/{}.json", name);
    const std::string& bytes = files.need(file);
    const Result<AuditEntry> entry = audit_entry_of(bytes);
    if (!entry) {
      files.fault(file, entry.error().message);
      continue;
    }
    if (entry->id != name) {
      files.fault(file, fmt::format("calls itself {}", entry->id));
      continue;
    }
    if (entry->subject != packed.run_id)
      files.fault(file, fmt::format("speaks of {}, not of this run", entry->subject));
    check_signature(files, check, *entry, bytes, evidence);
    add_to(said, *entry);
  }
  const RunStanding& standing = packed.standing;
  const bool both = standing.voided && said.voided;
  if (standing.voided && !said.voided)
    files.fault("packed.json", "says that the run is void, and no entry of the audit trail here does");
  if (!standing.voided && said.voided)
    files.fault("packed.json", "does not say that the run is void, as an entry of the audit trail here does");
  if ((both && !same(*standing.voided, *said.voided)) || standing.superseded_by != said.superseded_by)
    files.fault("packed.json", "says otherwise than the audit trail here who declared the run void, when and why");
  if (!std::ranges::equal(standing.comments, said.comments, same))
    files.fault("packed.json", "has other comments than the audit trail here");
}

}  // namespace

void check_standing(Contents& files, BundleCheck& check, const Packed& packed,
                    const std::optional<RunEvidence>& evidence) {
  check_record_signature(files, packed, evidence);
  check_audit(files, check, packed, evidence);
}

}  // namespace penrig::bundle
