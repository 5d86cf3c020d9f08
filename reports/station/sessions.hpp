#pragma once

#include <map>
#include <optional>
#include <string>

#include "reports/station/people.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::station {

struct SessionRules {
  Nanoseconds idle = std::chrono::minutes{15};
  Nanoseconds at_most = std::chrono::hours{12};
  unsigned failures = 5;  ///< so many wrong passwords in a row
  Nanoseconds locked = std::chrono::minutes{5};
  std::size_t sessions_at_most = 200;
};

/// Somebody who has signed in.
struct Session {
  std::string name;
  Role role = Role::operator_;
  std::string csrf;  ///< what a request that changes something has to repeat
  TimePoint since, last_used;
};

/// Who is signed in, and who has guessed wrong too often. A token is kept as its digest only; all are gone when the
/// station ends. Time is passed in.
class Sessions {
 public:
  explicit Sessions(SessionRules rules = {}) : rules_(rules) {}

  /// @return the token for the cookie.
  Result<std::string> begin(const Person& person, TimePoint now);
  /// The session of a token, used now; null: none, or it was over.
  const Session* use(const std::string& token, TimePoint now);
  /// The same for what a page asks by itself: nobody need be there, so it is none the younger for it.
  const Session* look(const std::string& token, TimePoint now);
  /// Whether a token is of a session that is not over; leaves it as it is.
  bool is_one(const std::string& token, TimePoint now) const;
  void end(const std::string& token);
  /// Of somebody whose rights or secrets were changed.
  void end_all_of(const std::string& name);
  std::size_t count() const { return sessions_.size(); }
  const SessionRules& rules() const { return rules_; }

  /// Whether this name may not try now; says for how long.
  std::optional<Nanoseconds> locked_for(const std::string& name, TimePoint now) const;
  /// A wrong secret. @return whether that locked it.
  bool failed(const std::string& name, TimePoint now);
  void succeeded(const std::string& name) { tries_.erase(name); }

 private:
  struct Tries {
    unsigned failures = 0;
    TimePoint locked_until{}, last{};
  };
  void drop_old(TimePoint now);
  Session* find(const std::string& token, TimePoint now);

  SessionRules rules_;
  std::map<std::string, Session> sessions_;  ///< by digest of the token
  std::map<std::string, Tries> tries_;
};

}  // namespace penrig::station
