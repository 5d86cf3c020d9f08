#include <iostream>

#include <nlohmann/json.hpp>

#include "rig/base/timeline.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

ExitCode records_recover_command(const RecordsRecoverOptions& options) {
  const auto timeline = make_real_timeline();
  // Nobody asks for a new store here, but an old one may have to be migrated before it takes an end of a run.
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (store) store = RecordStore::open(options.records, store_options());
  if (store) {
    if (auto keys = sign_with_usual_keys(**store, {}, {}); !keys) store = keys.error();
  }
  Result<std::vector<InterruptedRun>> closed =
      store ? (*store)->close_interrupted(timeline->utc_ns(timeline->now())) : store.error();
  if (!closed) return complain(closed.error());
  if (options.json) {
    for (const InterruptedRun& run : *closed) {
      const nlohmann::ordered_json json{{"run", run.run_id},     {"serial_number", run.serial_number},
                                        {"plan", run.plan_name}, {"verdict", "INTERRUPTED"},
                                        {"phases", run.phases},  {"measurements", run.measurements}};
      std::cout << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
    }
    return ExitCode::pass;
  }
  const std::string text = interrupted_text(*closed);
  std::cout << render(detect_style(1), {{text.empty() ? "every run is closed, or its program still holds it" : text}});
  return ExitCode::pass;
}

}  // namespace penrig::cli
