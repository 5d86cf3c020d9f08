#pragma once

#include <string>
#include <vector>

#include "reports/store/record_store.hpp"

namespace penrig::cli {

/// How the program opens a store: it waits for another program's writing, and says so on stderr if that takes longer
/// than a second.
RecordStoreOptions store_options();

/// "R-000003 (PRO-0001, plan smoke) was left open by a program that is gone: closed as INTERRUPTED, with 4 phases and
/// 12 measurements"; several runs in one line as well. Empty where there is none.
std::string interrupted_text(const std::vector<InterruptedRun>& runs);

}  // namespace penrig::cli
