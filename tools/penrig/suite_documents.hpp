#pragma once

#include <map>
#include <string>

#include "tools/penrig/suite_plan.hpp"

namespace penrig::cli {

/// What runs go by (plans, products, pictures, rigs, plants, fault scripts): the SHA-256 of each, by its path as seen
/// from the suite; a plan over a link of the suite's is one of its own. What cannot be read is not among them.
using SuiteDocuments = std::map<std::string, std::string>;

/// Those of one run.
SuiteDocuments documents_of(const LoadedSuite& loaded, const SuiteItem& item, const SuiteOptions& options);
/// Those of all runs.
SuiteDocuments documents_of(const LoadedSuite& loaded, const SuiteOptions& options);

/// Names those that are others, are missing or came to be; empty: they are the same.
std::string other_documents(const SuiteDocuments& then, const SuiteDocuments& now);

}  // namespace penrig::cli
