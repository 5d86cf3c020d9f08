#include "tools/penrig/output_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "reports/evidence/key_ring.hpp"
#include "reports/evidence/ssh_key.hpp"
#include "reports/store/store_files.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kOfDatabase = {"", "-wal", "-shm", "-journal"};

/// One name for one file, also for what is not there yet: links and `..` are followed.
fs::path place_of(std::string_view file) {
  std::error_code ec;
  const fs::path whole = fs::absolute(file, ec);  // what is not there yet stays relative otherwise
  const fs::path followed = fs::weakly_canonical(whole, ec);
  return ec ? whole.lexically_normal() : followed;
}

/// Where nobody can tell, nothing is written either.
bool may_hold_records(const fs::path& folder) {
  const Result<bool> there = holds_records(folder);
  return !there || *there;
}

/// The folder of records that keeps its own there; empty: none does.
fs::path records_with(const fs::path& place) {
  const fs::path beside = place.parent_path();
  const bool of_database =
      std::ranges::any_of(kOfDatabase, [&](std::string_view end) { return place == (database_of(beside) += end); });
  if (of_database && may_hold_records(beside)) return beside;
  for (fs::path at = place; at.has_relative_path(); at = at.parent_path()) {
    fs::path above = at.parent_path();
    const bool its_own = at == waveform_folder(above) || at == locks_of(above);
    if (its_own && may_hold_records(above)) return above;
  }
  return {};
}

/// Its first bytes; none where it is no file that can be read.
std::string head_of(const std::string& file) {
  constexpr std::size_t kBytes = 4096;
  std::error_code ec;
  if (!fs::is_regular_file(file, ec)) return {};  // a pipe would be waited for
  std::string head(kBytes, ' ');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  return head;
}

bool begins_database(const std::string& head) {
  using namespace std::string_view_literals;
  return head.starts_with("SQLite format 3\0"sv);
}

std::string why_kept(const std::string& file) {
  if (file == kStandardOutput)
    return fmt::format("'{0}' is the standard output, which does not take this (name a file; ./{0} is one)", file);
  std::error_code ec;
  // As it is written too: a folder of waveforms may itself be a link to another disk.
  for (const fs::path& place : {place_of(file), fs::absolute(file, ec).lexically_normal()}) {
    if (KeyRing::is_own_file(place))
      return fmt::format("'{}' is where the folder of keys {} keeps its own, and would be replaced (name another)",
                         file, place.parent_path().string());
    const fs::path records = records_with(place);
    if (records.empty()) continue;
    return fs::exists(place, ec)
               ? fmt::format("'{}' is part of the records in {}, and would be replaced (name another)", file,
                             records.string())
               : fmt::format("'{}' is where the records in {} keep their own files (name another)", file,
                             records.string());
  }
  const std::string head = head_of(file);
  const char* const what = begins_database(head) ? "a database" : begins_private_key(head) ? "a private key" : nullptr;
  return what == nullptr ? "" : fmt::format("'{}' is {}, and would be replaced (name another)", file, what);
}

}  // namespace

std::string why_not_replaced(const std::string& file) {
  // `--junit $JUNIT plan.yaml` with an empty variable must not cost anybody a plan.
  if (file.ends_with(".yaml") || file.ends_with(".yml"))
    return fmt::format("'{}' is a description, and would be replaced (name another)", file);
  return why_kept(file);
}

const CLI::Validator& replaceable() {
  static const CLI::Validator validator([](std::string& file) { return why_not_replaced(file); }, "");
  return validator;
}

const CLI::Validator& replaceable_or_stdout() {
  static const CLI::Validator validator(
      [](std::string& file) { return file == kStandardOutput ? std::string{} : why_not_replaced(file); }, "");
  return validator;
}

const CLI::Validator& replaceable_description() {
  static const CLI::Validator validator([](std::string& file) { return why_kept(file); }, "");
  return validator;
}

Result<void> check_apart(std::initializer_list<NamedOutput> outputs) {
  std::map<fs::path, std::string_view> taken;
  for (const NamedOutput& output : outputs) {
    if (output.file.empty()) continue;
    const auto [other, is_new] = taken.try_emplace(place_of(output.file), output.option);
    if (is_new) continue;
    return fail(Errc::usage, fmt::format("{} and {} both name '{}': one would replace the other (name another file)",
                                         other->second, output.option, output.file));
  }
  return {};
}

}  // namespace penrig::cli
