#include "reports/station/routes.hpp"

#include <array>

namespace penrig::station {
namespace {

constexpr Roles kNobody{};
constexpr Roles kAll{Role::operator_, Role::technician, Role::qa, Role::admin};
constexpr Roles kRunners{Role::operator_, Role::technician, Role::qa};
constexpr Roles kReviewers{Role::qa, Role::admin};
constexpr Roles kAdmin{Role::admin};

// Whoever is signed in may stop a pen; an admin, who gives rights, judges none.
constexpr std::array kRoutes{
    Route{Operation::health, "GET", "/healthz", "health", true, kNobody},
    Route{Operation::metrics, "GET", "/metrics", "metrics", true, kNobody},
    Route{Operation::api_description, "GET", "/api/openapi.json", "apiDescription", true, kNobody},
    Route{Operation::sign_in, "POST", "/api/session", "signIn", true, kNobody},
    Route{Operation::who_am_i, "GET", "/api/session", "whoAmI", false, kAll},
    Route{Operation::sign_out, "DELETE", "/api/session", "signOut", false, kAll},
    Route{Operation::bench, "GET", "/api/bench", "bench", true, kNobody},
    Route{Operation::list_plans, "GET", "/api/plans", "listPlans", false, kAll},
    Route{Operation::list_slots, "GET", "/api/slots", "listSlots", false, kAll},
    Route{Operation::scan, "POST", "/api/scan", "scan", false, kRunners},
    Route{Operation::arm_slot, "PUT", "/api/slots/{slot}/label", "armSlot", false, kRunners},
    Route{Operation::disarm_slot, "DELETE", "/api/slots/{slot}/label", "disarmSlot", false, kRunners},
    Route{Operation::check_slot, "POST", "/api/slots/{slot}/check", "checkSlot", false, kRunners},
    Route{Operation::start_run, "POST", "/api/slots/{slot}/run", "startRun", false, kRunners},
    Route{Operation::stop_run, "DELETE", "/api/slots/{slot}/run", "stopRun", false, kAll},
    Route{Operation::answer_prompt, "POST", "/api/slots/{slot}/answer", "answerPrompt", false, kRunners},
    Route{Operation::show_picture, "GET", "/api/pictures/{picture}", "showPicture", false, kAll},
    Route{Operation::stop_all, "POST", "/api/stop", "stopAll", false, kAll},
    Route{Operation::live, "GET", "/api/live", "live", false, kAll},
    Route{Operation::list_runs, "GET", "/api/runs", "listRuns", false, kAll},
    Route{Operation::show_run, "GET", "/api/runs/{run}", "showRun", false, kAll},
    Route{Operation::show_report, "GET", "/api/runs/{run}/report", "showReport", false, kAll},
    Route{Operation::show_certificate, "GET", "/api/runs/{run}/certificate", "showCertificate", false, kAll},
    Route{Operation::today, "GET", "/api/today", "today", false, kAll},
    Route{Operation::trend, "GET", "/api/trend", "trend", false, kAll},
    Route{Operation::chart, "GET", "/api/chart", "chart", false, kAll},
    Route{Operation::maintenance, "GET", "/api/maintenance", "maintenance", false, kAll},
    Route{Operation::list_people, "GET", "/api/people", "listPeople", false, kAdmin},
    Route{Operation::put_person, "PUT", "/api/people/{name}", "putPerson", false, kAdmin},
    Route{Operation::audit_trail, "GET", "/api/audit", "auditTrail", false, kReviewers},
};

/// Whether a path fits a template; fills what stands in its places.
bool fits(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& parameters) {
  while (!pattern.empty() && !path.empty()) {
    const std::size_t pattern_end = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t path_end = std::min(path.find('/', 1), path.size());
    const std::string_view place = pattern.substr(0, pattern_end), segment = path.substr(0, path_end);
    if (place.starts_with("/{")) {
      if (segment.size() < 2) return false;
      parameters.emplace(place.substr(2, place.size() - 3), segment.substr(1));
    } else if (place != segment) {
      return false;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Routed route_of(std::string_view method, std::string_view path) {
  Routed routed;
  for (const Route& route : kRoutes) {
    std::map<std::string, std::string> parameters;
    if (!fits(route.path, path, parameters)) continue;
    if (method == route.method) return {&route, std::move(parameters), ""};
    routed.allowed += (routed.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return routed;
}

}  // namespace penrig::station
