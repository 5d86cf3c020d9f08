#pragma once

#include <string>
#include <vector>

namespace penrig::cli {

/// How something stands that a rig needs: a note does not keep it from running, but takes something from it.
enum class Standing { fine, note, wrong };
constexpr const char* name_of(Standing standing) {
  return standing == Standing::fine ? "fine" : standing == Standing::note ? "note" : "wrong";
}

/// What `penrig doctor` says of one thing.
struct Finding {
  Standing standing = Standing::fine;
  std::string what;   ///< "clock", "port"
  std::string found;  ///< one sentence without its end
  std::string to_do;  ///< the same, empty where all is fine
};
using Findings = std::vector<Finding>;

}  // namespace penrig::cli
