#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"

namespace penrig {

/// That a plan, a product or a rig description, or a picture that a plan shows, by its bytes, may certify.
struct Approval {
  std::string id{};    ///< of the audit entry that gave it
  std::string kind{};  ///< "plan", "product", "rig", "picture"
  std::string name{};  ///< "eol-pro rev 4"
  std::string sha256{};
  std::string who{}, reason{};
  std::int64_t at_utc_ns{};
  std::string withdrawn_by{};  ///< id of the entry that took it back; empty: it stands
  std::string fault{};         ///< why it does not count: not signed, or by a key that is not the log's
  bool in_force() const { return withdrawn_by.empty() && fault.empty(); }
};

/// All that were ever given, oldest first. A withdrawal counts whoever signed it or nobody; an approval only with a
/// signature that holds.
Result<std::vector<Approval>> approvals_in(RecordStore& store);

/// What a picture is called in an approval: it is approved as that plan shows it under that name, and nowhere else.
std::string picture_name(const std::string& plan, const std::string& file);

/// The newest that is in force for its kind and bytes, and of a picture for its name (picture_name()); nullptr: none.
const Approval* approval_of(const std::vector<Approval>& approvals, const SourceDocument& document);

/// The entries that give one and take it back.
AuditEntry approval_entry(const SourceDocument& document);
AuditEntry withdrawal_entry(const Approval& approval);

}  // namespace penrig
