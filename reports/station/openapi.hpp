#pragma once

#include <string_view>
#include <vector>

#include "reports/station/page_files.hpp"

namespace penrig::station {

/// The files of reports/station/openapi, which lie in the program: each describes a part of what can be asked.
std::vector<BuiltInFile> openapi_parts();

/// The whole description, put together of them once. What the server says of every route for the same reason (not
/// signed in, another role, another host, too often) is put in here, so that no part repeats it.
std::string_view openapi_json();

}  // namespace penrig::station
