#include "tools/penrig/load_pictures.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestPicture = 2U << 20U;
constexpr std::size_t kHeadOfSvg = 1024;

/// XML whose first element is svg; comments and a declaration may stand before it.
bool is_svg(std::string_view bytes) {
  std::string_view head = bytes.substr(0, kHeadOfSvg);
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  for (;;) {
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    std::string_view end;
    if (head.starts_with("<?")) {
      end = "?>";
    } else if (head.starts_with("<!--")) {
      end = "-->";
    } else if (head.starts_with("<!DOCTYPE")) {
      end = ">";
    } else {
      break;
    }
    const std::size_t at = head.find(end);
    if (at == std::string_view::npos) return false;
    head.remove_prefix(at + end.size());
  }
  return head.starts_with("<svg ") || head.starts_with("<svg>") || head.starts_with("<svg\n");
}

/// A link does not lead out of the plan's folder.
bool lies_below(const fs::path& file, const fs::path& folder) {
  std::error_code ec;
  const fs::path real = fs::canonical(file, ec), home = ec ? fs::path() : fs::canonical(folder, ec);
  if (ec) return true;  // that it is missing is said when it is read
  const auto [end, unused] = std::ranges::mismatch(home, real);
  return end == home.end();
}

/// Nothing, or why it is none.
std::string why_none(const fs::path& path, const fs::path& folder, std::string& bytes) {
  if (!lies_below(path, folder)) return "does not lie beside the plan (a link leads elsewhere)";
  Result<std::string> text = read_text(path.string());
  if (!text) return text.error().message;
  bytes = std::move(*text);
  if (bytes.size() > kLargestPicture)
    return fmt::format("has {} bytes, and {} is the most (make it smaller)", bytes.size(), kLargestPicture);
  return picture_type(bytes).empty() ? "is no PNG, JPEG or SVG (its first bytes say so)" : "";
}

}  // namespace

std::string_view picture_type(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (bytes.starts_with("\xff\xd8\xff")) return "image/jpeg";
  return is_svg(bytes) ? "image/svg+xml" : "";
}

std::vector<SourceDocument> load_pictures(const Plan& plan, std::string_view plan_text, const std::string& plan_path,
                                          std::vector<Mistake>& mistakes) {
  std::vector<SourceDocument> documents;
  if (plan.prompts().empty()) return documents;
  YamlText yaml(plan_text, plan_path);
  YamlMapping root = yaml.root();
  if (!root.present()) return documents;
  fs::path folder = fs::path(plan_path).parent_path();
  if (folder.empty()) folder = ".";
  std::vector<Mistake> found;
  for (YamlMapping& phase : root.mappings("phases")) {
    if (!phase.has("prompt") || !phase.has("pictures")) continue;
    for (YamlMapping& picture : phase.mappings("pictures")) {
      const std::string file = picture.text("file");
      if (std::ranges::find(documents, file, &SourceDocument::name) != documents.end()) continue;
      SourceDocument document;
      document.kind = "picture";
      document.name = file;
      document.path = (folder / file).lexically_normal().string();
      if (const std::string why = why_none(folder / file, folder, document.bytes); !why.empty()) {
        picture.mistake("file", fmt::format("picture '{}' {}", penrig::shown(file), why));
        continue;
      }
      document.sha256 = sha256_hex(document.bytes);
      documents.push_back(std::move(document));
    }
  }
  for (Mistake& mistake : yaml.mistakes()) mistakes.push_back(std::move(mistake));
  return documents;
}

}  // namespace penrig::cli
