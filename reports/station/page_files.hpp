#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reports/station/http.hpp"

namespace penrig::station {

/// A file that lies in the program.
struct BuiltInFile {
  std::string_view path, bytes;  ///< "/index.html"
};
/// The page as it was bundled (reports/station/page/dist).
std::vector<BuiltInFile> built_in_page();
std::map<std::string, Response> built_in_pages();

/// The static files of a folder, read once: what is not among them cannot be asked for. By path; "/" is index.html.
/// Files of kinds that a page has not, links, and more than 16 MiB are left out.
std::map<std::string, Response> load_pages(const std::filesystem::path& folder);

}  // namespace penrig::station
