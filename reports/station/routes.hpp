#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reports/station/people.hpp"

namespace penrig::station {

/// Everything that can be asked of a station, and who may: the one table of rights. openapi/*.json say the same to
/// others, and a test holds the two together.
enum class Operation {
  health,
  metrics,
  api_description,
  sign_in,
  who_am_i,
  sign_out,
  bench,
  list_plans,
  list_slots,
  scan,
  arm_slot,
  disarm_slot,
  check_slot,
  start_run,
  stop_run,
  answer_prompt,
  show_picture,
  stop_all,
  live,
  list_runs,
  show_run,
  show_report,
  show_certificate,
  today,
  trend,
  chart,
  maintenance,
  list_people,
  put_person,
  audit_trail,
};

/// A set of roles.
class Roles {
 public:
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= 1U << static_cast<unsigned>(role);
  }
  constexpr bool has(Role role) const { return (bits_ >> static_cast<unsigned>(role) & 1U) != 0; }

 private:
  unsigned bits_ = 0;
};

struct Route {
  Operation operation;
  const char* method;
  const char* path;  ///< "/api/slots/{slot}/run"
  const char* id;    ///< operationId
  bool open;         ///< nobody has to be signed in
  Roles roles;       ///< where somebody has to: who may
};
std::span<const Route> routes();

/// Which route a request takes, and what its path says.
struct Routed {
  const Route* route = nullptr;
  std::map<std::string, std::string> parameters;
  std::string allowed;  ///< methods of this path, where there are others than the one asked for; empty: no such path
};
Routed route_of(std::string_view method, std::string_view path);

}  // namespace penrig::station
