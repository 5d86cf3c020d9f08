#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>

#include "tests/station/station_bench.hpp"

namespace penrig::station {
namespace {

using penrig::testing::SampleEnd;

class Records : public StationTest {
 protected:
  /// @param change  what is other in it than in a sample
  std::string file(SampleEnd end, const std::string& pen, std::int64_t started_utc_ns,
                   const std::function<void(RunRecord&)>& change = {}) {
    // So fast that strokes of the pen which goes too deep are beyond the limit.
    RunRecord run = penrig::testing::sample_record(
        {.end = end, .depths_mm = {0.5, 2.5}, .rates_per_min = {12'000}, .strokes = 150});
    run.header.rig_name = "bench-2";
    run.header.slot = "1";
    run.header.serial_number = pen;
    run.header.started_utc_ns = started_utc_ns;
    if (change) change(run);
    return penrig::testing::stored(*store_, run);
  }
  Json asked_for(const std::string& target) {
    const Response response = ask("GET", target);
    EXPECT_EQ(response.status, 200U) << target << ": " << response.body;
    return Json::parse(response.body);
  }
};

constexpr std::int64_t kMinute = 60'000'000'000;

// As `penrig yield` does: reports/study works it out for both.
TEST_F(Records, TodayCountsFirstRunsAndSaysWhyNot) {
  file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs + 1 * kMinute);
  file(SampleEnd::fail, "PRO-0002", kVirtualEpochUtcNs + 2 * kMinute);
  file(SampleEnd::pass, "PRO-0002", kVirtualEpochUtcNs + 3 * kMinute);   // at its second try
  file(SampleEnd::error, "PRO-0003", kVirtualEpochUtcNs + 5 * kMinute);  // no pass at its first run, whatever it was
  file(SampleEnd::pass, "PRO-0003", kVirtualEpochUtcNs + 6 * kMinute);
  file(SampleEnd::pass, "PRO-0009", kVirtualEpochUtcNs - 5 * kMinute);  // yesterday
  sign_in(Role::operator_);
  const Json today = asked_for("/api/today");
  EXPECT_EQ(today.at("date"), "2026-01-01");
  EXPECT_EQ(today.at("runs"), 5);
  EXPECT_EQ(today.at("verdicts"), Json::parse(R"({"ERROR":1,"FAIL":1,"PASS":3})"));
  const Json yield = today.at("first_pass_yield");
  EXPECT_EQ(yield.at("k"), 1);
  EXPECT_EQ(yield.at("n"), 3);
  EXPECT_NEAR(yield.at("low").get<double>(), 0.0084, 1e-4) << "Clopper and Pearson, 1 of 3";
  EXPECT_NEAR(yield.at("high").get<double>(), 0.9057, 1e-4);
  EXPECT_NEAR(today.at("takt_s").get<double>(), 60, 1e-6);
  ASSERT_EQ(today.at("pareto").size(), 2U);
  EXPECT_EQ(asked_for("/api/today?date=2025-12-31").at("runs"), 1);
  EXPECT_EQ(asked_for("/api/today?date=2024-02-29").at("first_pass_yield"), Json::parse(R"({"k":0,"n":0})"));
  EXPECT_EQ(ask("GET", "/api/today?date=2025-02-29").status, 422U);
}

TEST_F(Records, RunsAreFoundAndShown) {
  const std::string passed = file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs + kMinute);
  const std::string failed = file(SampleEnd::fail, "PRO-0002", kVirtualEpochUtcNs + 2 * kMinute);
  sign_in(Role::qa);
  const Json all = asked_for("/api/runs").at("runs");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("run"), failed) << "the newest first";
  EXPECT_EQ(asked_for("/api/runs?verdict=FAIL").at("runs").size(), 1U);
  EXPECT_EQ(asked_for("/api/runs?serial_number=PRO-0001").at("runs").at(0).at("run"), passed);
  EXPECT_EQ(asked_for("/api/runs?limit=1").at("runs").size(), 1U);
  EXPECT_EQ(asked_for("/api/runs?since=2026-01-02").at("runs").size(), 0U);
  for (const char* wrong : {"/api/runs?limit=0", "/api/runs?limit=1e9", "/api/runs?verdict=pass", "/api/runs?since=x"})
    EXPECT_EQ(ask("GET", wrong).status, 422U) << wrong;

  const Json record = asked_for("/api/runs/" + passed);
  EXPECT_EQ(record.at("verdict"), "PASS");
  const Response report = ask("GET", "/api/runs/" + failed + "/report");
  EXPECT_EQ(report.status, 200U);
  EXPECT_NE(report.body.find("PRO-0002"), std::string::npos);
  bool sandboxed = false;
  for (const auto& [name, value] : report.headers)
    sandboxed = sandboxed || (name == "Content-Security-Policy" && value.find("sandbox") != std::string::npos);
  EXPECT_TRUE(sandboxed);
  const Response certificate = ask("GET", "/api/runs/" + passed + "/certificate?paper=letter");
  EXPECT_EQ(certificate.type, "application/pdf");
  EXPECT_TRUE(certificate.body.starts_with("%PDF"));
  for (const char* none : {"/api/runs/R-000099", "/api/runs/R-1;drop/report"})
    EXPECT_EQ(ask("GET", none).status, 404U) << none;
}

TEST_F(Records, ATrendHasAPointARun) {
  file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs + kMinute);
  file(SampleEnd::pass, "PRO-0002", kVirtualEpochUtcNs + 2 * kMinute);
  sign_in(Role::qa);
  const Json trend = asked_for("/api/trend?measurand=penetration");
  EXPECT_EQ(trend.at("unit"), "mm");
  ASSERT_EQ(trend.at("points").size(), 2U);
  EXPECT_LE(trend.at("points")[0].at("least"), trend.at("points")[0].at("greatest"));
  EXPECT_EQ(ask("GET", "/api/trend?measurand=nonsense").status, 422U);
  EXPECT_EQ(ask("GET", "/api/trend").status, 422U);
}

TEST_F(Records, AControlChartHoldsNewRunsAgainstTheFirst) {
  std::string plan;
  const auto rates = [&](int from, int to, double shift, std::uint32_t revision) {
    for (int i = from; i < to; ++i)
      file(SampleEnd::pass, fmt::format("PRO-{:04}", i), kVirtualEpochUtcNs + i * kMinute, [&](RunRecord& run) {
        run.header.plan_revision = revision;
        plan = run.header.plan_name;
        for (Measurement& m : run.outcome.measurements)  // a scatter without a trend
          if (m.measurand == "stroke_rate") m.value = 12'000 + 10 * std::fmod(i * 0.618034, 1.0) + shift;
      });
  };
  rates(0, 8, 5000, 1);  // of another revision: none of this chart
  rates(100, 105, 0, 2);
  sign_in(Role::operator_);
  const auto chart = [&](const std::string& more) {
    return asked_for("/api/chart?measurand=stroke_rate&plan=" + plan + more);
  };
  Json few = chart("");
  EXPECT_TRUE(few.at("chart").is_null());
  EXPECT_EQ(few.at("why_not"), "5 points of reference: limits need at least 10, better 25");
  rates(105, 130, 0, 2);
  Json quiet = chart("");
  EXPECT_EQ(quiet.at("state"), "in control") << quiet.dump(1);
  EXPECT_EQ(quiet.at("of").at("plan_revision"), 2);
  EXPECT_EQ(quiet.at("frozen"), true);
  EXPECT_EQ(quiet.at("points").size(), 30U);
  EXPECT_EQ(quiet.at("points")[0].at("serial_number"), "PRO-0100");
  rates(130, 134, 100, 2);
  Json shifted = chart("");
  EXPECT_EQ(shifted.at("state"), "out of control");
  EXPECT_EQ(shifted.at("chart").at("reference"), quiet.at("chart").at("reference")) << "a shift takes no limit along";
  const Json single = shifted.at("chart").at("series")[0];
  EXPECT_EQ(single.at("name"), "individuals");
  // Four beyond the limits, of which three are two of three beyond 2 sigma, and one four of five beyond 1.
  ASSERT_EQ(single.at("signals").size(), 4U + 3U + 1U);
  EXPECT_EQ(single.at("signals")[0].at("point"), 31);
  // A part of it is the same chart.
  const Json part = chart("&limit=3");
  EXPECT_EQ(part.at("points").size(), 3U);
  const Json newest = part.at("chart").at("series")[0];
  EXPECT_EQ(newest.at("first"), 32);
  EXPECT_EQ(newest.at("upper")[0], single.at("upper")[31]);
  EXPECT_EQ(part.at("chart").at("series")[1].at("first"), 32);
  EXPECT_EQ(part.at("points")[2].at("serial_number"), "PRO-0133");
  for (const Json& signal : newest.at("signals")) EXPECT_GE(signal.at("point"), 32);
  EXPECT_EQ(part.at("state"), "out of control");
  const Json pairs = chart("&subgroup=2&reference=12");
  EXPECT_EQ(pairs.at("chart").at("chart"), "mean and standard deviation");
  EXPECT_EQ(pairs.at("points").size(), 17U);
  rates(134, 135, 0, 2);
  EXPECT_EQ(chart("&subgroup=2&reference=12").at("points").size(), 17U) << "half a pair is no point";
  rates(135, 150, 0, 2);
  EXPECT_EQ(chart("").at("state"), "out of control");
  EXPECT_EQ(chart("&limit=5").at("state"), "in control") << "what is told is without a signal";
  file(SampleEnd::pass, "PRO-0777", kVirtualEpochUtcNs + 777 * kMinute, [&](RunRecord& run) {
    run.header.rig_name = "another";
    run.header.plan_revision = 3;
  });
  EXPECT_EQ(chart("").at("points").size(), 50U) << "of another rig";
  EXPECT_EQ(chart("&measurand=penetration").at("measurements").size(), 2U) << "one a depth";
}

TEST_F(Records, APointBeyondALimitWithoutAValueIsOutOfControl) {
  std::string plan;
  const auto run = [&](int i, bool beyond) {
    file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs + i * kMinute, [&](RunRecord& record) {
      plan = record.header.plan_name;
      for (std::size_t k = 0; k < record.outcome.measurements.size(); ++k) {
        Measurement& m = record.outcome.measurements[k];
        if (m.measurand != "stroke_rate") continue;
        m.value = 12'000 + 10 * std::fmod(i * 0.618034, 1.0);
        m.censored_high = beyond;
        for (Decision& d : record.outcome.decisions)
          if (beyond && d.measurement == k) d.verdict = Verdict::fail;
      }
    });
  };
  const auto state = [&](const std::string& limit) {
    return asked_for("/api/chart?measurand=stroke_rate&plan=" + plan + limit).at("state");
  };
  for (int i = 0; i < 20; ++i) run(i, false);
  sign_in(Role::operator_);
  ASSERT_EQ(state(""), "in control");
  run(20, true);
  EXPECT_EQ(state(""), "out of control");
  for (int i = 21; i < 26; ++i) run(i, false);
  EXPECT_EQ(state("&limit=3"), "in control") << "it is none of what is told";
}

TEST_F(Records, AChartOfNothingSaysSo) {
  sign_in(Role::qa);
  const Json none = asked_for("/api/chart?measurand=stroke_rate&plan=eol-pro");
  EXPECT_TRUE(none.at("chart").is_null());
  EXPECT_EQ(none.at("measurements").size(), 0U);
  for (const char* wrong :
       {"", "?measurand=stroke_rate", "?measurand=nonsense&plan=p", "?measurand=stroke_rate&plan=p&chart=pie",
        "?measurand=stroke_rate&plan=p&rules=none", "?measurand=stroke_rate&plan=p&reference=9",
        "?measurand=stroke_rate&plan=p&subgroup=0", "?measurand=stroke_rate&plan=p&measurement=stroke_rate@depth_mm=9"})
    EXPECT_EQ(ask("GET", std::string("/api/chart") + wrong).status, 422U) << wrong;
}

TEST_F(Records, SlotsTellTheirLastVerdicts) {
  for (int i = 0; i < 7; ++i)
    file(i == 6 ? SampleEnd::fail : SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs + i * kMinute);
  sign_in(Role::operator_);
  const Json slots = asked_for("/api/slots").at("slots");
  ASSERT_EQ(slots.size(), 2U);
  ASSERT_EQ(slots[0].at("last").size(), 5U);
  EXPECT_EQ(slots[0].at("last")[0].at("verdict"), "FAIL");
  EXPECT_EQ(slots[1].at("last").size(), 0U);
}

TEST_F(Records, ARunThatWasDeclaredVoidIsNoneOfTheLast) {
  const std::string passed = file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs);
  AuditEntry entry{.who = "M. Okafor", .action = audit::kRunVoided, .subject = passed};
  entry.reason = "wrong cartridge";
  ASSERT_TRUE(store_->add_audit(entry).has_value());
  sign_in(Role::operator_);
  EXPECT_EQ(asked_for("/api/slots").at("slots")[0].at("last").size(), 0U);
}

TEST_F(Records, ASlotWhoseOwnRunWasDeclaredVoidSaysSoToWhoAsksAndToWhoListens) {
  const std::string passed = file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs);
  rig_.end(0, Verdict::pass, passed);
  sign_in(Role::operator_);
  Request live;
  live.method = "GET";
  live.path = "/api/live";
  live.headers = {{"host", "127.0.0.1:8080"}, {"cookie", "penrig_session=" + token_}};
  Response refused;
  const auto client = station_->listen(live, refused);
  ASSERT_TRUE(client);
  EXPECT_EQ(Json::parse(client->next().value_or("{}")).at("slots")[0].at("void"), false);
  EXPECT_EQ(asked_for("/api/slots").at("slots")[0].at("void"), false);
  EXPECT_FALSE(client->next()) << "nothing has changed";
  AuditEntry entry{.who = "M. Okafor", .action = audit::kRunVoided, .subject = passed};
  entry.reason = "wrong cartridge";
  ASSERT_TRUE(store_->add_audit(entry).has_value());
  EXPECT_EQ(asked_for("/api/slots").at("slots")[0].at("void"), true);
  const Json told = Json::parse(client->next().value_or("{}"));
  EXPECT_EQ(told.at("slot").at("void"), true);
  EXPECT_EQ(told.at("slot").at("verdict"), "PASS") << "what it was";
  EXPECT_EQ(asked_for("/api/bench").at("slots")[0].at("void"), true);
  // Twenty runs of another rig whose slot has the same name.
  for (int i = 1; i <= 20; ++i) {
    file(SampleEnd::pass, "PRO-0002", kVirtualEpochUtcNs + i * kMinute,
         [](RunRecord& run) { run.header.rig_name = "bench-3"; });
  }
  EXPECT_EQ(asked_for("/api/slots").at("slots")[0].at("void"), true) << "nobody has taken that back";
}

TEST_F(Records, TheBenchFindsARunThatWasDeclaredVoidWithoutAnybodySignedInAndLooksSeldom) {
  const std::string passed = file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs);
  rig_.end(0, Verdict::pass, passed);
  EXPECT_EQ(asked_for("/api/bench").at("slots")[0].at("void"), false);
  ASSERT_TRUE(store_->add_audit({.who = "M. Okafor", .action = audit::kRunVoided, .subject = passed, .reason = "wrong"})
                  .has_value());
  pass(std::chrono::seconds{15});
  const std::size_t before = pieces_of_work_;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(asked_for("/api/bench").at("slots")[0].at("void"), true);
  EXPECT_EQ(pieces_of_work_ - before, 1U);
  std::vector<Request> many(20, request_of("GET", "/api/bench"));
  pass(std::chrono::seconds{15});
  ask_at_once(many);
  EXPECT_EQ(pieces_of_work_ - before, 2U) << "while one is looking";
}

TEST_F(Records, TheBenchShowsNoVerdictWhereTheRecordsCannotBeRead) {
  rig_.end(0, Verdict::pass, file(SampleEnd::pass, "PRO-0001", kVirtualEpochUtcNs));
  ASSERT_EQ(ask("GET", "/api/bench").status, 200U);
  ASSERT_EQ(penrig::testing::Sqlite(folder_.path() / "records").run("ALTER TABLE runs RENAME TO lost"), "");
  pass(std::chrono::seconds{15});
  for (int i = 0; i < 2; ++i) {
    const Response response = ask("GET", "/api/bench");
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body.find("lost"), std::string::npos) << "whoever passes by needs no names of tables";
  }
}

TEST_F(Records, ASlotSaysWhyItsRunCertifiesNothing) {
  rig_.end(0, Verdict::pass);
  rig_.certifies_nothing(1, "SIMULATED");
  rig_.end(1, Verdict::pass);
  sign_in(Role::operator_);
  const Json slots = asked_for("/api/slots").at("slots");
  EXPECT_EQ(slots[0].at("void_as_certificate"), nullptr);
  EXPECT_EQ(slots[1].at("void_as_certificate"), "SIMULATED");
}

TEST_F(Records, AStartOfAnotherPenThanThatWhichWaitsStartsNothing) {
  sign_in(Role::operator_);
  ask("PUT", "/api/slots/1/label", R"({"plan":"eol-pro","label":"PRO-0020"})");
  ask("PUT", "/api/slots/1/label", R"({"plan":"eol-pro","label":"PRO-0021"})");
  const Response other = ask("POST", "/api/slots/1/run", R"({"serial_number":"PRO-0020","reason":"a new bearing"})");
  EXPECT_EQ(other.status, 409U) << other.body;
  EXPECT_EQ(Json::parse(other.body).at("error").at("code"), "another_pen");
  EXPECT_NE(other.body.find("the start is of PRO-0020, but PRO-0021 waits at slot 1"), std::string::npos) << other.body;
  EXPECT_EQ(rig_.started.slot, "");
  const std::string plain = R"({"plan":"eol-pro","label":"PRO-0021","serial_number":"PRO-0020"})";
  EXPECT_EQ(ask("POST", "/api/slots/1/run", plain).status, 409U);
  EXPECT_EQ(ask("POST", "/api/slots/1/run", R"({"serial_number":7})").status, 422U);
  EXPECT_EQ(ask("POST", "/api/slots/1/run", R"({"serial_number":"PRO-0021"})").status, 202U);
  EXPECT_EQ(rig_.started.serial_number, "PRO-0021");
}

TEST_F(Records, AScanSaysWhatItIsOrWhyNothingIsStarted) {
  sign_in(Role::operator_);
  const auto scan = [&](const std::string& label) { return ask("POST", "/api/scan", Json{{"label", label}}.dump()); };
  EXPECT_EQ(Json::parse(scan("PRO-0001\r").body).at("plans").at(0).at("name"), "eol-pro");
  EXPECT_EQ(Json::parse(scan("(01)09501101020917(21)PRO-0002").body).at("gtin"), "09501101020917");
  const Response other = scan("HOM-0001");
  EXPECT_EQ(other.status, 422U);
  EXPECT_NE(other.body.find("'HOM-0001' is no label of a pen that is judged here: pen-pro looks like"),
            std::string::npos)
      << other.body;
  EXPECT_EQ(ask("POST", "/api/slots/1/run", R"({"plan":"eol-pro","label":"PRO-0001"})").status, 202U);
  const Response twice = scan("PRO-0001");
  EXPECT_EQ(twice.status, 409U);
  EXPECT_NE(twice.body.find("is being judged in slot 1"), std::string::npos) << twice.body;
  EXPECT_EQ(ask("POST", "/api/slots/1/run", R"({"plan":"eol-pro","label":"PRO-0003"})").status, 409U);
  EXPECT_EQ(ask("POST", "/api/slots/9/run", R"({"plan":"eol-pro","label":"PRO-0003"})").status, 422U);
  EXPECT_EQ(ask("DELETE", "/api/slots/1/run").status, 202U);
  EXPECT_EQ(rig_.stopped, "1: operator at the station");
}

TEST_F(Records, MetricsAreAPageOfPrometheusWithoutSerialNumbers) {
  sign_in(Role::operator_);
  ask("POST", "/api/slots/1/run", R"({"plan":"eol-pro","label":"PRO-0001"})");
  rig_.end(0, Verdict::fail);
  const std::string text = ask("GET", "/metrics").body;
  EXPECT_NE(text.find("penrig_runs_ended_total{verdict=\"FAIL\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("penrig_slot_running{slot=\"1\"} 0\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("PRO-0001"), std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.starts_with("# HELP penrig_") || line.starts_with("# TYPE penrig_") || line.starts_with("penrig_"))
        << line;
  }
}

TEST_F(Records, ThePageIsServedFromItsFolderAndFromNowhereElse) {
  EXPECT_EQ(ask("GET", "/").status, 200U);
  EXPECT_NE(ask("GET", "/").body.find("no page in the folder"), std::string::npos);
  std::filesystem::create_directories(folder_.path() / "pages" / "assets");
  std::ofstream(folder_.path() / "pages" / "index.html") << "<!doctype html>";
  std::ofstream(folder_.path() / "pages" / "assets" / "app.js") << "1";
  std::ofstream(folder_.path() / "pages" / "notes.sh") << "secret";
  std::filesystem::create_symlink(folder_.path() / "station" / "people.json", folder_.path() / "pages" / "people.json");
  open_station();
  EXPECT_EQ(ask("GET", "/").type, "text/html; charset=utf-8");
  EXPECT_EQ(ask("GET", "/assets/app.js").body, "1");
  for (const char* none :
       {"/notes.sh", "/people.json", "/assets", "/assets/", "//index.html", "/index.html/", "/pages"})
    EXPECT_EQ(ask("GET", none).status, 404U) << none;
  EXPECT_EQ(ask("POST", "/index.html").status, 404U);
  EXPECT_EQ(ask("DELETE", "/api/slots").status, 405U);
}

TEST(RequestTarget, IsTakenApartOrRefused) {
  const auto target = parse_target("/api/runs/R-000001?since=2026-01-01&q=a%20b+c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/runs/R-000001");
  EXPECT_EQ(target->query.at("q"), "a b c");
  for (const char* wrong : {"", "api", "http://x/", "/../etc/passwd", "/a/../b", "/%2e%2e/etc", "/a/%2e%2e%2fb", "/./a",
                            "/a\\b", "/%5c", "/%00", "/%", "/%4", "/%zz", "/a%0d%0aSet-Cookie:x", "/?a=%0a"}) {
    EXPECT_FALSE(parse_target(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_target("/" + std::string(2048, 'a')));
}

}  // namespace
}  // namespace penrig::station
