#include <algorithm>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/digest.hpp"
#include "reports/number_format.hpp"
#include "reports/store/approvals.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/load_pictures.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

SourceDocument described(const char* kind, const std::string& name, std::uint32_t revision, const std::string& path,
                         std::string bytes) {
  const std::string sha256 = sha256_hex(bytes);
  return {kind, fmt::format("{} rev {}", name, revision), path, std::move(bytes), sha256};
}

/// What a file describes, with the pictures that a plan shows. Only what is without a mistake may be approved: a run
/// would not take it.
std::vector<SourceDocument> read_description(const std::string& path, std::vector<Mistake>& mistakes) {
  Result<std::string> text = read_text(path);
  if (!text) {
    Mistake mistake;
    mistake.file = path;
    mistake.message = text.error().message;
    mistakes.push_back(std::move(mistake));
    return {};
  }
  const Loaded<Plan> plan = load_plan(*text, path);
  if (plan.ok()) {
    std::vector<SourceDocument> documents = load_pictures(plan.value, *text, path, mistakes);
    documents.insert(documents.begin(),
                     described("plan", plan.value.name, plan.value.revision, path, std::move(*text)));
    return documents;
  }
  const Loaded<Product> product = load_product(*text, path);
  if (product.ok()) return {described("product", product.value.name, product.value.revision, path, std::move(*text))};
  const Loaded<RigDescription> rig = load_rig(*text, path);
  if (rig.ok()) return {described("rig", rig.value.name, rig.value.revision, path, std::move(*text))};
  // The one that it is nearest to is the one that it was meant to be.
  const std::vector<Mistake>* nearest = &plan.mistakes;
  for (const auto* list : {&product.mistakes, &rig.mistakes}) {
    if (list->size() < nearest->size()) nearest = list;
  }
  mistakes.insert(mistakes.end(), nearest->begin(), nearest->end());
  return {};
}

/// What of one file's documents is to be entered: the description and those of its pictures that are new. Pictures stay
/// approved when their plan no longer is, since others may show them. Errc::usage: there is nothing to do.
Result<std::vector<SourceDocument>> due(std::vector<SourceDocument> documents, const std::vector<Approval>& approvals,
                                        bool withdraw) {
  const auto stands = [&](const SourceDocument& d) { return approval_of(approvals, d.kind, d.sha256) != nullptr; };
  const SourceDocument& named = documents.front();
  const bool stood = stands(named);
  std::erase_if(documents, [&](const SourceDocument& d) { return d.kind == "picture" && (withdraw || stands(d)); });
  if (stood && documents.size() > 1) {
    documents.erase(documents.begin());
  } else if (stood != withdraw) {
    return fail(Errc::usage,
                fmt::format("{}: {} {} is {}", named.path, named.kind, named.name,
                            withdraw ? "not approved: there is nothing to withdraw"
                                     : "approved already, by " + approval_of(approvals, named.kind, named.sha256)->id));
  }
  return documents;
}

ExitCode list_approvals(const ApproveOptions& options) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.scope.records, store_options());
  if (!store) return complain(store.error());
  const auto approvals = approvals_in(**store);
  if (!approvals) return complain(approvals.error());
  const TerminalStyle style = detect_style(1);
  for (const Approval& a : *approvals) {
    const std::string state = a.in_force()              ? "in force"
                              : !a.withdrawn_by.empty() ? fmt::format("withdrawn by {}", a.withdrawn_by)
                                                        : "does not count: " + a.fault;
    if (options.scope.json) {
      const Json json{{"approval", a.id},   {"kind", a.kind}, {"name", a.name},
                      {"sha256", a.sha256}, {"who", a.who},   {"at_utc", format_iso8601(a.at_utc_ns)},
                      {"reason", a.reason}, {"state", state}};
      std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
      std::cout << render(style, {{fmt::format("{}  {:<7}  {:<24}  {}…  {}  ", a.id, a.kind, a.name,
                                               a.sha256.substr(0, 12), format_utc(a.at_utc_ns))},
                                  {state, a.in_force() ? Ink::plain : Ink::strong},
                                  {fmt::format("  {}: {}", a.who, a.reason), Ink::label}});
    }
  }
  if (!options.scope.json && approvals->empty()) std::cout << "nothing is approved yet\n";
  return ExitCode::pass;
}

}  // namespace

ExitCode approve_command(const ApproveOptions& options) {
  if (options.list) return list_approvals(options);
  const char* const what = options.withdraw ? "an approval is withdrawn" : "something is approved";
  if (options.files.empty()) return complain(fail(Errc::usage, "which file? (a plan, a product or a rig description)"));
  if (options.reason.empty())
    return complain(fail(Errc::usage, fmt::format("why? (--reason TEXT stands in the audit trail whenever {})", what)));
  std::vector<Mistake> mistakes;
  std::vector<std::vector<SourceDocument>> files;
  for (const std::string& file : options.files) files.push_back(read_description(file, mistakes));
  if (!mistakes.empty()) {
    std::cerr << render_mistakes(mistakes, detect_style(2), "nothing was entered.");
    return ExitCode::usage;
  }
  const auto ring = keys_in(options.scope.keys);
  if (!ring) return complain(ring.error());
  if (!*ring) {
    return complain(fail(Errc::refused,
                         "an approval must be signed, and there is no key (penrig keys init --name 'YOUR NAME' makes "
                         "one; --keys DIR names another folder)"));
  }
  // A store may be approved for before its first run.
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open(options.scope.records, store_options());
  if (!store) return complain(store.error());
  const ActedBy by = acting(options.scope.operator_name);
  if (auto signing = (*store)->sign_with(*ring, by); !signing) return complain(signing.error());
  const auto approvals = approvals_in(**store);
  if (!approvals) return complain(approvals.error());
  std::vector<SourceDocument> documents;
  for (std::vector<SourceDocument>& file : files) {
    auto of_file = due(std::move(file), *approvals, options.withdraw);
    if (!of_file) return complain(of_file.error());
    std::ranges::move(*of_file, std::back_inserter(documents));
  }
  for (const SourceDocument& document : documents) {
    AuditEntry entry = options.withdraw ? withdrawal_entry(*approval_of(*approvals, document.kind, document.sha256))
                                        : approval_entry(document);
    entry.who = by.who;
    entry.at_utc_ns = by.at_utc_ns;
    entry.reason = options.reason;
    const Result<std::string> id = (*store)->add_audit(entry);
    if (!id) return complain(id.error());
    const char* const done = options.withdraw ? "approval withdrawn" : "approved";
    if (options.scope.json) {
      const Json json{{"entry", *id},
                      {"done", done},
                      {"kind", document.kind},
                      {"name", document.name},
                      {"sha256", document.sha256}};
      std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
      std::cout << fmt::format("{}  {}: {} {}, {}…\n", *id, done, document.kind, document.name,
                               document.sha256.substr(0, 12));
    }
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
