#pragma once

#include <string>

namespace penrig {

/// Version 6 of the store: the log, the audit trail, and what a certifying run says of itself.
std::string log_schema();
/// Its first row: a name for the log, unlike any other's.
std::string log_origin_row();

}  // namespace penrig
