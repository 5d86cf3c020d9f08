#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "rig/base/result.hpp"

namespace CLI {
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// Why no output may take the place of this file: it is a description by its name, a database or a private key by its
/// first bytes, it lies where a folder of records or of keys keeps its own, or it is kStandardOutput. Empty: it may be
/// written.
std::string why_not_replaced(const std::string& file);

/// What other programs take for the standard output; no file of that name is meant (./- is one).
inline constexpr std::string_view kStandardOutput = "-";

/// The same of every option that names a file to be written, before anything is opened.
const CLI::Validator& replaceable();
/// Of an option that also takes kStandardOutput.
const CLI::Validator& replaceable_or_stdout();
/// Of an option that writes a description, which may take another one's place.
const CLI::Validator& replaceable_description();

/// A file that a command is to write, and the option that names it. Empty: it is not asked for.
struct NamedOutput {
  std::string_view option, file;
};
/// Errc::usage where two of them are one file, of which only the last would be left; the message names both options.
Result<void> check_apart(std::initializer_list<NamedOutput> outputs);

}  // namespace penrig::cli
