#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/atomic_file.hpp"
#include "reports/counted.hpp"
#include "reports/export/bundle.hpp"
#include "reports/store/verify_store.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Verification& v) {
  Json faults = Json::array();
  for (const VerifyFault& f : v.faults) faults.push_back({{"where", f.where}, {"what", f.what}});
  return {{"verified", v.faults.empty()},
          {"faults", std::move(faults)},
          {"notes", v.notes},
          {"runs", v.runs},
          {"signed_runs", v.signed_runs},
          {"open_runs", v.open_runs},
          {"runs_before_log", v.runs_before_log},
          {"audit_entries", v.audit_entries},
          {"calibrations", v.calibrations},
          {"waveforms", v.waveforms},
          {"archived_waveforms", v.archived_waveforms},
          {"link_traces", v.link_traces},
          {"log", {{"origin", v.origin}, {"size", v.log_size}, {"root", v.root_hex}}},
          {"key", v.key_name.empty() && v.key_fingerprint.empty()
                      ? Json(nullptr)
                      : Json{{"name", v.key_name}, {"fingerprint", v.key_fingerprint}}},
          {"checkpoint", v.checkpoint.empty() ? Json(nullptr) : Json(v.checkpoint)}};
}

Line ending(const TerminalStyle& style, std::size_t faults) {
  if (faults == 0) return {{style.ascii ? "OK" : "✓", Ink::pass}, {" verified: everything that can be checked fits"}};
  return {{fmt::format("{} NOT VERIFIED", style.ascii ? "X" : "✗"), Ink::fail},
          {fmt::format(": {}", counted(faults, "fault"))}};
}

void print_verification(const Verification& v) {
  const TerminalStyle style = detect_style(1);
  const auto line = [&](const Line& text) { std::cout << render(style, text); };
  line(labelled(
      "records",
      fmt::format("{} checked, {} signed; {}{}", counted(v.runs, "closed run"), v.signed_runs,
                  counted(v.waveforms, "waveform"),
                  (v.archived_waveforms == 0 ? "" : fmt::format(", {} more in archives", v.archived_waveforms)) +
                      (v.link_traces == 0 ? "" : ", " + counted(v.link_traces, "link trace")))));
  line(labelled("trail", fmt::format("{}, {}",
                                     fmt::format("{} {} of the audit trail", v.audit_entries,
                                                 v.audit_entries == 1 ? "entry" : "entries"),
                                     counted(v.calibrations, "calibration"))));
  if (!v.origin.empty()) {
    line(labelled("log", fmt::format("{}, {} leaves, root {}", v.origin, v.log_size, v.root_hex)));
    line(labelled("key", v.key_fingerprint.empty() ? std::string("none: nothing here is signed")
                                                   : fmt::format("{}, {}", v.key_name, v.key_fingerprint)));
  }
  for (const std::string& note : v.notes) line(labelled("note", note));
  for (const VerifyFault& f : v.faults) line({{"  "}, {f.where, Ink::strong}, {": " + f.what}});
  if (!v.checkpoint.empty()) {
    std::cout << "\nThe newest checkpoint; keep it elsewhere (--write-checkpoint FILE), and later verifications tell "
                 "whether anything was removed:\n\n"
              << v.checkpoint << '\n';
  }
  line(ending(style, v.faults.size()));
}

Json json_of(const BundleCheck& b) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"verified", b.faults.empty()},
          {"faults", b.faults},
          {"notes", b.notes},
          {"run", b.run_id},
          {"serial_number", b.serial_number},
          {"verdict", b.verdict},
          {"void_as_certificate", b.void_mark},
          {"record_sha256", b.record_sha256},
          {"signed_by", or_null(b.signer)},
          {"signer_fingerprint", or_null(b.signer_fingerprint)},
          {"packed_by", or_null(b.exporter)},
          {"packer", or_null(b.packer)},
          {"packer_fingerprint", or_null(b.exporter_fingerprint)},
          {"leaf", b.leaf ? Json(*b.leaf) : Json(nullptr)},
          {"log_size", b.log_size ? Json(*b.log_size) : Json(nullptr)},
          {"files", b.files},
          {"waveforms", b.waveforms}};
}

/// Only who names keys says that all must be signed by these: a reader's own key need not be the rig's.
Result<std::shared_ptr<const KeyRing>> keys_named(const VerifyCommandOptions& options) {
  if (options.scope.keys.empty()) return std::shared_ptr<const KeyRing>();
  return keys_in(options.scope.keys);
}

/// A bundle has no store behind it: what holds for one alone is a mistake here.
ExitCode verify_bundle(const VerifyCommandOptions& options) {
  if (!options.runs.empty() || options.all || !options.checkpoint_path.empty() ||
      !options.write_checkpoint_path.empty()) {
    return complain(
        fail(Errc::usage, "--bundle: a bundle is verified by itself (leave RUN, --all and checkpoints out)"));
  }
  const auto keys = keys_named(options);
  if (!keys) return complain(keys.error());
  const Result<BundleCheck> checked = check_bundle_file(options.bundle_path, keys->get());
  if (!checked) return complain(checked.error());
  const BundleCheck& b = *checked;
  const ExitCode code = b.faults.empty() ? ExitCode::pass : ExitCode::not_passed;
  if (options.scope.json) {
    std::cout << json_of(b).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return code;
  }
  const TerminalStyle style = detect_style(1);
  const auto line = [&](const Line& text) { std::cout << render(style, text); };
  if (b.files > 0) {  // of what is no bundle there is nothing to say
    line(labelled("run", fmt::format("{}, {}, {}{}", b.run_id, b.serial_number, b.verdict,
                                     b.void_mark.empty() ? "" : ", " + b.void_mark + ": not a certificate")));
    line(labelled("record", "SHA-256 " + b.record_sha256));
    line(labelled("signed",
                  b.signer.empty() ? std::string("by nobody") : fmt::format("{}, {}", b.signer, b.signer_fingerprint)));
    line(labelled("packed", b.packer.empty() ? std::string("by nobody who signed the list of files")
                                             : fmt::format("{}, {}", b.packer, b.exporter_fingerprint)));
    line(labelled("holds", fmt::format("{}, {}", counted(b.files, "file"), counted(b.waveforms, "waveform"))));
  }
  for (const std::string& note : b.notes) line(labelled("note", note));
  for (const std::string& fault : b.faults) line({{"  " + fault}});
  line(ending(style, b.faults.size()));
  return code;
}

}  // namespace

ExitCode verify_command(const VerifyCommandOptions& options) {
  if (!options.bundle_path.empty()) return verify_bundle(options);
  VerifyOptions asked;
  asked.runs = options.runs;
  if (options.all && !options.runs.empty())
    return complain(fail(Errc::usage, "which runs? (name them, or write --all, not both)"));
  if (!options.checkpoint_path.empty()) {
    Result<std::string> note = read_text(options.checkpoint_path);
    if (!note) return complain(fail(note.error().code, options.checkpoint_path + ": " + note.error().message));
    asked.kept_checkpoint = std::move(*note);
  }
  const auto keys = keys_named(options);
  if (!keys) return complain(keys.error());
  asked.keys = *keys;
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.scope.records, store_options());
  if (!store) return complain(store.error());
  const Result<Verification> verified = verify_store(**store, asked);
  if (!verified) return complain(verified.error());
  if (options.scope.json) {
    std::cout << json_of(*verified).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    print_verification(*verified);
  }
  if (!verified->faults.empty()) return ExitCode::not_passed;
  if (!options.write_checkpoint_path.empty()) {
    if (verified->checkpoint.empty())
      return complain(fail(Errc::usage, "the log is empty: there is no checkpoint to write yet"));
    const auto written = replace_file(options.write_checkpoint_path, verified->checkpoint);
    if (!written) return complain(written.error());
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
