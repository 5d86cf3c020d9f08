#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

using SignIn = StationTest;

std::string header_of(const Response& response, const std::string& wanted) {
  for (const auto& [name, value] : response.headers) {
    if (name == wanted) return value;
  }
  return "";
}

TEST_F(SignIn, TheCookieIsForTheServerAloneAndForThisSiteAlone) {
  const Response response = try_to_sign_in("qa", kPassword);
  ASSERT_EQ(response.status, 200U) << response.body;
  const std::string cookie = header_of(response, "Set-Cookie");
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; SameSite=Strict"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; Path=/"), std::string::npos) << cookie;
  EXPECT_EQ(cookie.find("Secure"), std::string::npos) << "over plain loopback a browser would drop it";
  open_station(true);
  pass(std::chrono::seconds{2});
  EXPECT_NE(header_of(try_to_sign_in("qa", kPassword), "Set-Cookie").find("; Secure"), std::string::npos);
}

TEST_F(SignIn, AWrongPasswordAndAnUnknownNameAreToldTheSame) {
  const Response wrong = try_to_sign_in("qa", "wrong horse battery");
  const Response unknown = try_to_sign_in("nobody", kPassword);
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_EQ(unknown.status, 401U);
  EXPECT_EQ(wrong.body, unknown.body);
}

TEST_F(SignIn, FiveWrongTriesLockTheNameForAWhileWhereverTheyComeFrom) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(try_to_sign_in("qa", "wrong horse battery").status, 401U);
    pass(std::chrono::seconds{2});
  }
  EXPECT_EQ(try_to_sign_in("qa", kPassword).status, 423U) << "the right one, too late";
  EXPECT_EQ(try_to_sign_in("admin", kPassword).status, 200U) << "others are not locked";
  pass(std::chrono::minutes{5});
  EXPECT_EQ(try_to_sign_in("qa", kPassword).status, 200U);
  EXPECT_NE(trail().find("station: sign-in locked\n"), std::string::npos) << trail();
}

TEST_F(SignIn, ARightOneBetweenForgetsTheWrongOnes) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(try_to_sign_in("qa", "wrong horse battery").status, 401U);
      pass(std::chrono::seconds{2});
    }
    EXPECT_EQ(try_to_sign_in("qa", kPassword).status, 200U);
    pass(std::chrono::seconds{2});
  }
}

TEST_F(SignIn, ManyTriesAtOnceAreSlowedDown) {
  unsigned slowed = 0;
  for (int i = 0; i < 20; ++i) {
    if (try_to_sign_in("name " + std::to_string(i), kPassword).status == 429) ++slowed;
  }
  EXPECT_EQ(slowed, 10U);
}

// Whoever floods the station from the same computer keeps nobody from the stop button.
TEST_F(SignIn, ManyRequestsAreSlowedDownButStopsAreNot) {
  sign_in(Role::operator_);
  unsigned slowed = 0;
  for (int i = 0; i < 300; ++i) slowed += ask("GET", "/healthz").status == 429 ? 1U : 0U;
  EXPECT_GE(slowed, 100U);
  EXPECT_EQ(ask("POST", "/api/stop").status, 202U);
  EXPECT_NE(rig_.stopped.find("all: "), std::string::npos) << rig_.stopped;
}

TEST_F(SignIn, GuessesAtTheSameTimeAreLockedOutTogether) {
  const auto guess = [](const std::string& password) {
    return request_of("POST", "/api/session", Json{{"name", "qa"}, {"password", password}}.dump());
  };
  std::vector<Request> guesses;
  for (int i = 0; i < 5; ++i) guesses.push_back(guess("wrong horse battery " + std::to_string(i)));
  guesses.push_back(guess(kPassword));
  EXPECT_EQ(ask_at_once(std::move(guesses)), (std::vector<unsigned>{401, 401, 401, 401, 401, 423}));
}

TEST_F(SignIn, AnOperatorSignsInByBadge) {
  const Response response = ask("POST", "/api/session", Json{{"badge", kBadge}}.dump());
  ASSERT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(Json::parse(response.body).at("name"), "operator");
  EXPECT_EQ(Json::parse(response.body).at("role"), "operator");
  sign_out_of_test();
  EXPECT_EQ(ask("POST", "/api/session", Json{{"badge", "04A2B3C5"}}.dump()).status, 401U);
  EXPECT_EQ(ask("POST", "/api/session", Json{{"badge", ""}}.dump()).status, 422U);
}

// A page that nobody sits at asks by itself, every minute: the next one there must not be taken for who signed in.
TEST_F(SignIn, APageThatAsksByItselfKeepsNobodySignedIn) {
  sign_in(Role::operator_);
  const auto asked = [this](bool in_background) {
    Request request = request_of("GET", "/api/slots");
    if (in_background) request.headers["x-background"] = "1";
    return ask(std::move(request)).status;
  };
  for (int minute = 0; minute < 14; ++minute) {
    pass(std::chrono::minutes{1});
    EXPECT_EQ(asked(true), 200U) << minute;
  }
  pass(std::chrono::minutes{2});
  EXPECT_EQ(asked(true), 401U);
  sign_in(Role::operator_);
  for (int minute = 0; minute < 30; ++minute) {
    pass(std::chrono::minutes{1});
    EXPECT_EQ(asked(false), 200U) << minute;
  }
  Request start = request_of("POST", "/api/slots/1/run", R"({"plan":"eol-pro","label":"PRO-0001"})");
  start.headers["x-background"] = "1";
  pass(std::chrono::minutes{14});
  EXPECT_EQ(ask(std::move(start)).status, 202U) << "what changes something was done by a person";
  pass(std::chrono::minutes{14});
  EXPECT_EQ(asked(true), 200U);
}

TEST_F(SignIn, WhoSignsInAndOutStandsInTheAuditTrail) {
  sign_in(Role::technician);
  EXPECT_EQ(ask("DELETE", "/api/session").status, 200U);
  EXPECT_EQ(trail(), "technician: signed in\ntechnician: signed out\n");
}

TEST_F(SignIn, NoSecretStandsWhereItIsKept) {
  std::ifstream in(folder_.path() / "station" / "people.json");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_NE(text.str().find("scrypt$15$8$1$"), std::string::npos);
  EXPECT_EQ(text.str().find(kPassword), std::string::npos);
  EXPECT_EQ(text.str().find(kBadge), std::string::npos);
  const auto mode = std::filesystem::status(folder_.path() / "station").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(SignIn, AFolderThatOthersMayLookIntoIsRefused) {
  std::filesystem::permissions(folder_.path() / "station", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  const auto people = People::load(folder_.path() / "station");
  ASSERT_FALSE(people);
  EXPECT_EQ(people.error().code, Errc::bad_data);
}

TEST_F(SignIn, AnAdminAddsAndChangesPeopleAndTheyAreSignedOut) {
  sign_in(Role::admin);
  const auto put = [&](const std::string& name, const Json& what) {
    return ask("PUT", "/api/people/" + name, what.dump()).status;
  };
  EXPECT_EQ(put("grace", {{"role", "qa"}}), 422U) << "nothing to sign in by";
  EXPECT_EQ(put("grace", {{"role", "qa"}, {"password", "short"}}), 422U);
  EXPECT_EQ(put("grace", {{"role", "king"}, {"password", kPassword}}), 422U);
  EXPECT_EQ(put("grace", {{"role", "qa"}, {"password", kPassword}, {"badge", "0123456"}}), 422U);
  EXPECT_EQ(put("ops", {{"role", "operator"}, {"badge", kBadge}}), 409U) << "somebody else's badge";
  EXPECT_EQ(put("grace", {{"role", "qa"}, {"password", kPassword}}), 200U);
  const std::string admin_token = token_, admin_csrf = csrf_;
  const Response grace = try_to_sign_in("grace", kPassword);
  ASSERT_EQ(grace.status, 200U) << grace.body;
  take_session(grace);
  EXPECT_EQ(ask("GET", "/api/audit").status, 200U);
  const std::string grace_token = token_;
  token_ = admin_token, csrf_ = admin_csrf;
  EXPECT_EQ(put("grace", {{"disabled", true}}), 200U);
  token_ = grace_token;
  EXPECT_EQ(ask("GET", "/api/session").status, 401U) << "at once, not at the next sign-in";
  EXPECT_EQ(try_to_sign_in("grace", kPassword).status, 401U);
  EXPECT_NE(trail().find("admin: person added\n"), std::string::npos);
  EXPECT_NE(trail().find("admin: person changed\n"), std::string::npos);
}

TEST_F(SignIn, PeopleWhoAreChangedAtTheSameTimeAreAllChanged) {
  sign_in(Role::admin);
  std::vector<Request> puts;
  for (const char* name : {"grace", "mary", "ada"}) {
    const Json person{{"role", "qa"}, {"password", kPassword}};
    puts.push_back(request_of("PUT", "/api/people/" + std::string(name), person.dump()));
  }
  puts.push_back(request_of("PUT", "/api/people/qa", R"({"disabled":true})"));
  EXPECT_EQ(ask_at_once(std::move(puts)), (std::vector<unsigned>{200, 200, 200, 200}));
  const People kept = *People::load(folder_.path() / "station");
  EXPECT_EQ(kept.all().size(), 7U);
  EXPECT_EQ(station_->people().all().size(), 7U);
  EXPECT_TRUE(kept.find("qa")->disabled);
}

TEST_F(SignIn, WhoIsNoOperatorAnyMoreHasNoBadgeAnyMore) {
  sign_in(Role::admin);
  EXPECT_EQ(ask("PUT", "/api/people/operator", R"({"role":"qa"})").status, 200U);
  sign_out_of_test();
  EXPECT_EQ(ask("POST", "/api/session", Json{{"badge", kBadge}}.dump()).status, 401U);
  sign_in(Role::admin);
  EXPECT_EQ(ask("PUT", "/api/people/scanner", R"({"role":"operator","badge":"0123456"})").status, 200U);
  EXPECT_EQ(ask("PUT", "/api/people/scanner", R"({"role":"qa"})").status, 422U)
      << "nothing would be left to sign in by";
}

TEST_F(SignIn, TheLastAdminStays) {
  sign_in(Role::admin);
  EXPECT_EQ(ask("PUT", "/api/people/admin", R"({"disabled":true})").status, 422U);
  EXPECT_EQ(ask("PUT", "/api/people/admin", R"({"role":"qa"})").status, 422U) << "and is still signed in";
  EXPECT_EQ(trail(), "admin: signed in\n") << "what was refused is not there";
  sign_in(Role::admin);
}

TEST_F(SignIn, ListsOfPeopleHoldNoSecrets) {
  sign_in(Role::admin);
  const Response list = ask("GET", "/api/people");
  EXPECT_EQ(Json::parse(list.body).at("people").size(), 4U);
  EXPECT_EQ(list.body.find("scrypt"), std::string::npos);
}

}  // namespace
}  // namespace penrig::station
