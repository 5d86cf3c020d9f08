#include "reports/station/page_files.hpp"

#include <fstream>
#include <sstream>

namespace penrig::station {
namespace {

constexpr std::uintmax_t kAtMost = 16U << 20U;

const char* type_of(const std::string& extension) {
  static const std::map<std::string, const char*> kTypes{{".html", "text/html; charset=utf-8"},
                                                         {".js", "text/javascript; charset=utf-8"},
                                                         {".css", "text/css; charset=utf-8"},
                                                         {".svg", "image/svg+xml"},
                                                         {".png", "image/png"},
                                                         {".woff2", "font/woff2"},
                                                         {".json", "application/json"},
                                                         {".txt", "text/plain; charset=utf-8"}};
  const auto found = kTypes.find(extension);
  return found == kTypes.end() ? nullptr : found->second;
}

}  // namespace

std::map<std::string, Response> built_in_pages() {
  std::map<std::string, Response> pages;
  for (const BuiltInFile& file : built_in_page()) {
    const char* const type = type_of(std::filesystem::path(file.path).extension().string());
    if (type == nullptr) continue;
    pages[std::string(file.path)] = Response{200, type, std::string(file.bytes), {}};
  }
  if (const auto index = pages.find("/index.html"); index != pages.end()) pages["/"] = index->second;
  return pages;
}

std::map<std::string, Response> load_pages(const std::filesystem::path& folder) {
  std::map<std::string, Response> pages;
  std::error_code error;
  std::uintmax_t total = 0;
  for (auto file = std::filesystem::recursive_directory_iterator(folder, error);
       !error && file != std::filesystem::recursive_directory_iterator(); file.increment(error)) {
    if (!file->is_regular_file(error) || file->is_symlink(error)) continue;
    const char* const type = type_of(file->path().extension().string());
    total += file->file_size(error);
    if (type == nullptr || error || total > kAtMost) continue;
    std::ifstream in(file->path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    const std::string name = "/" + file->path().lexically_relative(folder).generic_string();
    pages[name] = Response{200, type, bytes.str(), {}};
    if (name == "/index.html") pages["/"] = pages[name];
  }
  return pages;
}

}  // namespace penrig::station
