#include "tools/penrig/suite_documents.hpp"

#include <filesystem>
#include <set>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "tools/penrig/built_in.hpp"
#include "tools/penrig/prepare_run.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;

/// The same wherever one stands.
std::string seen_from_suite(const LoadedSuite& loaded, const std::string& path) {
  if (path == kSimulatedRigName) return path;
  const std::string from_suite = fs::path(path).lexically_relative(fs::path(loaded.path).parent_path()).string();
  return from_suite.empty() ? path : from_suite;
}

}  // namespace

SuiteDocuments documents_of(const LoadedSuite& loaded, const SuiteItem& item, const SuiteOptions& options) {
  SuiteDocuments documents;
  const Inputs inputs = prepare_run(options_of(loaded, item, options)).inputs;
  for (const SourceDocument& d : inputs.documents) {
    std::string name = seen_from_suite(loaded, d.path);
    if (d.kind == "plan" && !item.link.empty()) name += " over " + item.link;
    documents[name] = d.sha256;
  }
  if (!inputs.golden) return documents;
  for (const SourceDocument* d : {&inputs.golden->plan, &inputs.golden->product})
    documents[seen_from_suite(loaded, d->path)] = d->sha256;
  return documents;
}

SuiteDocuments documents_of(const LoadedSuite& loaded, const SuiteOptions& options) {
  SuiteDocuments all;
  std::set<std::tuple<std::size_t, std::string, std::string>> seen;  // pens and repeats go by the same ones
  for (const SuiteItem& item : loaded.items)
    if (seen.emplace(item.entry, item.link, item.slot).second) all.merge(documents_of(loaded, item, options));
  return all;
}

std::string other_documents(const SuiteDocuments& then, const SuiteDocuments& now) {
  std::vector<std::string> others;
  for (const auto& [name, sha256] : now) {
    const auto was = then.find(name);
    if (was == then.end()) {
      others.push_back(fmt::format("{} is read now, and was not", name));
    } else if (was->second != sha256) {
      others.push_back(fmt::format("{} is another (SHA-256 {:.8}…, and was {:.8}…)", name, sha256, was->second));
    }
  }
  for (const auto& [name, sha256] : then)
    if (!now.contains(name)) others.push_back(fmt::format("{} is not read any more", name));
  return fmt::format("{}", fmt::join(others, ", "));
}

}  // namespace penrig::cli
