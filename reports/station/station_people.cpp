#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "reports/station/secrets.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "reports/store/record_log.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

/// What a sign-in that failed is told, whatever was wrong with it.
Response wrong_secret() {
  return error_response(401, "wrong_secret", "name and password, or the badge, do not fit: try again");
}

Json person_json(const Person& person) {
  return {{"name", person.name},
          {"role", name_of(person.role)},
          {"has_password", !person.password.empty()},
          {"has_badge", !person.badge.empty()},
          {"disabled", person.disabled}};
}

/// What is asked for a person; secrets as they were typed.
struct Wanted {
  Person person;
  std::string password, badge;
};

/// What is not said stays as it is.
Result<Wanted> wanted_person(const Request& request, const std::string& name, const Person* known) {
  const auto body = object_of(request);
  if (!body) return fail(Errc::usage, "the body is no JSON object");
  Wanted wanted;
  if (known != nullptr) wanted.person = *known;
  wanted.person.name = name;
  const auto role = text_of(*body, "role"), password = text_of(*body, "password"), badge = text_of(*body, "badge");
  for (const auto* text : {&role, &password, &badge}) {
    if (!*text) return text->error();
  }
  if (role->empty() && known == nullptr) return fail(Errc::usage, "which role? operator, technician, qa or admin");
  if (!role->empty()) {
    const auto known_role = role_of(*role);
    if (!known_role) {
      return fail(Errc::usage, fmt::format("'{}' is no role: operator, technician, qa or admin", shown(*role)));
    }
    wanted.person.role = *known_role;
  }
  if (const auto off = body->find("disabled"); off != body->end()) {
    if (!off->is_boolean()) return fail(Errc::usage, "'disabled' is neither true nor false");
    wanted.person.disabled = off->get<bool>();
  }
  wanted.password = *password;
  wanted.badge = *badge;
  if (const std::string why = wrong_with_password(*password); !password->empty() && !why.empty())
    return fail(Errc::usage, why);
  if (!badge->empty() && (badge->size() < 6 || badge->size() > 64))
    return fail(Errc::usage, "a badge's number has 6 to 64 characters");
  if (wanted.person.role != Role::operator_ && !badge->empty())
    return fail(Errc::usage, "only operators sign in by badge: others have a password");
  if (password->empty() && badge->empty() && known == nullptr)
    return fail(Errc::usage, "a password, or the number of a badge, is needed to sign in by");
  return wanted;
}

}  // namespace

std::string Station::cookie(const std::string& token) const {
  return fmt::format("penrig_session={}; Path=/; HttpOnly; SameSite=Strict{}{}", token,
                     token.empty() ? "; Max-Age=0" : "", parts_.secure ? "; Secure" : "");
}

Response Station::session_response(const Session& session) const {
  const auto seconds = [](Nanoseconds time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); };
  return json_response({{"name", session.name},
                        {"role", name_of(session.role)},
                        {"csrf_token", session.csrf},
                        {"idle_s", seconds(sessions_.rules().idle)},
                        {"rig", parts_.rig.rig_name()},
                        {"simulated", parts_.rig.simulated()}});
}

Station::Answer Station::sign_in(const Call& call) {
  if (!sign_ins_.allows(call.request.from, call.now))
    return {error_response(429, "too_many", "too many tries: wait a few seconds")};
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto name = text_of(*body, "name"), password = text_of(*body, "password"), badge = text_of(*body, "badge");
  if (!name || !password || !badge || name->size() > 64 || password->size() > 200 || badge->size() > 64)
    return {error_response(422, "usage", "a sign-in is {name, password} or {badge}, all of them texts")};
  // A badge has no name yet: who guesses numbers is counted by where that comes from.
  const std::string key = badge->empty() ? "name " + *name : "badge at " + call.request.from;
  if (const auto locked = sessions_.locked_for(key, call.now)) {
    return {error_response(
        423, "locked", fmt::format("too many wrong tries: locked for another {:.0f} s", TimePoint{*locked}.seconds()))};
  }
  struct Found {
    std::string name;
    bool fits = false;
  };
  const auto found = std::make_shared<Found>();  // of the worker, then of what comes afterwards
  std::function<void()> look;
  if (badge->empty()) {
    const Person* person = people_.find(*name);
    found->name = *name;
    look = [found, secret = *password, kept = person == nullptr ? std::string() : person->password] {
      found->fits = secret_fits(secret, kept);
    };
  } else {
    look = [found, number = *badge, salt = people_.badge_salt(), people = people_.all()] {
      const std::string digest = badge_digest(number, salt);
      for (const Person& p : people) {
        if (digest.empty() || !same_secret(digest, p.badge)) continue;
        found->name = p.name;
        found->fits = true;
      }
    };
  }
  return {
      {}, std::move(look), [this, found, key, now = call.now] { return tried(found->name, key, found->fits, now); }};
}

Station::Answer Station::tried(const std::string& name, const std::string& key, bool fits, TimePoint now) {
  const Person* person = fits ? people_.find(name) : nullptr;
  if (person == nullptr || person->disabled) {
    const bool locked = sessions_.failed(key, now);
    if (!locked) return {wrong_secret()};
    spdlog::warn("sign-in is locked for a while: too many wrong tries ({})", shown(key, 80));
    return entered("station", "sign-in locked", shown(key, 80), nullptr, wrong_secret());
  }
  sessions_.succeeded(key);
  const auto token = sessions_.begin(*person, now);
  if (!token) return {error_response(503, "too_many", token.error().message)};
  Response response = session_response(*sessions_.use(*token, now));
  response.headers.emplace_back("Set-Cookie", cookie(*token));
  return entered(person->name, "signed in", "station", name_of(person->role), std::move(response));
}

Station::Answer Station::sign_out(const Call& call) {
  const std::string who = call.session->name;
  sessions_.end(call.request.cookie("penrig_session"));
  Response response = json_response({{"signed_out", true}});
  response.headers.emplace_back("Set-Cookie", cookie(""));
  return entered(who, "signed out", "station", nullptr, std::move(response));
}

Station::Answer Station::list_people() const {
  Json all = Json::array();
  for (const Person& person : people_.all()) all.push_back(person_json(person));
  return {json_response({{"people", all}})};
}

Station::Answer Station::put_person(const Call& call) {
  const std::string name = call.parameters.at("name");
  const Person* known = people_.find(name);
  auto wanted = wanted_person(call.request, name, known);
  if (!wanted) return {error_response(wanted.error())};
  struct Made {
    People people;
    Response response;
  };
  const auto made = std::make_shared<Made>();
  made->people = people_;
  AuditEntry entry{.at_utc_ns = parts_.timeline.utc_ns(call.now),
                   .who = call.session->name,
                   .action = known == nullptr ? "person added" : "person changed",
                   .subject = "person " + name};
  if (known != nullptr) entry.old_value = person_json(*known);
  std::function<void()> make = [made, wanted = *wanted, entry, &store = parts_.records]() mutable {
    Person person = wanted.person;
    if (!wanted.password.empty()) {
      const auto kept = keep_secret(wanted.password);
      if (!kept) {
        made->response = error_response(kept.error());
        return;
      }
      person.password = *kept;
    }
    if (!wanted.badge.empty()) person.badge = badge_digest(wanted.badge, made->people.badge_salt());
    const auto same_badge = [&](const Person& p) { return p.name != person.name && p.badge == person.badge; };
    if (!wanted.badge.empty() && std::ranges::any_of(made->people.all(), same_badge)) {
      made->response = error_response(409, "refused", "that badge is somebody else's");
      return;
    }
    entry.new_value = person_json(person);
    if (const Result<void> put = made->people.put(person); !put) {
      made->response = error_response(put.error());
      return;
    }
    const auto id = store.add_audit(entry);
    made->response = id ? json_response(person_json(person)) : error_response(id.error());
  };
  return {{}, std::move(make), [this, made, name] {
            people_ = std::move(made->people);
            sessions_.end_all_of(name);
            return Answer{std::move(made->response)};
          }};
}

}  // namespace penrig::station
