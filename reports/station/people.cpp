#include "reports/station/people.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "reports/station/secrets.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kLongestName = 64, kShortestPassword = 10, kLongestPassword = 200, kLargestPeopleFile = 1U << 20U;
constexpr std::size_t kPeopleAtMost = 1000;  ///< what fits into such a file

std::string people_text(const std::vector<Person>& people, const std::string& badge_salt) {
  Json json;
  json["format"] = 1;
  json["badge_salt"] = badge_salt;
  json["people"] = Json::array();
  for (const Person& p : people) {
    json["people"].push_back({{"name", p.name},
                              {"role", name_of(p.role)},
                              {"password", p.password},
                              {"badge", p.badge},
                              {"disabled", p.disabled}});
  }
  return json.dump(1) + "\n";
}

std::optional<Person> person_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  for (const char* key : {"name", "role", "password", "badge"}) {
    if (!json.contains(key) || !json.at(key).is_string()) return std::nullopt;
  }
  if (!json.contains("disabled") || !json.at("disabled").is_boolean()) return std::nullopt;
  const auto role = role_of(json.at("role").get<std::string>());
  if (!role) return std::nullopt;
  return Person{json.at("name"), *role, json.at("password"), json.at("badge"), json.at("disabled")};
}

bool has_admin(const std::vector<Person>& people) {
  return std::ranges::any_of(
      people, [](const Person& p) { return p.role == Role::admin && !p.disabled && !p.password.empty(); });
}

}  // namespace

const char* name_of(Role role) {
  switch (role) {
    case Role::operator_:
      return "operator";
    case Role::technician:
      return "technician";
    case Role::qa:
      return "qa";
    case Role::admin:
      return "admin";
  }
  return "unknown";
}

std::optional<Role> role_of(std::string_view name) {
  const auto found = std::ranges::find(kRoles, name, [](Role role) { return std::string_view(name_of(role)); });
  return found == kRoles.end() ? std::nullopt : std::optional(*found);
}

Result<People> People::load(const std::filesystem::path& folder) {
  People people;
  const std::filesystem::path file = folder / "people.json";
  people.file_ = file;
  const auto cannot = [&](const char* what) {
    return fail(Errc::io,
                fmt::format("{}: cannot {}: {}", folder.string(), what, std::generic_category().message(errno)));
  };
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("be made");
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) return cannot("be looked at");
  if (!S_ISDIR(status.st_mode) || (status.st_mode & 077U) != 0 || status.st_uid != ::geteuid()) {
    return fail(Errc::bad_data, fmt::format("{}: others may look into what says who signs in here, or it is no folder "
                                            "of this account (chmod 700, and see who changed it)",
                                            folder.string()));
  }
  if (::lstat(file.c_str(), &status) != 0) {
    if (errno != ENOENT) return cannot("be read");
    auto salt = random_hex(16);
    if (!salt) return salt.error();
    people.badge_salt_ = std::move(*salt);
    return people;
  }
  if (!S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(kLargestPeopleFile))
    return fail(Errc::bad_data, fmt::format("{}: is no file of a station", file.string()));
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  const Json json = Json::parse(text.str(), nullptr, false);
  const Error damaged =
      fail(Errc::bad_data, fmt::format("{}: is damaged: put the last copy of it back", file.string()));
  if (!json.is_object() || !json.contains("people") || !json.at("people").is_array() || json.value("format", 0) != 1)
    return damaged;
  if (!json.contains("badge_salt") || !json.at("badge_salt").is_string()) return damaged;
  people.badge_salt_ = json.at("badge_salt");
  for (const Json& one : json.at("people")) {
    auto person = person_of(one);
    if (!person || people.find(person->name) != nullptr) return damaged;
    people.people_.push_back(std::move(*person));
  }
  return people;
}

const Person* People::find(const std::string& name) const {
  const auto found = std::ranges::find(people_, name, &Person::name);
  return found == people_.end() ? nullptr : &*found;
}

std::vector<Person> People::with(const Person& person) const {
  std::vector<Person> changed = people_;
  const auto known = std::ranges::find(changed, person.name, &Person::name);
  if (known == changed.end()) {
    changed.push_back(person);
  } else {
    *known = person;
  }
  return changed;
}

Result<void> People::may_put(const Person& person) const {
  if (person.name.empty() || person.name.size() > kLongestName || shown(person.name, kLongestName) != person.name) {
    return fail(Errc::usage, fmt::format("'{}' is no name (1 to {} characters that can be shown)", shown(person.name),
                                         kLongestName));
  }
  const std::vector<Person> changed = with(person);
  if (!has_admin(changed)) {
    return fail(Errc::usage, "then nobody could change anything here: one admin with a password has to stay");
  }
  if (changed.size() > kPeopleAtMost)
    return fail(Errc::usage, fmt::format("{} people are all there is room for", kPeopleAtMost));
  return {};
}

Result<void> People::put(const Person& person) {
  if (Result<void> may = may_put(person); !may) return may;
  std::vector<Person> changed = with(person);
  if (Result<void> written = replace_file(file_, people_text(changed, badge_salt_)); !written) return written;
  people_ = std::move(changed);
  return {};
}

std::string wrong_with_password(const std::string& password) {
  if (password.size() < kShortestPassword) {
    return fmt::format("a password has at least {} characters", kShortestPassword);
  }
  if (password.size() > kLongestPassword) return fmt::format("a password has at most {} bytes", kLongestPassword);
  return {};
}

}  // namespace penrig::station
