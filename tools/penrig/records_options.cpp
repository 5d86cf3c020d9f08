#include "tools/penrig/records_options.hpp"

#include <CLI/CLI.hpp>

#include "tools/penrig/evidence_commands.hpp"

namespace penrig::cli {
namespace {

using Chosen = std::function<ExitCode()>;

void add_list(CLI::App& records, RecordsListOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* list = records.add_subcommand("list", "the runs of a store, the newest last");
  add_records_option(*list, o.records, not_empty);
  const auto text = [&](const char* name, std::string& value, const char* what, const char* type) {
    list->add_option(name, value, what)->type_name(type)->check(not_empty);
  };
  text("--serial-number,--serial", o.serial_number, "only this pen's", "SN");
  text("--plan", o.plan_name, "only runs of this plan, by its name", "NAME");
  text("--product", o.product_name, "only pens of this product", "NAME");
  text("--slot", o.slot, "only runs in this slot", "NAME");
  text("--firmware", o.firmware, "only pens that said they have it", "VERSION");
  text("--verdict", o.verdict, "PASS, FAIL, INDETERMINATE, ABORTED, ERROR, or INTERRUPTED (which are ERRORs as well)",
       "WORD");
  text("--since", o.since, "only runs that began then or later, UTC", "DATE");
  text("--until", o.until, "only runs that began up to then, that day included, UTC", "DATE");
  text("--where", o.where,
       "only runs with a measurement that fulfils this, such as 'penetration_error > 0.05' or "
       "'abs(penetration_error) > 50 µm and not peak_force > 1.5'",
       "CONDITION");
  text("--measurand", o.measurand,
       "show the least and greatest value of this measurand (or answer:NAME of a prompt) beside each run", "NAME");
  list->add_option("--newest", o.newest, "at most so many, the newest")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000'000}));
  auto* json = list->add_flag("--json", o.json, "one JSON object a line");
  list->add_flag("--csv", o.csv, "a table for spreadsheets")->excludes(json);
  list->footer(
      "A run fulfils a comparison when one of its measurements does; a number without a unit has the measurand's own.\n"
      "\n"
      "Examples:\n"
      "  penrig records list --serial PRO-0001 --verdict FAIL\n"
      "  penrig records list --since 2026-01-01 --plan eol-pro --newest 20\n"
      "  penrig records list --where 'penetration_error > 0.05' --measurand penetration_error\n"
      "\n"
      "Exit codes: 0 done, also where no run matches; 4 a mistake in what is asked, shown with its place.");
  list->callback([&] { chosen = [&o] { return records_list_command(o); }; });
}

void add_show(CLI::App& records, RecordsShowOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* show = records.add_subcommand("show", "one run, with every measurement and decision");
  show->add_option("RUN", o.run_id, "such as R-000001; where none is named, the newest")->check(not_empty);
  add_records_option(*show, o.records, not_empty);
  show->add_flag("--json", o.json, "the whole record as JSON");
  show->footer(
      "Examples:\n"
      "  penrig records show                    the newest run\n"
      "  penrig records show R-000001 --json");
  show->callback([&] { chosen = [&o] { return records_show_command(o); }; });
}

void add_recover(CLI::App& records, RecordsRecoverOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* recover = records.add_subcommand("recover", "close the runs whose program is gone as INTERRUPTED");
  add_records_option(*recover, o.records, not_empty);
  recover->add_flag("--json", o.json, "one JSON object a line");
  recover->footer(
      "A run that a program still holds stays open. The next `penrig run` on the store does the same by itself.\n"
      "\n"
      "Example:\n"
      "  penrig records recover --records records");
  recover->callback([&] { chosen = [&o] { return records_recover_command(o); }; });
}

void add_archive(CLI::App& records, RecordsArchiveOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* archive = records.add_subcommand("archive", "move old waveforms into archives; their hashes stay");
  add_records_option(*archive, o.records, not_empty);
  auto* before = archive->add_option("--before", o.before, "those of runs that began before this day, UTC");
  before->type_name("DATE")->check(not_empty);
  auto* to = archive->add_option("--to", o.to, "folder for the archives, which must be there");
  to->type_name("DIR")->check(not_empty);
  before->needs(to);
  to->needs(before);
  archive->add_option("--restore", o.restore, "put back what this archive holds; it stays")
      ->type_name("FILE")
      ->check(not_empty)
      ->excludes(before)
      ->excludes(to);
  archive->add_option("--operator", o.operator_name, "who does it, for the audit trail")->type_name("NAME");
  archive->add_option("--keys", o.keys, "folder of the key that signs; else the usual one (penrig keys)")
      ->type_name("DIR")
      ->check(not_empty);
  archive->footer(
      "An archive is a ZIP file with its own SHA256SUMS, read back before anything is removed. Records stay whole "
      "without\n"
      "it: only `penrig recompute` and `penrig export --bundle` need the waveforms themselves.\n"
      "\n"
      "Examples:\n"
      "  penrig records archive --before 2026-01-01 --to /mnt/archive\n"
      "  penrig records archive --restore /mnt/archive/waveforms-2026-01-01-001.zip");
  archive->callback([&] { chosen = [&o] { return records_archive_command(o); }; });
}

void add_trace(CLI::App& records, RecordsTraceOptions& o, const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* trace = records.add_subcommand("trace", "every message that passed the links of a run, bad frames too");
  trace->add_option("RUN", o.run_id, "such as R-000001, of a run with --trace")->required()->check(not_empty);
  add_records_option(*trace, o.records, not_empty);
  trace->add_flag("--json", o.json, "one JSON object a line");
  trace->footer(
      "The trace itself is a pcapng file (link type DLT_USER0, one interface for each link that was opened).\n"
      "\n"
      "Example:\n"
      "  penrig records trace R-000001 --json");
  trace->callback([&] { chosen = [&o] { return records_trace_command(o); }; });
}

}  // namespace

void add_records_option(CLI::App& command, std::string& directory, const CLI::Validator& not_empty) {
  command.add_option("--records", directory, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
}

void add_records_commands(CLI::App& app, RecordsOptions& options, RemarkOptions& remark,
                          const CLI::Validator& not_empty, Chosen& chosen) {
  CLI::App* records = app.add_subcommand("records", "look at records, and keep them");
  records->require_subcommand(1);
  add_list(*records, options.list, not_empty, chosen);
  add_show(*records, options.show, not_empty, chosen);
  add_recover(*records, options.recover, not_empty, chosen);
  add_archive(*records, options.archive, not_empty, chosen);
  add_trace(*records, options.trace, not_empty, chosen);
  add_remark_commands(*records, remark, not_empty, chosen);
}

}  // namespace penrig::cli
