#include "reports/study/run_selection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "reports/day_length.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

constexpr std::array<std::string_view, 12> kKeys{"firmware", "hardware",      "serial",  "slot",
                                                 "plan",     "plan_revision", "product", "product_revision",
                                                 "lot",      "since",         "until",   "verdict"};

constexpr std::array<std::string_view, 5> kVerdicts{"PASS", "INDETERMINATE", "FAIL", "ABORTED", "ERROR"};

bool is_verdict(std::string_view text) {
  return std::find(kVerdicts.begin(), kVerdicts.end(), text) != kVerdicts.end();
}

std::optional<std::int64_t> run_number(std::string_view text) {
  if (!text.starts_with("R-")) return std::nullopt;
  text.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

bool meets(const RunSelection::Demand& d, const ValuesRun& r) {
  if (d.key == "firmware") return r.firmware == d.value;
  if (d.key == "hardware") return r.hardware == d.value;
  if (d.key == "serial") return r.serial_number == d.value;
  if (d.key == "slot") return r.slot == d.value;
  if (d.key == "plan") return r.plan_name == d.value;
  if (d.key == "plan_revision") return std::to_string(r.plan_revision) == d.value;
  if (d.key == "product") return r.product_name == d.value;
  if (d.key == "product_revision") return std::to_string(r.product_revision) == d.value;
  if (d.key == "lot") return r.cartridge_lot == d.value;
  if (d.key == "verdict") return name_of(r.verdict) == d.value;
  const auto day = parse_date(d.value);
  if (!day) return false;
  return d.key == "since" ? r.started_utc_ns >= day->days * kDayNs : r.started_utc_ns < (day->days + 1) * kDayNs;
}

/// "eol-pro (30 runs), smoke (2 runs)" of what the runs have under `name`.
template <class Name>
std::map<std::string, std::size_t> counted(const std::vector<ValuesRun>& runs, Name name) {
  std::map<std::string, std::size_t> all;
  for (const ValuesRun& r : runs) ++all[name(r)];
  return all;
}
std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, n] : counts)
    text += fmt::format("{}{} ({} {})", text.empty() ? "" : ", ", name, n, n == 1 ? "run" : "runs");
  return text;
}

}  // namespace

bool RunSelection::takes(const ValuesRun& run) const {
  bool listed_run = runs.empty();
  for (const auto& [from, to] : runs) listed_run = listed_run || (from <= run.number && run.number <= to);
  if (!listed_run) return false;
  for (const Demand& d : demands)
    if (!meets(d, run)) return false;
  return true;
}

Loaded<RunSelection> parse_selection(const std::string& text, const std::string& name) {
  Loaded<RunSelection> loaded;
  loaded.value.text = text;
  const auto mistake = [&](std::size_t at, std::size_t length, std::string message) {
    loaded.mistakes.push_back(
        {name, 1, static_cast<int>(at) + 1, std::max(1, static_cast<int>(length)), std::move(message), text});
  };
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    const std::size_t equals = item.find('=');
    if (item.empty()) {
      mistake(at, 1, "nothing stands here (write firmware=2.4.1, or R-000001..R-000040)");
    } else if (equals != std::string::npos) {
      const std::string key = item.substr(0, equals), value = item.substr(equals + 1);
      const auto known = std::find(kKeys.begin(), kKeys.end(), key);
      if (known == kKeys.end()) {
        const auto meant = did_you_mean(key, kKeys);
        mistake(at, key.size(),
                fmt::format("unknown key '{}' ({})", key,
                            meant ? fmt::format("did you mean '{}'?", *meant)
                                  : "known: firmware, hardware, serial, slot, plan, plan_revision, product, "
                                    "product_revision, lot, since, until, verdict"));
      } else if ((key == "since" || key == "until") && !parse_date(value)) {
        mistake(at + equals + 1, value.size(), fmt::format("'{}' is no day (write {}=2026-01-31)", value, key));
      } else if (value.empty()) {
        mistake(at, item.size(), fmt::format("{} of what? (write {}=…)", key, key));
      } else if (key == "verdict" && !is_verdict(value)) {
        const auto meant = did_you_mean(value, kVerdicts);
        mistake(at + equals + 1, value.size(),
                fmt::format(
                    "unknown verdict '{}' ({})", shown(value),
                    meant ? fmt::format("did you mean {}?", *meant) : fmt::format("{}", fmt::join(kVerdicts, ", "))));
      } else {
        loaded.value.demands.push_back({key, value});
      }
    } else {
      const std::size_t dots = item.find("..");
      const auto from = run_number(item.substr(0, dots)),
                 to = dots == std::string::npos ? from : run_number(item.substr(dots + 2));
      if (!from || !to || *to < *from) {
        mistake(at, item.size(),
                fmt::format("'{}' names no runs (write R-000001, R-000001..R-000040, or firmware=2.4.1)", item));
      } else {
        loaded.value.runs.emplace_back(*from, *to);
      }
    }
    at = end + 1;
  }
  return loaded;
}

std::string SelectedRuns::left_out() const {
  std::string text;
  const auto add = [&](std::size_t n, const char* what) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, what);
  };
  add(voided, "void");
  add(unfinished, "not finished");
  add(in_error, "in ERROR or ABORTED");
  add(uncorrected, "with corrections switched off");
  return text;
}

Result<SelectedRuns> select_runs(const std::vector<ValuesRun>& all, const RunSelection& selection,
                                 const std::string& name, bool mixed_revisions, bool whatever_became) {
  SelectedRuns s;
  for (const ValuesRun& r : all) {
    if (!selection.takes(r)) continue;
    if (r.voided) {
      ++s.voided;
    } else if (!whatever_became && !r.closed) {
      ++s.unfinished;
    } else if (!whatever_became && r.verdict >= Verdict::aborted) {
      ++s.in_error;
    } else if (!whatever_became && r.uncorrected) {
      ++s.uncorrected;
    } else {
      s.runs.push_back(r);
    }
  }
  const std::string what = selection.text.empty() ? "the store" : fmt::format("'{}'", selection.text);
  if (s.runs.empty()) {
    const std::string why = s.left_out();
    return fail(Errc::usage,
                fmt::format("{}: no run matches {}{}", name, what, why.empty() ? "" : fmt::format(" but {}", why)));
  }
  const auto one = [&](const std::map<std::string, std::size_t>& counts, const std::string& kind,
                       const std::string& how) -> std::optional<Error> {
    if (counts.size() < 2) return std::nullopt;
    return fail(Errc::usage,
                fmt::format("{}: {} has runs of several {}: {}; {}", name, what, kind, counts_text(counts), how));
  };
  if (auto e = one(counted(s.runs, [](const ValuesRun& r) { return std::string(r.simulated ? "simulated" : "real"); }),
                   "kinds", "choose the runs by their numbers"))
    return *e;
  if (auto e = one(counted(s.runs, [](const ValuesRun& r) { return r.plan_name; }), "plans", "choose with plan=NAME"))
    return *e;
  if (auto e = one(counted(s.runs, [](const ValuesRun& r) { return r.product_name; }), "products",
                   "choose with product=NAME"))
    return *e;
  if (mixed_revisions) return s;
  const std::string how =
      "their settings or limits may differ; choose one, or take them together with --mixed-revisions";
  if (auto e = one(counted(s.runs, [](const ValuesRun& r) { return fmt::format("plan_revision={}", r.plan_revision); }),
                   "revisions of the plan", how))
    return *e;
  if (auto e = one(
          counted(s.runs, [](const ValuesRun& r) { return fmt::format("product_revision={}", r.product_revision); }),
          "revisions of the product", how))
    return *e;
  return s;
}

}  // namespace penrig
