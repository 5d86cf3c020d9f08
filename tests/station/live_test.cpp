#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

class Live : public StationTest {
 protected:
  Request live_request(const std::string& since = "") {
    Request request;
    request.method = "GET";
    request.path = "/api/live";
    request.from = "127.0.0.1";
    request.headers = {
        {"host", "127.0.0.1:8080"}, {"origin", "http://127.0.0.1:8080"}, {"cookie", "penrig_session=" + token_}};
    if (!since.empty()) request.query["since"] = since;
    return request;
  }
  std::shared_ptr<LiveClient> listen(const std::string& since = "") {
    Response refused;
    return station_->listen(live_request(since), refused);
  }
  static std::vector<Json> all_of(LiveClient& client) {
    std::vector<Json> texts;
    while (auto text = client.next()) texts.push_back(Json::parse(*text));
    return texts;
  }
};

TEST_F(Live, BeginsWithTheWholeStateAndTellsWhatChanges) {
  sign_in(Role::operator_);
  const auto client = listen();
  ASSERT_TRUE(client);
  auto texts = all_of(*client);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].at("type"), "state");
  EXPECT_EQ(texts[0].at("slots").size(), 2U);
  EXPECT_EQ(ask("POST", "/api/slots/2/run", R"({"plan":"eol-pro","label":"PRO-0001"})").status, 202U);
  EXPECT_EQ(rig_.started.who, "operator");
  rig_.end(1, Verdict::pass);
  texts = all_of(*client);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0].at("slot").at("state"), "running");
  EXPECT_EQ(texts[1].at("slot").at("state"), "ended");
  EXPECT_EQ(texts[1].at("slot").at("verdict"), "PASS");
  EXPECT_EQ(texts[1].at("seq").get<int>(), texts[0].at("seq").get<int>() + 1);
}

TEST_F(Live, WhoComesBackGoesOnWhereItWas) {
  sign_in(Role::operator_);
  auto client = listen();
  rig_.end(0, Verdict::fail);
  const auto known = all_of(*client).back().at("seq").get<std::uint64_t>();
  client.reset();
  rig_.end(0, Verdict::pass);
  rig_.end(1, Verdict::pass);
  const auto again = all_of(*listen(std::to_string(known)));
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].at("seq"), known + 1);
  EXPECT_EQ(again[1].at("seq"), known + 2);
  EXPECT_TRUE(all_of(*listen(std::to_string(known + 2))).empty()) << "nothing has happened since";
  // A number of another station, or one that is not kept any more: everything anew.
  EXPECT_EQ(all_of(*listen("4711")).at(0).at("type"), "state");
  for (std::size_t i = 0; i < LiveHub::kKept + 1; ++i) rig_.end(0, Verdict::pass);
  EXPECT_EQ(all_of(*listen(std::to_string(known))).at(0).at("type"), "state");
}

TEST_F(Live, NobodyListensWithoutASessionOrFromAPageElsewhere) {
  Response refused;
  EXPECT_FALSE(station_->listen(live_request(), refused));
  EXPECT_EQ(refused.status, 401U);
  sign_in(Role::operator_);
  for (const auto& [header, value, status] : {std::tuple{"origin", "http://evil.example", 403U},
                                              {"host", "evil.example", 421U},
                                              {"cookie", "penrig_session=0", 401U}}) {
    Request request = live_request();
    request.headers[header] = value;
    EXPECT_FALSE(station_->listen(request, refused)) << header;
    EXPECT_EQ(refused.status, status) << header;
  }
  Request elsewhere = live_request();
  elsewhere.path = "/api/slots";
  EXPECT_FALSE(station_->listen(elsewhere, refused));
  EXPECT_EQ(refused.status, 404U);
}

TEST_F(Live, ListeningEndsWithTheSession) {
  sign_in(Role::operator_);
  const Request request = live_request();
  EXPECT_TRUE(station_->still_signed_in(request));
  pass(std::chrono::minutes{14});
  EXPECT_TRUE(station_->still_signed_in(request));
  pass(std::chrono::minutes{2});
  EXPECT_FALSE(station_->still_signed_in(request)) << "looking is not using";
}

TEST_F(Live, APageThatConnectsAgainByItselfKeepsNoSessionOpen) {
  sign_in(Role::operator_);
  pass(std::chrono::minutes{14});
  EXPECT_TRUE(listen());
  pass(std::chrono::minutes{2});
  EXPECT_FALSE(listen()) << "nobody was there for 16 minutes";
  EXPECT_EQ(ask("GET", "/api/session").status, 401U);
}

TEST_F(Live, OneThatTakesNothingLosesFramesAndThenItsPlaceAndNobodyWaits) {
  sign_in(Role::operator_);
  const auto slow = listen(), quick = listen();
  EXPECT_EQ(all_of(*quick).size(), 1U);
  WaveformHead head;
  head.phase = "2.5 mm at 9000/min";
  head.clock.tick_hz = 1e6;
  head.position.scale = 1e-4;
  head.force.scale = 2e-4;
  const std::vector<std::int32_t> counts(512, 1000);
  SampleBlock block;
  block.ticks_per_sample = 20;  // 50 kS/s
  block.force = block.position = block.stage = counts;
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    station_->samples("1", head, block);
    station_->samples("2", head, block);
    block.first_tick += 512 * 20;
    taken += all_of(*quick).size();
  }
  // 10.24 s of two slots, at most 20 frames a second each.
  EXPECT_GT(taken, 390U);
  EXPECT_LE(taken, 410U);
  EXPECT_EQ(slow->lost_frames(), taken - 2 * LiveClient::kFramesPerSlot);
  const auto texts = all_of(*slow);
  ASSERT_EQ(texts.size(), 1 + 2 * LiveClient::kFramesPerSlot);
  EXPECT_NE(texts[1].at("slot"), texts[2].at("slot")) << "the slots take turns";
  EXPECT_EQ(texts[1].at("position_mm").size(), Envelope::kStretches);
  EXPECT_EQ(texts[1].at("position_mm").at(3), Json::parse("[0.1,0.1]"));
  EXPECT_EQ(texts[1].at("force_n").at(3), Json::parse("[0.2,0.2]"));

  for (std::size_t i = 0; i < LiveClient::kEventsAtMost + 10; ++i) rig_.end(0, Verdict::pass);
  const auto behind = all_of(*slow);
  ASSERT_EQ(behind.size(), 1U) << "half of what happened is worse than none";
  EXPECT_EQ(behind[0].at("type"), "behind");
  EXPECT_TRUE(slow->closed());
}

TEST(EnvelopeOfSamples, LosesNoPeakAndDrawsAGap) {
  Envelope envelope("1");
  WaveformHead head;
  head.clock.tick_hz = 1e6;
  head.position.scale = 1;
  head.force.scale = 1;
  std::vector<std::int32_t> position(500, 0), force(500, 5);
  SampleBlock block;
  block.ticks_per_sample = 20;  // 10 ms a block, five a frame
  block.position = position;
  block.force = force;
  std::vector<Json> frames;
  for (int i = 0; i < 11; ++i) {
    position[321] = i == 2 ? 777 : 0;
    force[13] = i == 2 ? -9 : 5;
    if (const auto frame = envelope.add(head, block)) frames.push_back(Json::parse(*frame));
    block.first_tick += 500 * 20;
  }
  ASSERT_EQ(frames.size(), 2U);
  double highest = 0, lowest = 0;
  for (const Json& range : frames[0].at("position_mm")) highest = std::max(highest, range.at(1).get<double>());
  for (const Json& range : frames[0].at("force_n")) lowest = std::min(lowest, range.at(0).get<double>());
  EXPECT_EQ(highest, 777);
  EXPECT_EQ(lowest, -9);
  // Samples that were lost: the frame begins anew behind them, nothing is drawn across.
  block.first_tick += 1'000'000;
  EXPECT_FALSE(envelope.add(head, block));
  for (int i = 0; i < 5; ++i) {
    block.first_tick += 500 * 20;
    if (const auto frame = envelope.add(head, block)) frames.push_back(Json::parse(*frame));
  }
  EXPECT_EQ(frames.size(), 3U);
}

}  // namespace
}  // namespace penrig::station
