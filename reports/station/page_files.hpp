#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "reports/station/http.hpp"

namespace penrig::station {

/// The static files of a folder, read once: what is not among them cannot be asked for. By path; "/" is index.html.
/// Files of kinds that a page has not, links, and more than 16 MiB are left out.
std::map<std::string, Response> load_pages(const std::filesystem::path& folder);

}  // namespace penrig::station
