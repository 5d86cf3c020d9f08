#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/penrig/exit_code.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// `penrig station`.
struct StationOptions {
  std::string rig;  ///< a YAML file, or `sim:...`, in real time
  std::vector<std::string> plan_paths;
  std::string records = "records";
  std::string keys;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::vector<std::string> hosts;
  std::string certificate, key;
  std::string pages;                            ///< folder; empty: the page in the program
  std::string webhook, pre_check, hook_secret;  ///< addresses, and a file; empty: none
  std::string first_admin;                      ///< adds this one, with the password from the standard input, and ends
};
ExitCode station_command(const StationOptions& options);

void add_station(CLI::App& app, StationOptions& options, const CLI::Validator& not_empty,
                 std::function<ExitCode()>& chosen);

}  // namespace penrig::cli
