#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig::station {

enum class Role : unsigned char { operator_, technician, qa, admin };
inline constexpr std::array kRoles{Role::operator_, Role::technician, Role::qa, Role::admin};
const char* name_of(Role role);
std::optional<Role> role_of(std::string_view name);

/// Somebody who may sign in.
struct Person {
  std::string name;
  Role role = Role::operator_;
  std::string password;  ///< as keep_secret() has it; empty: none, only a badge
  std::string badge;     ///< scrypt of its number with the salt of all badges, hex; empty: none
  bool disabled = false;
};

/// Who may sign in at a station: a file in a folder of its own beside the records, for its owner's eyes, replaced whole
/// at each change. What was changed stands in the audit trail besides.
class People {
 public:
  /// Makes the folder; nobody where there is no file yet. Errc::bad_data: it is no such file, or others may look into
  /// the folder; ::io.
  static Result<People> load(const std::filesystem::path& folder);

  const std::vector<Person>& all() const { return people_; }
  const Person* find(const std::string& name) const;
  /// Common to all badges, so that a number that is read finds its person by one scrypt.
  const std::string& badge_salt() const { return badge_salt_; }
  /// Errc::usage: a name that is none (1 to 64 characters), the last admin would go, or too many people.
  Result<void> may_put(const Person& person) const;
  /// Adds a person, or takes the place of who has the name, durably. As may_put(), and replace_file().
  Result<void> put(const Person& person);

 private:
  std::vector<Person> with(const Person& person) const;

  std::filesystem::path file_;
  std::string badge_salt_;
  std::vector<Person> people_;
};

/// A password has at least 10 characters, at most 200. "" or what is wrong with it.
std::string wrong_with_password(const std::string& password);

}  // namespace penrig::station
