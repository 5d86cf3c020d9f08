#include "reports/export/verify_page.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/verdict_word.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

/// Prose, commands, and what they answer when all is well.
struct Step {
  std::string title, prose, commands, answer;
};

/// RFC 6962 2.1.1 with sha256sum: the leaf, then up to the root. $n: leaves; $i: this one.
constexpr const char* kInclusion = R"sh(h() { sha256sum | cut -c1-64; }
bin() { sed 's/../\\x&/g' | xargs -0 -I{} printf '%b' '{}'; }
leaf=LEAF; size=$(sed -n 2p checkpoint)
root=$(sed -n 3p checkpoint | base64 -d | od -An -v -tx1 | tr -d ' \n')
at=$({ printf '\000'; cat record.json; } | h); i=$leaf; n=$((size - 1))
while read -r line; do
  p=$(printf %s "$line" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  if [ $((i % 2)) = 1 ] || [ "$i" = "$n" ]; then
    at=$({ printf '\001'; printf %s "$p$at" | bin; } | h)
    while [ $((i % 2)) = 0 ] && [ "$i" != 0 ]; do i=$((i / 2)); n=$((n / 2)); done
  else
    at=$({ printf '\001'; printf %s "$at$p" | bin; } | h)
  fi
  i=$((i / 2)); n=$((n / 2))
done < inclusion.txt
[ "$n" = 0 ] && [ "$at" = "$root" ] && echo included)sh";

constexpr const char* kCheckpoint =
    "sed -n '1,3p' checkpoint > $t/note\n"
    "sed -n '5p' checkpoint | awk '{print $NF}' | base64 -d | tail -c 64 > $t/note.sig\n"
    "openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in $t/note -sigfile $t/note.sig";

bool has_waveforms(const RunRecord& run, WaveformForm form) {
  return std::ranges::any_of(run.phases, [form](const PhaseRecord& p) {
    return std::ranges::any_of(p.waveforms, [form](const WaveformRecord& w) { return w.form == form; });
  });
}

/// One step for the waveforms of each form: FLAC knows by itself whether it is whole.
void waveforms(std::vector<Step>& steps, const RunRecord& run) {
  for (const WaveformForm form : kWaveformForms) {
    if (!has_waveforms(run, form)) continue;
    const bool flac = form == WaveformForm::flac;
    const std::string files = fmt::format("waveforms/*/*{}", suffix_of(form));
    steps.push_back(
        {flac ? "The raw samples are whole, and those of this run" : "The raw samples are those of this run",
         "Each waveform is named by its SHA-256, here and in the record.",
         (flac ? fmt::format("flac -t -s {} && echo whole\n", files) : std::string()) +
             fmt::format("for file in {}; do\n", files) +
             "  sum=$(sha256sum < \"$file\" | cut -c1-64)\n"
             "  grep -q \"\\\"sha256\\\":\\\"$sum\\\"\" record.json && echo \"named: $file\"\n"
             "done",
         flac ? "whole; named: for each file" : "named: for each file"});
  }
}

/// "raw samples, FLAC; trace of the links, pcapng"; empty: there is nothing of the kind.
std::string in_waveforms(const RunRecord& run) {
  std::string text;
  for (const WaveformForm form : kWaveformForms) {
    if (!has_waveforms(run, form)) continue;
    text += (text.empty() ? "" : "; ") + std::string(form == WaveformForm::flac ? "raw samples, FLAC" : "raw samples");
  }
  if (run.link_trace) text += (text.empty() ? "" : "; ") + std::string("trace of the links, pcapng");
  return text;
}

void signatures(std::vector<Step>& steps, const VerifyFacts& f) {
  const RunEvidence* const e = f.evidence;
  if (e == nullptr || e->signature.empty()) {
    steps.push_back({"Who says so",
                     "Nobody signed this record. What follows shows that the files belong together, and "
                     "not who made them.",
                     "", ""});
  } else {
    steps.push_back(
        {"Who says so",
         fmt::format("record.json is signed. The first command shows whose key stands in allowed_signers: hold the "
                     "fingerprint against the one that the laboratory gave you by another way, since whoever alters a "
                     "bundle could alter that file too. It must be {}.",
                     fingerprint(e->signer)),
         fmt::format("ssh-keygen -l -f record-key.pub\n"
                     "ssh-keygen -Y verify -f allowed_signers -I {} -n penrig-record -s record.sig < record.json",
                     e->principal),
         fmt::format("Good \"penrig-record\" signature for {}", e->principal)});
  }
  if (!f.sums_principal.empty()) {
    steps.push_back(
        {"Who packed it", "The list of files is signed by whoever exported the bundle.",
         fmt::format("ssh-keygen -Y verify -f exporter -I {} -n penrig-bundle -s SHA256SUMS.sig < SHA256SUMS",
                     f.sums_principal),
         fmt::format("Good \"penrig-bundle\" signature for {}", f.sums_principal)});
  }
}

void log(std::vector<Step>& steps, const VerifyFacts& f) {
  const RunEvidence* const e = f.evidence;
  if (e == nullptr) {
    steps.push_back(
        {"Its place in the log", "None: the run was not closed, or closed before the store kept a log.", "", ""});
    return;
  }
  std::string inclusion = kInclusion;
  inclusion.replace(inclusion.find("LEAF"), 4, std::to_string(e->leaf));
  steps.push_back({"Its place in the log",
                   "Records are leaves of an append-only log (RFC 6962). inclusion.txt leads from this record to the "
                   "root in checkpoint; a record that was swapped, altered or filed later has another root. Hold the "
                   "checkpoint against a newer one of the laboratory's: its log must have grown from this.",
                   inclusion, "included"});
  if (e->checkpoint_signer != PublicKey{}) {
    steps.push_back({"Whose log it is",
                     "The checkpoint is a signed note (C2SP tlog-checkpoint): three lines, signed with the log's key.",
                     kCheckpoint, "Signature Verified Successfully"});
  }
}

std::vector<Step> steps_of(const VerifyFacts& f) {
  std::vector<Step> steps;
  steps.push_back({"The files are those that were packed",
                   "All commands are given in one shell, in the unpacked folder. Every file but SHA256SUMS and its "
                   "signature stands "
                   "in the list, and nothing else may lie here.",
                   "t=$(mktemp -d)\n"
                   "sha256sum --strict -c SHA256SUMS\n"
                   "find . -type f | sed 's,^\\./,,' | grep -v '^SHA256SUMS' | LC_ALL=C sort > $t/found\n"
                   "cut -c67- SHA256SUMS | LC_ALL=C sort | diff $t/found -",
                   "OK for each file; nothing from diff"});
  signatures(steps, f);
  log(steps, f);
  if (!f.run.header.documents.empty()) {
    steps.push_back({"Plan, product and rig are those that judged",
                     "The record names each by its SHA-256; the files lie in documents/ under it.",
                     "for file in documents/*; do\n"
                     "  sum=$(sha256sum < \"$file\" | cut -c1-64)\n"
                     "  grep -q \"\\\"sha256\\\":\\\"$sum\\\"\" record.json && echo \"named: $file\"\n"
                     "done",
                     "named: for each file"});
  }
  waveforms(steps, f.run);
  if (f.run.link_trace) {
    steps.push_back({"The trace of the links is whole, and that of this run",
                     "All that passed over the links is named by its SHA-256 as well; Wireshark opens it.",
                     "for file in waveforms/*/*.pcapng; do\n"
                     "  sum=$(sha256sum < \"$file\" | cut -c1-64)\n"
                     "  grep -q \"\\\"sha256\\\":\\\"$sum\\\"\" record.json && echo \"named: $file\"\n"
                     "done",
                     "named: for each file"});
  }
  steps.push_back({"The database is sound", "records.db holds the run's rows, as penrig stored them.",
                   "sqlite3 -readonly records.db 'PRAGMA integrity_check; PRAGMA foreign_key_check'\n"
                   "sqlite3 -readonly records.db 'SELECT count(*) FROM runs'\n"
                   "xmllint --noout junit.xml && echo well-formed",
                   "ok; 1; well-formed"});
  if (!f.audit.empty()) {
    std::string names;
    for (const std::string& name : f.audit) names += (names.empty() ? "" : ", ") + name;
    steps.push_back(
        {"What was said about the run since",
         fmt::format("Entries {} of the audit trail speak of it. One whose \"key\" is not null is signed, has its .sig "
                     "beside it, and ssh-keygen must name that key. Hold it against the laboratory's. That there are "
                     "no more entries cannot be seen from here: ask the laboratory.",
                     names),
         "for file in audit/*.json; do\n"
         "  cat $file\n"
         "  [ ! -f ${file%.json}.sig ] ||\n"
         "    ssh-keygen -Y check-novalidate -n penrig-audit -s ${file%.json}.sig < $file\n"
         "done",
         "Good \"penrig-audit\" signature for each entry that names a key"});
  }
  steps.push_back(
      {"With penrig",
       "Beyond what stock tools can do: the first derives record, report, tables and certificate from the "
       "database again and compares them byte for byte; the second measures the waveforms again.",
       fmt::format("penrig verify --bundle {0}.zip\npenrig recompute {0} --records {0}", f.run.header.run_id), ""});
  return steps;
}

std::vector<std::pair<std::string, std::string>> contents(const VerifyFacts& f) {
  std::vector<std::pair<std::string, std::string>> all{
      {"record.json", "the record: every number, limit, rule and verdict. This is the original; all else is a view"}};
  if (f.evidence != nullptr && !f.evidence->signature.empty())
    all.insert(all.end(), {{"record.sig", "the signature under record.json (SSHSIG)"},
                           {"allowed_signers", "the public key for ssh-keygen -Y verify"},
                           {"record-key.pub", "the same key alone"}});
  if (f.evidence != nullptr) {
    all.emplace_back("checkpoint", "the log's size and root, as it stood when this was packed");
    all.emplace_back("inclusion.txt", "the hashes that lead from the record to that root");
    if (f.evidence->checkpoint_signer != PublicKey{}) all.emplace_back("log-key.pem", "the log's public key");
  }
  if (!f.run.header.documents.empty())
    all.emplace_back("documents/", "plan, product, rig and calibrations, as they were");
  if (const std::string what = in_waveforms(f.run); !what.empty()) all.emplace_back("waveforms/", what);
  all.insert(all.end(), {{"records.db", "the run's rows, SQLite"},
                         {"report.html", "the report"},
                         {"certificate.pdf", "the certificate, or what says that there is none"},
                         {"tables/", "CSV: measurements, the unit in one row, limits, strokes"},
                         {"junit.xml", "JUnit"},
                         {"record.schema.json", "JSON Schema of record.json"}});
  if (!f.audit.empty()) all.emplace_back("audit/", "entries of the audit trail about the run");
  all.emplace_back("packed.json", "how the run stood when this was packed: voided, commented, signed by whom");
  all.emplace_back("SHA256SUMS", "SHA-256 of every file");
  if (!f.sums_principal.empty()) {
    all.emplace_back("SHA256SUMS.sig", "the signature under that list");
    all.emplace_back("exporter", "the public key of whoever packed this");
  }
  return all;
}

std::string what(const VerifyFacts& f) {
  const RunHeader& h = f.run.header;
  return fmt::format("Run {} of {} {}, {}: {}. SHA-256 of the record: {}", h.run_id, h.product_name, h.serial_number,
                     format_utc(h.started_utc_ns), verdict_word(f.run),
                     f.evidence != nullptr ? sha256_hex(f.evidence->record) : "see SHA256SUMS");
}

std::string void_line(const RunRecord& run) {
  const std::string mark = void_mark(run);
  return mark.empty() ? "" : mark + ": nothing here may be taken for a certificate.";
}

std::string wrapped(const std::string& text) {
  std::string out, line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && line.size() + 1 + word.size() > 100) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return out + line + "\n";
}

std::string indented(const std::string& commands) {
  std::string out = "    ";
  for (const char c : commands) out += c == '\n' ? "\n    " : std::string(1, c);
  return out + "\n";
}

}  // namespace

std::string verify_text(const VerifyFacts& f) {
  std::string out = "HOW TO VERIFY THIS BUNDLE\n\n" + wrapped(html::well_formed(what(f)));
  if (const std::string mark = void_line(f.run); !mark.empty()) out += wrapped(mark);
  out += "\nWhat lies here\n\n";
  for (const auto& [name, says] : contents(f)) out += fmt::format("  {:<20} {}\n", name, says);
  int number = 0;
  for (const Step& step : steps_of(f)) {
    out += fmt::format("\n{}. {}\n\n{}", ++number, step.title, wrapped(step.prose));
    if (!step.commands.empty()) out += "\n" + indented(step.commands);
    if (!step.answer.empty()) out += "\n" + wrapped("It must answer: " + step.answer);
  }
  return out + fmt::format("\nPacked by {}.\n", f.exporter);
}

std::string verify_html(const VerifyFacts& f) {
  using html::escape;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>How to verify {}</title>\n<style>body{{font:15px/1.45 Inter,\"Helvetica "
      "Neue\",Arial,\"Liberation Sans\",sans-serif;color:#111;max-width:800px;margin:34px "
      "auto;padding:0 20px;overflow-wrap:anywhere}}h1{{font-size:26px;font-weight:600;margin:0 0 8px}}h2{{font-size:"
      "17px;font-weight:600;margin:28px 0 4px}}pre,code{{font:12.5px/1.5 \"DejaVu Sans Mono\",\"Liberation "
      "Mono\",Menlo,Consolas,monospace}}pre{{border-left:3px solid #bbb;padding:2px 0 2px "
      "14px;overflow-x:auto}}p{{margin:0 0 8px}}td{{vertical-align:top;padding:2px 18px 2px "
      "0}}table{{border-collapse:collapse}}.void{{border:1.6px solid #111;padding:6px 12px}}</style></head><body>\n"
      "<h1>How to verify this bundle</h1>\n<p>{}</p>\n",
      escape(f.run.header.run_id), escape(what(f)));
  if (const std::string mark = void_line(f.run); !mark.empty())
    out += fmt::format("<p class=\"void\">{}</p>\n", escape(mark));
  out += "<h2>What lies here</h2>\n<table>";
  for (const auto& [name, says] : contents(f))
    out += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n", escape(name), escape(says));
  out += "</table>\n";
  int number = 0;
  for (const Step& step : steps_of(f)) {
    out += fmt::format("<h2>{}. {}</h2>\n<p>{}</p>\n", ++number, escape(step.title), escape(step.prose));
    if (!step.commands.empty()) out += fmt::format("<pre>{}</pre>\n", escape(step.commands));
    if (!step.answer.empty()) out += fmt::format("<p>It must answer: <code>{}</code></p>\n", escape(step.answer));
  }
  return out + fmt::format("<p>Packed by {}.</p>\n</body></html>\n", escape(f.exporter));
}

}  // namespace penrig
