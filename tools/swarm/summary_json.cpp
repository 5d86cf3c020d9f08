#include <nlohmann/json.hpp>

#include "tools/swarm/summary.hpp"

namespace penrig::swarm {
namespace {

using Json = nlohmann::ordered_json;

constexpr Verdict kVerdicts[] = {Verdict::pass,    Verdict::indeterminate, Verdict::fail,
                                 Verdict::aborted, Verdict::error,         Verdict::not_judged};

Json json_of(const VerdictCounts& counts) {
  Json json = Json::object();
  for (const Verdict v : kVerdicts) {
    const std::uint64_t n = counts[static_cast<std::size_t>(v)];
    if (n > 0 || v != Verdict::not_judged) json[name_of(v)] = n;
  }
  return json;
}

Json json_of(const Share& share) {
  const Share::Interval i = share.interval();
  return {{"of", share.n}, {"count", share.k}, {"share", share.value()}, {"low_95", i.low}, {"high_95", i.high}};
}

Verdict verdict_of(const std::string& name) {
  for (const Verdict v : kVerdicts) {
    if (name == name_of(v)) return v;
  }
  return Verdict::error;
}

}  // namespace

Json to_json(const SeedResult& s) {
  Json json{{"event", "seed"}, {"seed", s.seed}, {"defect", s.defect}};
  if (s.defect != "none") {
    json["size"] = s.size;
    json["unit"] = s.unit;
    json["size_from"] = s.size_from;
    json["size_to"] = s.size_to;
  }
  json["faults_drawn"] = s.faults_drawn;
  json["faults"] = s.faults;
  json["fault_kinds"] = s.fault_kinds;
  json["run"] = s.run_id;
  json["verdict"] = name_of(s.verdict);
  json["reason"] = s.reason;
  json["rig_s"] = s.rig_s;
  json["outside"] = s.outside;
  json["outside_decisions"] = s.outside_decisions;
  json["near_outside"] = s.near_outside;
  json["near_passed"] = s.near_passed;
  json["near_risk"] = s.near_risk;
  json["inside"] = s.inside;
  json["all_inside"] = s.all_inside;
  json["refused"] = s.refused;
  json["unknown"] = s.unknown;
  Json broken = Json::array();
  for (const Broken& b : s.broken) broken.push_back({{"invariant", b.invariant}, {"what", b.what}});
  json["broken"] = std::move(broken);
  return json;
}

SeedResult seed_of_json(const Json& json) {
  SeedResult s;
  s.seed = json.at("seed");
  s.defect = json.at("defect");
  s.size = json.value("size", 0.0);
  s.unit = json.value("unit", "");
  s.size_from = json.value("size_from", 0.0);
  s.size_to = json.value("size_to", 0.0);
  s.faults_drawn = json.at("faults_drawn");
  s.faults = json.at("faults").get<std::vector<std::string>>();
  s.fault_kinds = json.at("fault_kinds").get<std::vector<std::string>>();
  s.run_id = json.at("run");
  s.verdict = verdict_of(json.at("verdict"));
  s.reason = json.at("reason");
  s.rig_s = json.at("rig_s");
  s.outside = json.at("outside");
  s.outside_decisions = json.at("outside_decisions");
  s.near_outside = json.at("near_outside");
  s.near_passed = json.at("near_passed");
  s.near_risk = json.at("near_risk");
  s.inside = json.at("inside");
  s.all_inside = json.at("all_inside");
  s.refused = json.at("refused").get<std::vector<std::string>>();
  s.unknown = json.at("unknown");
  for (const Json& b : json.at("broken"))
    s.broken.push_back({b.at("invariant").get<std::string>(), b.at("what").get<std::string>()});
  return s;
}

Json to_json(const Summary& s) {
  Json json{{"event", "summary"}, {"whole", s.whole()},
            {"seeds", s.seeds},   {"seeds_with_faults", s.seeds_with_faults},
            {"rig_s", s.rig_s},   {"verdicts", json_of(s.verdicts)}};
  json["tested"] = !s.nothing_tested();
  if (s.nothing_tested()) json["why_not"] = s.why_untested();
  json["verdicts_without_faults"] = json_of(s.verdicts_without_faults);
  json["consumer_risk"] = {{"pens_outside_by_1.5_u_passed", json_of(s.consumer_outside)},
                           {"decisions_near_outside_passed", json_of(s.consumer_near)},
                           {"near_allowed_by_rule", s.near_risk},
                           {"near_chance", s.near_chance()}};
  json["producer_risk"] = {{"decisions_inside_not_passed", json_of(s.producer)},
                           {"pens_inside_not_passed", json_of(s.producer_pens)},
                           {"first", s.refused}};
  Json matrix = Json::array();
  for (const auto& [key, row] : s.matrix) {
    matrix.push_back({{"defect", row.defect},
                      {"unit", row.unit},
                      {"size_from", row.size_from},
                      {"size_to", row.size_to},
                      {"seeds", row.seeds},
                      {"outside", row.outside},
                      {"verdicts", json_of(row.verdicts)}});
  }
  json["matrix"] = std::move(matrix);
  json["faults"] = s.faults;
  Json broken = Json::array();
  for (const auto& [invariant, kind] : s.broken) {
    Json first = Json::array();
    for (const auto& e : kind.first) first.push_back({{"seed", e.seed}, {"what", e.what}});
    broken.push_back({{"invariant", invariant}, {"seeds", kind.seeds}, {"first", std::move(first)}});
  }
  for (const std::string& text : s.statistics_broken()) broken.push_back({{"invariant", "statistics"}, {"what", text}});
  json["broken"] = std::move(broken);
  return json;
}

}  // namespace penrig::swarm
