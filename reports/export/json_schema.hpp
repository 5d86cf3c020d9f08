#pragma once

#include <string>

namespace penrig {

/// reports/record.schema.json as it was when the program was built: the JSON Schema (draft 2020-12) of record_json().
std::string record_json_schema();

}  // namespace penrig
