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

/// What a file describes, and behind a plan the pictures that it shows. Only what is without a mistake may be approved:
/// a run would not take it. Nothing keeps an approval from being withdrawn: no picture is read for that.
std::vector<SourceDocument> read_description(const std::string& path, bool pictures, std::vector<Mistake>& mistakes) {
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
    std::vector<SourceDocument> documents{
        described("plan", plan.value.name, plan.value.revision, path, std::move(*text))};
    if (!pictures) return documents;
    for (SourceDocument& picture : load_pictures(plan.value, documents.front().bytes, path, mistakes)) {
      picture.name = picture_name(documents.front().name, picture.name);
      documents.push_back(std::move(picture));
    }
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

/// One entry of the trail.
struct Step {
  AuditEntry entry;
  std::string kind, name, sha256;
};

/// Approves what one file describes, and those of its pictures that are not yet. Errc::usage: all of it is.
Result<std::vector<Step>> approving(const std::vector<SourceDocument>& documents,
                                    const std::vector<Approval>& approvals) {
  std::vector<Step> steps;
  for (const SourceDocument& d : documents)
    if (approval_of(approvals, d) == nullptr) steps.push_back({approval_entry(d), d.kind, d.name, d.sha256});
  if (!steps.empty()) return steps;
  const SourceDocument& named = documents.front();
  return fail(Errc::usage, fmt::format("{}: {} {} is approved already, by {}", named.path, named.kind, named.name,
                                       approval_of(approvals, named)->id));
}

/// Takes back the approval of what one file describes, and of a plan all pictures that were ever approved with it.
/// Errc::usage: there is none.
Result<std::vector<Step>> withdrawing(const SourceDocument& named, const std::vector<Approval>& approvals) {
  std::vector<Step> steps;
  const auto withdraw = [&](const Approval& a) { steps.push_back({withdrawal_entry(a), a.kind, a.name, a.sha256}); };
  const Approval* const standing = approval_of(approvals, named);
  if (standing == nullptr)
    return fail(Errc::usage, fmt::format("{}: {} {} is not approved: there is nothing to withdraw", named.path,
                                         named.kind, named.name));
  withdraw(*standing);
  if (named.kind != "plan") return steps;
  for (const Approval& a : approvals)
    if (a.kind == "picture" && a.in_force() && a.name.starts_with(picture_name(named.name, ""))) withdraw(a);
  return steps;
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
  for (const std::string& file : options.files) files.push_back(read_description(file, !options.withdraw, mistakes));
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
  std::vector<Step> steps;
  for (const std::vector<SourceDocument>& file : files) {
    auto of_file = options.withdraw ? withdrawing(file.front(), *approvals) : approving(file, *approvals);
    if (!of_file) return complain(of_file.error());
    std::ranges::move(*of_file, std::back_inserter(steps));
  }
  for (Step& step : steps) {
    AuditEntry& entry = step.entry;
    entry.who = by.who;
    entry.at_utc_ns = by.at_utc_ns;
    entry.reason = options.reason;
    const Result<std::string> id = (*store)->add_audit(entry);
    if (!id) return complain(id.error());
    const char* const done = options.withdraw ? "approval withdrawn" : "approved";
    if (options.scope.json) {
      const Json json{
          {"entry", *id}, {"done", done}, {"kind", step.kind}, {"name", step.name}, {"sha256", step.sha256}};
      std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
      std::cout << fmt::format("{}  {}: {} {}, {}…\n", *id, done, step.kind, step.name, step.sha256.substr(0, 12));
    }
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
