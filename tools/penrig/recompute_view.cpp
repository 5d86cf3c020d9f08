#include <algorithm>
#include <ostream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/counted.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/recompute_command.hpp"

namespace penrig::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 40;  ///< of differences; the JSON has them all

void write_line(std::ostream& out, const TerminalStyle& style, const Line& line) { out << render(style, line); }

/// "label     text", broken where it is too long.
void write_labelled(std::ostream& out, const TerminalStyle& style, const std::string& label, const std::string& text) {
  const std::size_t indent = 11;
  std::string head = label;
  for (const std::string& line : wrap(style, text, style.columns - indent)) {
    write_line(out, style, {{fmt::format("{:<{}}", head, indent), Ink::label}, {line}});
    head.clear();
  }
}

std::string algorithm_of(const Recomputation& r) {
  if (r.recorded_algorithm.empty()) return fmt::format("recorded before algorithms had a version, now {}", r.algorithm);
  if (!r.newer_algorithm()) return "algorithm " + r.algorithm;
  return fmt::format("recorded by algorithm {}, this program has {}", r.recorded_algorithm, r.algorithm);
}

/// All decisions of one requirement together: the worst counts.
struct RequirementChange {
  std::string requirement, title;
  std::optional<Verdict> was, is;
  std::size_t decisions = 0, overturned = 0;
};

std::vector<RequirementChange> by_requirement(const Rejudgement& r) {
  std::vector<RequirementChange> all;
  for (const RejudgedDecision& d : r.decisions) {
    auto found = std::ranges::find(all, d.requirement, &RequirementChange::requirement);
    if (found == all.end()) found = all.insert(all.end(), {d.requirement, d.title, {}, {}, 0, 0});
    if (d.was) found->was = found->was ? worst(*found->was, *d.was) : *d.was;
    if (d.is) found->is = found->is ? worst(*found->is, *d.is) : *d.is;
    ++found->decisions;
    found->overturned += d.overturned() ? 1U : 0U;
  }
  return all;
}

Ink ink_or_label(const std::optional<Verdict>& verdict) { return verdict ? cli::ink_of(*verdict) : Ink::label; }

std::string name_or_dash(const std::optional<Verdict>& verdict) { return verdict ? name_of(*verdict) : "-"; }

Json verdict_json(const std::optional<Verdict>& verdict) { return verdict ? Json(name_of(*verdict)) : Json(nullptr); }

}  // namespace

ExitCode exit_code_of(const Recomputation& r) {
  if (!r.missing.empty()) return ExitCode::error;
  return r.differences.empty() ? ExitCode::pass : ExitCode::not_passed;
}

void write_text(std::ostream& out, const TerminalStyle& style, const Recomputation& r) {
  write_line(
      out, style,
      {{r.run_id, Ink::strong},
       {fmt::format("  {}, {}; {}", counted(r.waveforms, "waveform"), counted(r.samples, "sample"), algorithm_of(r))}});
  for (const std::string& what : r.missing) write_labelled(out, style, "missing", what);
  std::size_t same = 0;
  for (const RecomputedMeasurement& m : r.measurements) same += m.same ? 1U : 0U;
  if (!r.measurements.empty()) {
    write_labelled(
        out, style, "same",
        fmt::format("{} of {} measurements; {} values were compared: bit for bit, U, k and probabilities to ten "
                    "digits",
                    same, r.measurements.size(), r.compared));
  }
  const std::string label = r.newer_algorithm() ? "newer" : "differs";
  std::size_t shown_differences = 0;
  for (const RecordDifference& d : r.differences) {
    if (++shown_differences > kMostShown) break;
    write_labelled(out, style, label, fmt::format("{}: {}: {} → {}", d.where, d.what, d.recorded, d.recomputed));
  }
  if (r.differences.size() > kMostShown) {
    write_labelled(out, style, label, fmt::format("and {} more (--json has all)", r.differences.size() - kMostShown));
  }
  for (const std::string& what : r.told) write_labelled(out, style, "told", what + ": taken from the record");
  const std::string result =
      !r.missing.empty()      ? "data are missing or damaged: not everything could be derived again"
      : r.differences.empty() ? "every number, decision and verdict is the same"
      : r.newer_algorithm()
          ? fmt::format(
                "{} values differ by the newer algorithm (old → new); the record stays as "
                "it is",
                r.differences.size())
          : fmt::format("{} values of the record are not what its samples give", r.differences.size());
  write_labelled(out, style, "result", result);
}

void write_json(std::ostream& out, const Recomputation& r) {
  Json j{{"run", r.run_id},
         {"result", !r.missing.empty()      ? "missing"
                    : r.differences.empty() ? "same"
                    : r.newer_algorithm()   ? "newer algorithm"
                                            : "differs"},
         {"recorded_algorithm", r.recorded_algorithm.empty() ? Json(nullptr) : Json(r.recorded_algorithm)},
         {"algorithm", r.algorithm},
         {"waveforms", r.waveforms},
         {"samples", r.samples},
         {"values_compared", r.compared}};
  j["measurements"] = Json::array();
  for (const RecomputedMeasurement& m : r.measurements) {
    j["measurements"].push_back({{"name", m.name}, {"same", m.same}, {"told", m.told}});
  }
  j["differences"] = Json::array();
  for (const RecordDifference& d : r.differences) {
    j["differences"].push_back(
        {{"where", d.where}, {"what", d.what}, {"recorded", d.recorded}, {"recomputed", d.recomputed}});
  }
  j["missing"] = r.missing;
  j["told"] = r.told;
  out << j.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

void write_text(std::ostream& out, const TerminalStyle& style, const Rejudgement& r) {
  write_line(out, style,
             {{r.run_id, Ink::strong},
              {fmt::format("  {}  ", r.serial_number)},
              {name_of(r.was), cli::ink_of(r.was)},
              {" → "},
              {name_of(r.is), cli::ink_of(r.is)},
              {r.overturned() ? "" : "  nothing changes", Ink::label}});
  for (const RequirementChange& q : by_requirement(r)) {
    write_line(out, style,
               {{fmt::format("  {:<4} {:<26} ", q.requirement, q.title)},
                {fmt::format("{:<13}", name_or_dash(q.was)), ink_or_label(q.was)},
                {" → "},
                {fmt::format("{:<13}", name_or_dash(q.is)), ink_or_label(q.is)},
                {q.overturned == 0 ? "" : fmt::format("  {} of {} decisions change", q.overturned, q.decisions)}});
    for (const RejudgedDecision& d : r.decisions) {
      if (!d.overturned() || d.requirement != q.requirement) continue;
      write_line(
          out, style,
          {{fmt::format("         {:<24} {} → {}   ", d.where, name_or_dash(d.was), name_or_dash(d.is))},
           {fmt::format("{} → {}", d.limit_was.empty() ? "-" : d.limit_was, d.limit_is.empty() ? "-" : d.limit_is),
            Ink::label}});
    }
  }
}

void write_json(std::ostream& out, const Rejudgement& r) {
  Json j{{"run", r.run_id},
         {"serial_number", r.serial_number},
         {"verdict_was", name_of(r.was)},
         {"verdict_is", name_of(r.is)},
         {"overturned", r.overturned()}};
  j["decisions"] = Json::array();
  for (const RejudgedDecision& d : r.decisions) {
    j["decisions"].push_back({{"requirement", d.requirement},
                              {"title", d.title},
                              {"where", d.where},
                              {"limit_was", d.limit_was},
                              {"limit_is", d.limit_is},
                              {"verdict_was", verdict_json(d.was)},
                              {"verdict_is", verdict_json(d.is)},
                              {"overturned", d.overturned()},
                              {"reason", d.reason}});
  }
  out << j.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace penrig::cli
