#include "reports/store/approvals.hpp"

#include <fmt/format.h>

#include "reports/store/record_log.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

std::string word(const Json& value, const char* key) {
  const auto found = value.is_object() ? value.find(key) : value.end();
  return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json document_json(const std::string& kind, const std::string& name, const std::string& sha256) {
  return {{"kind", kind}, {"name", name}, {"sha256", sha256}};
}

}  // namespace

Result<std::vector<Approval>> approvals_in(RecordStore& store) {
  const Result<std::vector<TrailEntry>> trail = store.audit_trail();
  if (!trail) return trail.error();
  std::vector<Approval> all;
  for (const TrailEntry& item : *trail) {
    const AuditEntry& e = item.entry;
    if (e.action == audit::kApproved) {
      Approval a{.id = e.id, .who = e.who, .reason = e.reason, .at_utc_ns = e.at_utc_ns};
      a.kind = word(e.new_value, "kind");
      a.name = word(e.new_value, "name");
      a.sha256 = word(e.new_value, "sha256");
      a.fault = !item.fault.empty() ? item.fault : item.signed_by.empty() ? "it is not signed" : "";
      all.push_back(std::move(a));
    } else if (e.action == audit::kApprovalWithdrawn) {
      for (Approval& a : all) {
        const bool same_name = a.kind != "picture" || a.name == word(e.old_value, "name");
        if (a.kind == word(e.old_value, "kind") && a.sha256 == word(e.old_value, "sha256") && same_name &&
            a.withdrawn_by.empty())
          a.withdrawn_by = e.id;
      }
    }
  }
  return all;
}

std::string picture_name(const std::string& plan, const std::string& file) { return fmt::format("{}: {}", plan, file); }

const Approval* approval_of(const std::vector<Approval>& approvals, const SourceDocument& document) {
  const Approval* found = nullptr;
  for (const Approval& a : approvals) {
    const bool same_name = a.kind != "picture" || a.name == document.name;
    if (a.kind == document.kind && a.sha256 == document.sha256 && same_name && a.in_force()) found = &a;
  }
  return found;
}

AuditEntry approval_entry(const SourceDocument& document) {
  AuditEntry entry{.action = audit::kApproved, .subject = fmt::format("{} {}", document.kind, document.name)};
  entry.new_value = document_json(document.kind, document.name, document.sha256);
  return entry;
}

AuditEntry withdrawal_entry(const Approval& a) {
  AuditEntry entry{.action = audit::kApprovalWithdrawn, .subject = fmt::format("{} {}", a.kind, a.name)};
  entry.old_value = document_json(a.kind, a.name, a.sha256);
  return entry;
}

}  // namespace penrig
