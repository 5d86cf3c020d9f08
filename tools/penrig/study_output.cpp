#include "tools/penrig/study_output.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/study_text.hpp"

namespace penrig::cli {

ExitCode put_study(const StudySummary& summary, bool as_json, const std::function<nlohmann::ordered_json()>& json,
                   const std::string& html_path, const std::function<std::string()>& page) {
  if (!html_path.empty()) {
    if (const Result<void> written = replace_file(html_path, page()); !written) return complain(written.error());
  }
  if (as_json) {
    std::cout << json().dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
  } else {
    const TerminalStyle style = detect_style(STDOUT_FILENO);
    for (const Line& line : study_text(style, summary)) std::cout << render(style, line);
    if (!html_path.empty()) std::cout << render(style, {{"page     ", Ink::label}, {html_path}});
  }
  return summary.verdict == Verdict::not_judged ? ExitCode::pass : exit_code_of(summary.verdict);
}

ExitCode refuse_study(const std::vector<Mistake>& mistakes) {
  std::cerr << render_mistakes(mistakes, detect_style(STDERR_FILENO), "nothing was worked out.");
  return ExitCode::usage;
}

ValueTable read_study_table(const std::string& path, std::vector<Mistake>& mistakes) {
  Result<std::string> text = read_text(path);
  if (!text) {
    mistakes.push_back(option_mistake(path, text.error().message));
    return {};
  }
  Loaded<ValueTable> table = read_value_table(std::move(*text), path);
  mistakes.insert(mistakes.end(), table.mistakes.begin(), table.mistakes.end());
  return std::move(table.value);
}

void keep_apart(const std::string& html_path, const std::string& csv_path, std::vector<Mistake>& mistakes) {
  std::error_code ec;
  if (!html_path.empty() && std::filesystem::equivalent(html_path, csv_path, ec))
    mistakes.push_back(option_mistake(
        "--html", fmt::format("'{}' is the table itself, and would be replaced (name another)", html_path)));
}

}  // namespace penrig::cli
