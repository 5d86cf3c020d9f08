#include "reports/export/bundle_parts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/digest.hpp"
#include "reports/evidence/base64.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/export/json_schema.hpp"
#include "reports/export/tables.hpp"
#include "reports/export/verify_page.hpp"
#include "reports/html_report.hpp"
#include "reports/json_integer.hpp"
#include "reports/junit.hpp"
#include "reports/pdf/certificate.hpp"

namespace penrig::bundle {
namespace {

using Json = nlohmann::ordered_json;

Json remark_json(const RunRemark& r) { return {{"who", r.who}, {"text", r.text}, {"at_utc_ns", r.at_utc_ns}}; }
RunRemark remark_of(const Json& j) {
  return {j.at("who").get<std::string>(), j.at("text").get<std::string>(), integer_of<std::int64_t>(j.at("at_utc_ns"))};
}

Json standing_json(const RunStanding& s) {
  Json comments = Json::array(), signatures = Json::array();
  for (const RunRemark& r : s.comments) comments.push_back(remark_json(r));
  for (const RunSignature& r : s.signatures)
    signatures.push_back({{"name", r.name}, {"fingerprint", r.fingerprint}, {"signed_utc_ns", r.signed_utc_ns}});
  return {{"voided", s.voided ? remark_json(*s.voided) : Json(nullptr)},
          {"superseded_by", s.superseded_by},
          {"comments", std::move(comments)},
          {"signatures", std::move(signatures)},
          {"signature_fault", s.signature_fault},
          {"log_leaf", s.log_leaf ? Json(*s.log_leaf) : Json(nullptr)}};
}

RunStanding standing_of(const Json& j) {
  RunStanding s;
  if (!j.at("voided").is_null()) s.voided = remark_of(j.at("voided"));
  s.superseded_by = j.at("superseded_by").get<std::string>();
  for (const Json& r : j.at("comments")) s.comments.push_back(remark_of(r));
  for (const Json& r : j.at("signatures")) {
    s.signatures.push_back({r.at("name").get<std::string>(), r.at("fingerprint").get<std::string>(),
                            integer_of<std::int64_t>(r.at("signed_utc_ns"))});
  }
  s.signature_fault = j.at("signature_fault").get<std::string>();
  if (!j.at("log_leaf").is_null()) s.log_leaf = integer_of<std::uint64_t>(j.at("log_leaf"));
  return s;
}

}  // namespace

std::string packed_text(const Packed& p) {
  const Json j{{"format", "penrig-bundle"},
               {"format_version", 1},
               {"run_id", p.run_id},
               {"exporter", p.exporter},
               {"paper", p.paper == pdf::Paper::letter ? "letter" : "a4"},
               {"standing", standing_json(p.standing)},
               {"log_key", p.log_key ? Json(*p.log_key) : Json(nullptr)},
               {"sums_principal", p.sums_principal},
               {"audit", p.audit}};
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Packed> packed_of(const std::string& text) {
  Packed p;
  try {
    const Json j = Json::parse(text);
    p.run_id = j.at("run_id").get<std::string>();
    p.exporter = j.at("exporter").get<std::string>();
    p.paper = j.at("paper").get<std::string>() == "letter" ? pdf::Paper::letter : pdf::Paper::a4;
    p.standing = standing_of(j.at("standing"));
    if (!j.at("log_key").is_null()) p.log_key = j.at("log_key").get<std::string>();
    p.sums_principal = j.at("sums_principal").get<std::string>();
    p.audit = j.at("audit").get<std::vector<std::string>>();
  } catch (const std::exception& e) {
    return fail(Errc::bad_data, fmt::format("packed.json: not as penrig writes it: {}", e.what()));
  }
  if (packed_text(p) != text) return fail(Errc::bad_data, "packed.json: not as penrig writes it");
  return p;
}

std::vector<ArchiveEntry> views(const RunRecord& run, const Packed& packed, const RunEvidence* evidence) {
  WideTable wide;
  LongTable rows;
  LimitsTable limits;
  JUnitFile junit;
  wide.add(run);
  rows.add(run);
  static_cast<void>(limits.add(run));  // one run alone has one set of limits
  junit.add(run);
  CertificateOptions certificate;
  certificate.paper = packed.paper;
  const VerifyFacts facts{run, evidence, packed.sums_principal, packed.audit, packed.exporter};
  return {{"report.html", html_report(run)},    {"certificate.pdf", certificate_pdf(run, certificate)},
          {"tables/unit.csv", wide.take()},     {"tables/measurements.csv", rows.text()},
          {"tables/limits.csv", limits.take()}, {"tables/strokes.csv", strokes_csv(run)},
          {"junit.xml", junit.text()},          {"record.schema.json", record_json_schema()},
          {"VERIFY.txt", verify_text(facts)},   {"VERIFY.html", verify_html(facts)}};
}

std::vector<ArchiveEntry> evidence_files(const RunEvidence& e) {
  std::vector<ArchiveEntry> files{{"checkpoint", e.checkpoint}, {"inclusion.txt", proof_text(e.proof)}};
  if (!e.signature.empty()) {
    files.push_back({"record.sig", e.signature});
    files.push_back({"allowed_signers", e.allowed_signers});
    files.push_back({"record-key.pub", public_line(e.signer, e.principal) + "\n"});
  }
  if (e.checkpoint_signer != PublicKey{}) files.push_back({"log-key.pem", pem_of(e.checkpoint_signer)});
  return files;
}

std::vector<ArchiveEntry> document_files(const RunHeader& header) {
  std::vector<ArchiveEntry> files;
  for (const SourceDocument& d : header.documents) {
    std::string kind;
    for (const char c : d.kind) kind += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
    std::string name =
        fmt::format("documents/{}-{}.{}", kind, d.sha256.substr(0, 16), d.bytes.starts_with('{') ? "json" : "yaml");
    if (std::ranges::none_of(files, [&](const ArchiveEntry& f) { return f.name == name; }))
      files.push_back({std::move(name), d.bytes});
  }
  return files;
}

std::string sums_of(const std::vector<ArchiveEntry>& files) {
  std::string sums;
  for (const ArchiveEntry& f : files) sums += fmt::format("{}  {}\n", sha256_hex(f.bytes), f.name);
  return sums;
}

std::string pem_of(const PublicKey& key) {
  // SubjectPublicKeyInfo of Ed25519 (RFC 8410) is this and the 32 bytes of the key.
  std::string der("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
  der.append(reinterpret_cast<const char*>(key.data()), key.size());
  return "-----BEGIN PUBLIC KEY-----\n" + base64_of(der) + "\n-----END PUBLIC KEY-----\n";
}

std::string exporter_line(const PublicKey& key, const std::string& name) {
  return fmt::format("{} namespaces=\"{}\" {}\n", principal_of(name), kSpace, public_line(key, principal_of(name)));
}

}  // namespace penrig::bundle
