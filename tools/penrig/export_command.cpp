#include "tools/penrig/export_command.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/atomic_file.hpp"
#include "reports/export/bundle.hpp"
#include "reports/export/json_schema.hpp"
#include "reports/export/tables.hpp"
#include "reports/export/wsjf.hpp"
#include "reports/junit.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "reports/verdict_word.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/output_file.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

Result<std::vector<std::string>> chosen_runs(RecordStore& store, const ExportOptions& options) {
  if (!options.runs.empty()) return options.runs;
  RunFilter filter;
  filter.serial_number = options.serial_number;
  filter.plan_name = options.plan_name;
  const Result<std::vector<RunRow>> rows = store.list_runs(filter);
  if (!rows) return rows.error();
  std::vector<std::string> ids;
  for (const RunRow& row : *rows) ids.push_back(row.run_id);
  if (ids.empty()) {
    return fail(Errc::usage,
                fmt::format("{}: no run matches (penrig records list shows what is there)", store.folder().string()));
  }
  return ids;
}

/// All that was asked for, grown run by run: a whole store need not fit into memory.
struct Exports {
  WideTable wide;
  LongTable long_rows;
  LimitsTable limits;
  JUnitFile junit;
  std::string json, wsjf;

  Result<void> add(const RunRecord& run, const ExportOptions& o) {
    if (!o.csv_wide.empty()) wide.add(run);
    if (!o.csv_long.empty()) long_rows.add(run);
    if (!o.junit.empty()) junit.add(run);
    if (!o.json.empty()) json += record_json_text(run);
    if (!o.wsjf.empty()) {
      wsjf += penrig::wsjf(run, o.process_code).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return o.limits.empty() ? Result<void>{} : limits.add(run);
  }
};

Result<void> write_bundle(RecordStore& store, const std::string& run_id, const ExportOptions& o) {
  const Result<std::shared_ptr<const KeyRing>> keys = keys_in(o.keys);
  if (!keys) return keys.error();
  BundleOptions options;
  options.exporter = fmt::format("penrig {} ({})", kVersion, kCommit);
  options.paper = o.paper == "letter" ? pdf::Paper::letter : pdf::Paper::a4;
  options.keys = *keys;
  const Result<std::string> bundle = bundle_of(store, run_id, options);
  if (!bundle) return bundle.error();
  return replace_file(o.bundle, *bundle);
}

/// Errc::usage where --junit has no file to itself.
Result<void> check_junit_apart(const ExportOptions& o) {
  const NamedOutput others[] = {{"--csv-wide", o.csv_wide}, {"--csv-long", o.csv_long}, {"--limits", o.limits},
                                {"--json", o.json},         {"--wsjf", o.wsjf},         {"--bundle", o.bundle}};
  for (const NamedOutput& other : others) {
    if (const Result<void> apart = check_apart({other, {"--junit", o.junit}}); !apart) return apart;
  }
  return {};
}

/// Of files that may be of many runs, or of none: one <error> that says why no verdict is here.
Result<void> write_junit_without_runs(const ExportOptions& o, const std::string& why) {
  if (o.junit.empty()) return {};
  JUnitSuite suite{
      .name = "export", .properties = {{"software", fmt::format("{} ({})", kVersion, kCommit)}}, .items = {}};
  suite.items.push_back({.name = "runs", .kind = JUnitItem::Kind::error, .type = "ERROR", .message = why});
  JUnitFile file;
  file.add(suite);
  return replace_file(o.junit, file.text());
}

/// Where a file was written, its name is said on stdout, unless that is taken.
struct Outputs {
  bool stdout_is_taken = false;

  Result<void> write(const std::string& file, std::string_view bytes) const {
    if (file == kStandardOutput) {
      std::cout << bytes;
      return {};
    }
    const Result<void> written = replace_file(file, bytes);
    if (written) said(file);
    return written;
  }
  void said(const std::string& file) const {
    if (!stdout_is_taken) std::cout << file << '\n';
  }
};

Result<void> export_runs(const ExportOptions& o) {
  const bool filtered = !o.serial_number.empty() || !o.plan_name.empty();
  if (o.runs.empty() && !filtered && !o.all)
    return fail(Errc::usage,
                "which runs? Name some (penrig export R-000001 ...), or give --serial-number, "
                "--plan or --all");
  if (!o.runs.empty() && (filtered || o.all))
    return fail(Errc::usage, "runs by name and --serial-number, --plan or --all together: choose one");
  if (o.csv_wide.empty() && o.csv_long.empty() && o.limits.empty() && o.json.empty() && o.wsjf.empty() &&
      o.junit.empty() && o.bundle.empty())
    return fail(Errc::usage,
                "written as what? Give at least one of --csv-wide, --csv-long, --limits, --json, "
                "--wsjf, --junit, --bundle");
  if (const Result<void> apart = check_apart({{"--csv-wide", o.csv_wide},
                                              {"--csv-long", o.csv_long},
                                              {"--limits", o.limits},
                                              {"--json", o.json},
                                              {"--wsjf", o.wsjf},
                                              {"--junit", o.junit},
                                              {"--bundle", o.bundle}});
      !apart)
    return apart.error();
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(o.records, store_options());
  if (!store) return store.error();
  const Result<std::vector<std::string>> ids = chosen_runs(**store, o);
  if (!ids) return ids.error();
  if (!o.bundle.empty() && ids->size() != 1)
    return fail(Errc::usage, fmt::format("--bundle: {} runs are chosen; a bundle is of one", ids->size()));
  Exports exports;
  for (const std::string& id : *ids) {
    const Result<RunRecord> run = (*store)->load_run(id);
    if (!run) return run.error();
    const Result<void> added = exports.add(*run, o);
    if (!added) return added.error();
    // What was decided later is not in the bytes that were signed.
    if (run->standing.voided && !o.json.empty())
      spdlog::warn("{} is void, which its JSON does not say: {}", id, void_reason(*run));
  }
  const std::pair<const std::string&, std::string> files[] = {{o.csv_wide, exports.wide.take()},
                                                              {o.csv_long, exports.long_rows.text()},
                                                              {o.limits, exports.limits.take()},
                                                              {o.json, std::move(exports.json)},
                                                              {o.wsjf, std::move(exports.wsjf)}};
  const auto is_stdout = [](const auto& output) { return output.first == kStandardOutput; };
  const Outputs outputs{std::ranges::any_of(files, is_stdout)};
  for (const auto& [file, bytes] : files) {
    if (file.empty()) continue;
    const Result<void> written = outputs.write(file, bytes);
    if (!written) return written.error();
  }
  if (!o.bundle.empty()) {
    const Result<void> written = write_bundle(**store, ids->front(), o);
    if (!written) return written.error();
    outputs.said(o.bundle);
  }
  if (o.junit.empty()) return {};
  // It turns green only once all is exported. Without it the end of the program says what stdout did not take.
  if (!std::cout.flush()) return fail(Errc::io, "the standard output could not be written to its end");
  return outputs.write(o.junit, exports.junit.text());
}

}  // namespace

void add_export(CLI::App& app, ExportOptions& o, const CLI::Validator& not_empty, std::function<ExitCode()>& chosen) {
  CLI::App* command = app.add_subcommand("export", "write runs as tables, JSON or JUnit, for other programs");
  command->add_option("RUN", o.runs, "such as R-000001; several: in this order")->check(not_empty);
  command->add_option("--serial-number,--serial", o.serial_number, "all runs of this pen")
      ->type_name("SN")
      ->check(not_empty);
  command->add_option("--plan", o.plan_name, "all runs of this plan")->type_name("NAME")->check(not_empty);
  command->add_flag("--all", o.all, "all runs of the store");
  const auto file = [&](const char* name, std::string& path, const char* what,
                        const CLI::Validator& may_be = replaceable()) {
    command->add_option(name, path, what)->type_name("FILE")->check(not_empty)->check(may_be);
  };
  const CLI::Validator& or_stdout = replaceable_or_stdout();
  file("--csv-wide", o.csv_wide, "CSV, one row a unit, one column a measurement", or_stdout);
  file("--csv-long", o.csv_long, "CSV, one row a measurement, with U, k, limits, rule and verdict", or_stdout);
  file("--limits", o.limits, "CSV, Variable,LSL,Target,USL: the limits of --csv-wide, for JMP or Minitab", or_stdout);
  file("--json", o.json, "the records as JSON, one a line: the bytes whose SHA-256 stands in report and certificate",
       or_stdout);
  file("--wsjf", o.wsjf, "WATS WSJF, one report a line", or_stdout);
  file("--junit", o.junit, "JUnit XML, strict dialect, one suite a run; an error stands in it until all is exported");
  file("--bundle", o.bundle, "ZIP: everything about one run, with a page that tells a stranger how to verify it");
  command->add_option("--paper", o.paper, "of the bundle's certificate")
      ->check(CLI::IsMember({"a4", "letter"}))
      ->capture_default_str();
  command->add_option("--keys", o.keys, "folder of the keys that sign the bundle's list of files")
      ->type_name("DIR")
      ->check(not_empty);
  command->add_option("--process-code", o.process_code, "of WSJF: what the WATS server calls this test")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--json-schema", o.json_schema, "print the JSON Schema of --json, and end");
  command->add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  penrig export R-000001 --csv-long R-000001.csv\n"
      "  penrig export --plan eol-pro --csv-wide pens.csv --limits limits.csv\n"
      "  penrig export --all --json all.ndjson\n"
      "  penrig export --all --json - | jq .serial_number\n"
      "  penrig export R-000001 --bundle R-000001.zip\n"
      "\n"
      "A table, --json or --wsjf may be written to the standard output: -; then nothing else is said there.\n"
      "Each row and each document says whether it is void as a certificate: SIMULATED, ENGINEERING, VOID. Only --json\n"
      "knows nothing of a run that was declared void: it is the record as it was closed and signed, and a warning says "
      "so.\n"
      "Exit codes: 0 written, whatever the verdicts; 3 a record cannot be read or a file not written; 4 a mistake.");
  command->callback([&] { chosen = [&o] { return export_command(o); }; });
}

ExitCode export_command(const ExportOptions& o) {
  if (o.json_schema) {
    std::cout << record_json_schema();
    return ExitCode::pass;
  }
  // What another option names as well may be what somebody keeps: it is not even said there that this is a mistake.
  if (const Result<void> apart = check_junit_apart(o); !apart) return complain(apart.error());
  // An earlier green file must survive neither a mistake nor a crash.
  const Result<void> replaced = write_junit_without_runs(o, "the export has not ended: no verdict");
  if (!replaced) return complain(replaced.error());
  const Result<void> exported = export_runs(o);
  if (exported) return ExitCode::pass;
  // Where this fails, the file still says that the export has not ended: an error as well.
  (void)write_junit_without_runs(o, "the export failed: " + exported.error().message);
  return complain(exported.error());
}

}  // namespace penrig::cli
