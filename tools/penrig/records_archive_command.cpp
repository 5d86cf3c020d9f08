#include <iostream>

#include <fmt/format.h>

#include "reports/store/archive_waveforms.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

Result<ArchiveReport> archive(RecordStore& store, const RecordsArchiveOptions& options, const CivilDate& before) {
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  if (auto signing = sign_with_usual_keys(store, options.keys, options.operator_name); !signing) return signing.error();
  return archive_waveforms(store, before.days * kDayNs, before.text, options.to, acting(options.operator_name));
}

}  // namespace

ExitCode records_archive_command(const RecordsArchiveOptions& options) {
  const bool restores = !options.restore.empty();
  const auto before = parse_date(options.before);
  if (!restores && !before) {
    return complain(
        fail(Errc::usage, options.before.empty()
                              ? "what is to be done? (write: --before 2026-01-31 --to DIR, or --restore FILE)"
                              : fmt::format("--before: '{}' is no day (write it as in --before 2026-01-31)",
                                            penrig::shown(options.before))));
  }
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (store) store = RecordStore::open(options.records, store_options());
  if (!store) return complain(store.error());
  const Result<ArchiveReport> report =
      restores ? restore_waveforms(**store, options.restore) : archive(**store, options, *before);
  if (!report) return complain(report.error());
  if (report->waveforms == 0) {
    std::cout << (restores ? "the archive holds no waveform\n" : "no waveform is that old\n");
    return ExitCode::pass;
  }
  for (const std::string& file : report->files) std::cout << file << '\n';
  std::cout << fmt::format("{} waveform{}, {:.1f} MB, {}\n", report->waveforms, report->waveforms == 1 ? "" : "s",
                           static_cast<double>(report->bytes) / 1e6,
                           restores ? "put back" : "moved; their hashes stay in the records");
  return ExitCode::pass;
}

}  // namespace penrig::cli
