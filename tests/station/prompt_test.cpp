#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

class StationPrompt : public StationTest {
 protected:
  static PromptPhase confirm() {
    PromptPhase what;
    what.name = "tip inspection";
    what.kind = PromptKind::confirm;
    what.title = "Are all needles straight?";
    what.text = "Look twice.";
    what.yes = "straight";
    what.no = "bent";
    what.pictures = {{"tip.svg", "good", "like this"}};
    return what;
  }
  static PromptPhase number() {
    PromptPhase what;
    what.name = "seal width";
    what.kind = PromptKind::number;
    what.title = "How wide is the seal?";
    what.unit = "mm";
    what.lower = 2.0;
    what.uncertainty = 0.05;
    return what;
  }
  Json slot_1() { return Json::parse(ask("GET", "/api/slots").body).at("slots").at(0); }
  Response say(const std::string& body) { return ask("POST", "/api/slots/1/answer", body); }
};

TEST_F(StationPrompt, ASlotCarriesWhatItsRunAsks) {
  sign_in(Role::operator_);
  EXPECT_FALSE(slot_1().contains("prompt"));
  rig_.ask(0, confirm(), "R-000001-2-1");
  const Json prompt = slot_1().at("prompt");
  EXPECT_EQ(prompt.at("id"), "R-000001-2-1");
  EXPECT_EQ(prompt.at("kind"), "confirm");
  EXPECT_EQ(prompt.at("title"), "Are all needles straight?");
  EXPECT_EQ(prompt.at("yes"), "straight");
  EXPECT_EQ(prompt.at("no"), "bent");
  EXPECT_EQ(prompt.at("pictures").at(0).at("src"), "/api/pictures/" + std::string(64, 'a'));
  EXPECT_EQ(prompt.at("pictures").at(0).at("title"), "good");
  EXPECT_EQ(prompt.at("until_utc"), "2026-01-01T00:02:00.000Z");
  rig_.ask(0, number(), "R-000001-3-1");
  const Json of_number = slot_1().at("prompt");
  EXPECT_EQ(of_number.at("unit"), "mm");
  EXPECT_EQ(of_number.at("lower"), 2.0);
  EXPECT_TRUE(of_number.at("upper").is_null());
  EXPECT_FALSE(of_number.contains("choices"));
}

TEST_F(StationPrompt, AnAnswerIsOfWhoeverIsSignedInAndStandsInTheTrail) {
  sign_in(Role::operator_);
  rig_.ask(0, confirm(), "R-000001-2-1");
  const Response taken = say(R"({"id":"R-000001-2-1","value":false})");
  EXPECT_EQ(taken.status, 200U) << taken.body;
  EXPECT_EQ(Json::parse(taken.body).at("answer"), "bent");
  EXPECT_EQ(rig_.answered, "1: bent, operator at the station");
  const auto trail = store_->audit_trail();
  ASSERT_TRUE(trail);
  ASSERT_FALSE(trail->empty());
  EXPECT_EQ(trail->back().entry.action, "prompt answered");
  EXPECT_EQ(trail->back().entry.who, "operator");
  EXPECT_NE(trail->back().entry.new_value.dump().find("bent"), std::string::npos);
}

TEST_F(StationPrompt, AnAnswerToWhatIsOverIsAConflictAndOneThatItDoesNotTakeLeavesItOpen) {
  sign_in(Role::qa);
  rig_.ask(0, number(), "R-000001-3-1");
  EXPECT_EQ(say(R"({"id":"R-000001-2-1","value":2.2})").status, 409U) << "an older question";
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":true})").status, 422U);
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":1e300})").status, 422U);
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":null})").status, 422U);
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":[2.2]})").status, 422U);
  EXPECT_EQ(say(R"({"id":"R-000001-3-1"})").status, 422U);
  EXPECT_EQ(say(R"({"value":2.2})").status, 422U);
  EXPECT_EQ(say(R"({"id":7,"value":2.2})").status, 422U);
  EXPECT_EQ(say(R"([1])").status, 422U);
  EXPECT_EQ(rig_.answered, "");
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":2.2})").status, 200U);
  EXPECT_EQ(say(R"({"id":"R-000001-3-1","value":2.2})").status, 409U) << "the first answer counts";
  EXPECT_EQ(ask("POST", "/api/slots/9/answer", R"({"id":"x","value":true})").status, 422U);
}

TEST_F(StationPrompt, WhoGivesRightsAnswersNothing) {
  sign_in(Role::admin);
  rig_.ask(0, confirm(), "R-000001-2-1");
  EXPECT_EQ(say(R"({"id":"R-000001-2-1","value":true})").status, 403U);
  EXPECT_EQ(rig_.answered, "");
}

TEST_F(StationPrompt, APictureIsServedByItsDigestAloneAndMayDoNothing) {
  sign_in(Role::operator_);
  const Response picture = ask("GET", "/api/pictures/" + std::string(64, 'a'));
  EXPECT_EQ(picture.status, 200U);
  EXPECT_EQ(picture.type, "image/svg+xml");
  bool sandboxed = false;
  for (const auto& [name, value] : picture.headers)
    sandboxed = sandboxed || (name == "Content-Security-Policy" && value.find("sandbox") != std::string::npos);
  EXPECT_TRUE(sandboxed);
  for (const std::string& other :
       {std::string(64, 'b'), std::string("tip.svg"), std::string("aaaa"), std::string(64, 'A')})
    EXPECT_EQ(ask("GET", "/api/pictures/" + other).status, 404U) << other;
}

}  // namespace
}  // namespace penrig::station
