#include "tools/penrig/without_option.hpp"

namespace penrig::cli {

void add_without(CLI::App& app, std::vector<std::string>& names) {
  std::string known;
  for (const CorrectionInfo& c : all_corrections()) known += (known.empty() ? "" : ", ") + std::string(c.name);
  app.add_option("--without", names,
                 "switch corrections off, to see what they do: " + known + ". Nothing is a PASS then")
      ->type_name("NAME")
      ->delimiter(',')
      ->take_all();
}

WithoutCorrections read_without(const std::vector<std::string>& names, std::vector<Mistake>& mistakes) {
  WithoutCorrections without;
  for (const std::string& name : names) {
    if (const auto known = switch_off(without, name); !known) {
      Mistake mistake;
      mistake.file = "--without";
      mistake.message = known.error().message;
      mistakes.push_back(std::move(mistake));
    }
  }
  return without;
}

}  // namespace penrig::cli
