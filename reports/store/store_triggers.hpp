#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace penrig {

/// The triggers that make a table append-only. INSERT OR REPLACE deletes without firing DELETE triggers, so an id that
/// exists is refused before that.
inline std::string append_only(std::string_view table) {
  return fmt::format(
      "CREATE TRIGGER {0}_no_update BEFORE UPDATE ON {0} BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;\n"
      "CREATE TRIGGER {0}_no_delete BEFORE DELETE ON {0} BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;\n"
      "CREATE TRIGGER {0}_no_replace BEFORE INSERT ON {0} WHEN EXISTS(SELECT 1 FROM {0} WHERE id = NEW.id)\n"
      "BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;\n",
      table);
}

/// The trigger of a table with a column `run`: a closed run takes no more rows.
inline std::string of_open_runs(std::string_view table) {
  return fmt::format(
      "CREATE TRIGGER {0}_run_is_open BEFORE INSERT ON {0} WHEN EXISTS(SELECT 1 FROM outcomes WHERE run = NEW.run)\n"
      "BEGIN SELECT RAISE(ABORT, 'the run is closed'); END;\n",
      table);
}

}  // namespace penrig
