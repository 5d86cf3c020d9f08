#include "tools/penrig/unknown_words.hpp"

#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::cli {
namespace {

std::string unknown_command(const CLI::App& at, const std::string& before) {
  const std::vector<const CLI::App*> commands = at.get_subcommands([](const CLI::App*) { return true; });
  const std::vector<std::string> rest = at.remaining();
  if (commands.empty() || rest.empty() || rest.front().starts_with('-')) return "";
  std::vector<std::string_view> known;
  std::string all;
  for (const CLI::App* command : commands) {
    known.push_back(command->get_name());
    all += (all.empty() ? "" : ", ") + command->get_name();
  }
  const auto meant = did_you_mean(rest.front(), known);
  return fmt::format("unknown command '{}{}' ({})", before, penrig::shown(rest.front()),
                     meant ? fmt::format("did you mean '{}{}'?", before, *meant) : "known: " + all);
}

/// A value behind such an option may stand among the rest as well: nobody knows whose it is.
std::string unknown_options(const CLI::App& at) {
  std::vector<std::string> known;
  for (const CLI::Option* option : at.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::string text;
  for (const std::string& word : at.remaining()) {
    if (!word.starts_with('-') || word.find_first_not_of('-') == std::string::npos) continue;
    const std::string option = word.substr(0, word.find('='));
    const auto meant = did_you_mean(option, views);
    text += fmt::format("{}unknown option '{}'{}", text.empty() ? "" : "; ", penrig::shown(option),
                        meant ? fmt::format(" (did you mean '{}'?)", *meant) : "");
  }
  return text;
}

}  // namespace

std::string unknown_words(const CLI::App& app) {
  const CLI::App* at = &app;
  std::string before, options, others;
  while (true) {
    if (std::string unknown = unknown_command(*at, before); !unknown.empty()) return unknown;
    const std::string more = unknown_options(*at);
    options += (options.empty() || more.empty() ? "" : "; ") + more;
    for (const std::string& word : at->remaining()) others += " " + penrig::shown(word);
    if (at->get_subcommands().empty()) break;
    at = at->get_subcommands().front();
    before += at->get_name() + " ";
  }
  if (!options.empty()) return options;
  return others.empty() ? "" : "not expected:" + others;
}

}  // namespace penrig::cli
