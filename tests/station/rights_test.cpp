#include <set>

#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

class Rights : public StationTest {
 protected:
  /// A request that is right in all but who sends it.
  Request request_for(const Route& route) const {
    Request request;
    request.method = route.method;
    request.path = route.path;
    for (const auto& [place, value] : {std::pair{"{slot}", "1"}, {"{run}", "R-000001"}, {"{name}", "somebody"}}) {
      const std::size_t at = request.path.find(place);
      if (at != std::string::npos) request.path.replace(at, std::string(place).size(), value);
    }
    if (request.method == "POST" || request.method == "PUT") request.body = "{}";
    return request;
  }
  static bool let_in(unsigned status) { return status != 401 && status != 403 && status != 421 && status != 429; }
};

TEST_F(Rights, EveryRouteWithEveryRoleIsAsTheTableHasIt) {
  std::size_t let = 0, refused = 0;
  for (const Role role : kRoles) {
    sign_in(role);
    for (const Route& route : routes()) {
      if (route.operation == Operation::sign_in) continue;
      if (ask("GET", "/api/session").status != 200) sign_in(role);  // it was signed out by the one before
      pass(std::chrono::seconds{1});
      const Response response = ask(request_for(route));
      const bool may = route.open || route.roles.has(role);
      EXPECT_EQ(let_in(response.status), may)
          << route.method << " " << route.path << " as " << name_of(role) << ": " << response.status << response.body;
      if (!may) {
        EXPECT_EQ(response.status, 403U) << route.path;
      }
      ++(may ? let : refused);
    }
  }
  EXPECT_GT(refused, 5U);
  EXPECT_GT(let, 50U);
}

TEST_F(Rights, WhoeverIsNotSignedInGetsNothingButWhatIsOpen) {
  for (const Route& route : routes()) {
    sign_out_of_test();
    pass(std::chrono::seconds{1});
    const Response response = ask(request_for(route));
    if (route.open) {
      EXPECT_TRUE(let_in(response.status)) << route.path << response.body;
    } else {
      EXPECT_EQ(response.status, 401U) << route.method << " " << route.path;
    }
  }
  EXPECT_EQ(rig_.stopped, "");
  EXPECT_EQ(rig_.started.slot, "");
}

TEST_F(Rights, AnExpiredSessionIsNone) {
  sign_in(Role::qa);
  pass(std::chrono::minutes{14});
  EXPECT_EQ(ask("GET", "/api/session").status, 200U);
  pass(std::chrono::minutes{14});
  EXPECT_EQ(ask("GET", "/api/session").status, 200U) << "it was used meanwhile";
  pass(std::chrono::minutes{16});
  for (const Route& route : routes()) {
    if (!route.open) {
      EXPECT_EQ(ask(request_for(route)).status, 401U) << route.path;
    }
  }
}

TEST_F(Rights, ASessionEndsAfterADaysWorkHoweverBusy) {
  sign_in(Role::qa);
  unsigned status = 200;
  for (int minutes = 0; minutes < 13 * 60 && status == 200; minutes += 10) {
    pass(std::chrono::minutes{10});
    status = ask("GET", "/api/session").status;
  }
  EXPECT_EQ(status, 401U);
}

TEST_F(Rights, AForgedTokenIsNone) {
  sign_in(Role::admin);
  const std::string real = token_;
  for (std::string forged : {std::string(64, '0'), real.substr(1) + (real[0] == '0' ? "1" : "0"), real + "0",
                             std::string(), std::string("../../etc/passwd"), std::string(5000, 'a')}) {
    token_ = forged.empty() ? "x" : forged;
    for (const Route& route : routes()) {
      if (!route.open) {
        ASSERT_EQ(ask(request_for(route)).status, 401U) << forged << route.path;
      }
    }
    pass(std::chrono::seconds{1});
  }
  token_ = real;
  EXPECT_EQ(ask("GET", "/api/session").status, 200U);
}

TEST_F(Rights, ASessionThatWasSignedOutCannotBePlayedAgain) {
  sign_in(Role::qa);
  EXPECT_EQ(ask("DELETE", "/api/session").status, 200U);
  EXPECT_EQ(ask("GET", "/api/session").status, 401U);
  EXPECT_EQ(ask("POST", "/api/stop").status, 401U);
  EXPECT_EQ(rig_.stopped, "");
}

TEST_F(Rights, WhatChangesSomethingNeedsTheTokenOfItsOwnSession) {
  sign_in(Role::operator_);
  const std::string csrf_of_other = csrf_;
  sign_in(Role::qa);
  for (const Route& route : routes()) {
    if (route.open || std::string(route.method) == "GET" || !route.roles.has(Role::qa)) continue;
    for (const std::string& token : {std::string(), csrf_of_other, std::string(64, 'f')}) {
      Request request = request_for(route);
      request.headers["x-csrf-token"] = token;
      EXPECT_EQ(ask(std::move(request)).status, 403U) << route.method << " " << route.path << " " << token;
    }
  }
  EXPECT_EQ(rig_.stopped, "");
  EXPECT_EQ(ask("POST", "/api/stop").status, 202U);
}

TEST_F(Rights, ARequestFromAPageElsewhereIsRefused) {
  sign_in(Role::qa);
  for (const auto& [header, value] : {std::pair{"origin", "http://evil.example"},
                                      {"origin", "null"},
                                      {"origin", "http://127.0.0.1:9999"},
                                      {"origin", "https://127.0.0.1:8080"},
                                      {"sec-fetch-site", "cross-site"},
                                      {"sec-fetch-site", "same-site"}}) {
    Request request;
    request.method = "POST";
    request.path = "/api/stop";
    request.headers[header] = value;
    EXPECT_EQ(ask(std::move(request)).status, 403U) << header << value;
  }
  EXPECT_EQ(rig_.stopped, "");
  Request own;
  own.method = "POST";
  own.path = "/api/stop";
  own.headers["origin"] = "http://127.0.0.1:8080";
  own.headers["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(ask(std::move(own)).status, 202U);
}

TEST_F(Rights, ANameThatLeadsHereByAccidentIsNotAnswered) {
  for (const auto& [host, status] : {std::pair{"evil.example", 421U},
                                     {"Station.EXAMPLE:8080", 200U},
                                     {"127.0.0.1.evil.example", 421U},
                                     {"", 421U},
                                     {"localhost:1", 200U},
                                     {"[::1]:8080", 200U},
                                     {"station.example", 200U}}) {
    Request request;
    request.method = "GET";
    request.path = "/healthz";
    request.headers["host"] = host;
    EXPECT_EQ(ask(std::move(request)).status, status) << host;
  }
}

TEST_F(Rights, ABodyThatIsNoJsonIsNotRead) {
  sign_in(Role::qa);
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    Request request;
    request.method = "POST";
    request.path = "/api/slots/1/run";
    request.body = R"({"plan":"eol-pro","label":"PRO-0001"})";
    request.headers["content-type"] = type;
    EXPECT_EQ(ask(std::move(request)).status, 415U) << type;
  }
  for (const char* body : {"", "[]", "null", "1", "{", R"({"plan":1,"label":"PRO-0001"})"}) {
    EXPECT_EQ(ask("POST", "/api/slots/1/run", body).status, 422U) << body;
  }
  EXPECT_EQ(rig_.started.slot, "");
}

TEST_F(Rights, TheDescriptionHasEveryRouteAndNoOtherWithTheSameRoles) {
  const Json api = Json::parse(ask("GET", "/api/openapi.json").body);
  EXPECT_EQ(api.at("openapi"), "3.1.0");
  std::set<std::string> described, there;
  for (const auto& [path, methods] : api.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::string line = method + " " + path + " " + operation.at("operationId").get<std::string>() + ":";
      if (operation.contains("security")) {
        EXPECT_TRUE(operation.at("security").empty()) << line;
        line += " open";
      } else {
        for (const auto& role : operation.at("x-roles")) line += " " + role.get<std::string>();
      }
      described.insert(line);
      // Every place of a path is described.
      const std::string parameters = operation.contains("parameters") ? operation.at("parameters").dump() : "";
      for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
        const std::string name = path.substr(at + 1, path.find('}', at) - at - 1);
        EXPECT_NE(parameters.find("\"name\":\"" + name + "\""), std::string::npos) << line;
      }
    }
  }
  for (const Route& route : routes()) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string line = method + " " + route.path + " " + route.id + ":";
    if (route.open) line += " open";
    for (const Role role : kRoles) {
      if (!route.open && route.roles.has(role)) line += std::string(" ") + name_of(role);
    }
    there.insert(line);
  }
  EXPECT_EQ(described, there);
}

}  // namespace
}  // namespace penrig::station
