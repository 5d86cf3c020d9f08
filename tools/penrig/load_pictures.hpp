#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rig/record/run_record.hpp"
#include "rig/spec/load.hpp"

namespace penrig::cli {

/// "image/png" and so on, by the first bytes of a file; empty: it is no PNG, JPEG or SVG.
std::string_view picture_type(std::string_view bytes);

/// Reads the pictures of a plan's prompts from its folder, each once: kind "picture". One that is missing, larger than
/// 2 MiB or no picture is a mistake at its place in the plan.
std::vector<SourceDocument> load_pictures(const Plan& plan, std::string_view plan_text, const std::string& plan_path,
                                          std::vector<Mistake>& mistakes);

}  // namespace penrig::cli
