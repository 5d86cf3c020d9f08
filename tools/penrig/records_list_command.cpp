#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/export/csv_writer.hpp"
#include "reports/number_format.hpp"
#include "reports/store/record_store.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/measurand.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/result_text.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kInterrupted = "INTERRUPTED";

std::string word_of(const RunRow& row) {
  if (row.running) return "RUNNING";
  return verdict_word(row);
}

void read_verdict(const std::string& written, RunFilter& filter, std::vector<Mistake>& mistakes) {
  if (written.empty()) return;
  std::string upper = written;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == kInterrupted) {
    filter.interrupted = true;
    return;
  }
  constexpr std::array kAll{Verdict::pass, Verdict::indeterminate, Verdict::fail, Verdict::aborted, Verdict::error};
  std::vector<std::string_view> known{kInterrupted};
  for (const Verdict verdict : kAll) {
    if (upper == name_of(verdict)) filter.verdict = verdict;
    known.emplace_back(name_of(verdict));
  }
  if (filter.verdict) return;
  const auto meant = did_you_mean(upper, known);
  mistakes.push_back(
      option_mistake("--verdict", fmt::format("unknown verdict '{}' ({})", penrig::shown(written),
                                              meant ? fmt::format("did you mean {}?", *meant)
                                                    : "PASS, INDETERMINATE, FAIL, ABORTED, ERROR or INTERRUPTED")));
}

std::optional<std::int64_t> read_day(const char* option, const std::string& written, std::vector<Mistake>& mistakes) {
  if (written.empty()) return std::nullopt;
  const auto date = parse_date(written);
  if (date) return date->days;
  mistakes.push_back(option_mistake(
      option, fmt::format("'{}' is no day (write it as in {} 2026-01-31)", penrig::shown(written), option)));
  return std::nullopt;
}

RunFilter read_filter(const RecordsListOptions& o, std::vector<Mistake>& mistakes) {
  constexpr std::int64_t kDayNs = 86'400'000'000'000;
  RunFilter filter;
  filter.serial_number = o.serial_number;
  filter.plan_name = o.plan_name;
  filter.product_name = o.product_name;
  filter.slot = o.slot;
  filter.firmware = o.firmware;
  filter.newest = o.newest;
  read_verdict(o.verdict, filter, mistakes);
  if (const auto day = read_day("--since", o.since, mistakes)) filter.since_utc_ns = *day * kDayNs;
  if (const auto day = read_day("--until", o.until, mistakes)) filter.before_utc_ns = (*day + 1) * kDayNs;
  if (filter.since_utc_ns && filter.before_utc_ns && *filter.since_utc_ns >= *filter.before_utc_ns)
    mistakes.push_back(option_mistake("--until", fmt::format("{} lies before --since {}", o.until, o.since)));
  if (!o.where.empty()) {
    Loaded<Condition> condition = parse_condition(o.where, "--where");
    if (condition.ok()) filter.where = std::move(condition.value);
    std::ranges::move(condition.mistakes, std::back_inserter(mistakes));
  }
  check_measurand(o.measurand, mistakes);
  filter.measurand = o.measurand;
  return filter;
}

/// The answers to a prompt are texts or numbers, whichever the plan of each run asks for; their unit is the plan's.
bool is_answer(const MeasurandInfo& info) { return info.id.starts_with(kAnswerPrefix); }

/// Of the catalogue, or of a prompt's answers, which refers to `id`; none where nothing was asked.
std::optional<MeasurandInfo> info_of(const std::string& id) {
  if (id.empty()) return std::nullopt;
  if (const MeasurandInfo* known = find_measurand(id); known != nullptr) return *known;
  return MeasurandInfo{.id = id,
                       .title = id,
                       .unit = "",
                       .suffix = "",
                       .scope = MeasurandScope::run,
                       .reference = SettingReference::none,
                       .yields = 0};
}

std::string measured_text(const RunRow& row, const MeasurandInfo& info) {
  if (!row.measured) return "not measured";
  const MeasuredRange& m = *row.measured;
  if (info.text || !m.text.empty()) return m.text;
  if (!m.least || !m.greatest) return "no value";
  const std::string least = format_number(*m.least, info.decimals),
                    greatest = format_number(*m.greatest, info.decimals);
  const std::string range = least == greatest ? least : fmt::format("{} … {}", least, greatest);
  return info.unit == "1" || is_answer(info) ? range : fmt::format("{}\u00A0{}", range, info.unit);
}

Line row_line(const RunRow& row, std::size_t serial_width, std::size_t plan_width,
              const std::optional<MeasurandInfo>& measurand) {
  // What counts for nothing has neither sign nor colour.
  const bool counts = !row.running && !row.voided;
  const Ink ink = counts ? ink_of(row.verdict) : Ink::plain;
  const std::string verdict = fmt::format("{} {:<13}", counts ? sign_of(row.verdict) : " ", word_of(row));
  Line line{{fmt::format("{}  {}  {:<{}}  {:<{}}  ", row.run_id, format_utc(row.started_utc_ns), row.serial_number,
                         serial_width, row.plan_name, plan_width)},
            {verdict, ink}};
  if (measurand) line.push_back({"  " + measured_text(row, *measurand)});
  line.push_back({row.voided ? "  VOID" : row.certifying_unsigned ? "  certifying, UNSIGNED" : "", Ink::strong});
  line.push_back({row.simulated ? "  simulated" : row.engineering ? "  engineering" : "", Ink::label});
  return line;
}

Json row_json(const RunRow& row, const std::optional<MeasurandInfo>& measurand) {
  Json json;
  json["run"] = row.run_id;
  json["started_utc"] = format_iso8601(row.started_utc_ns);
  json["serial_number"] = row.serial_number;
  json["plan"] = row.plan_name;
  json["product"] = row.product_name;
  json["operator"] = row.operator_name;
  json["slot"] = row.slot;
  json["firmware"] = row.firmware;
  json["verdict"] = word_of(row);
  json["reason"] = row.reason;
  json["void"] = row.voided;
  json["signed"] = row.is_signed;
  json["certifying_unsigned"] = row.certifying_unsigned;
  json["simulated"] = row.simulated;
  json["engineering"] = row.engineering;
  json["decisions"] = row.decisions;
  json["duration_s"] = row.duration_s;
  if (!measurand) return json;
  Json& measured = json["measured"];
  measured["measurand"] = measurand->id;
  measured["unit"] = is_answer(*measurand) ? Json(nullptr) : Json(measurand->unit);
  measured["n"] = row.measured ? row.measured->n : 0;
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  measured["least"] = row.measured ? number(row.measured->least) : Json(nullptr);
  measured["greatest"] = row.measured ? number(row.measured->greatest) : Json(nullptr);
  if (measurand->text || is_answer(*measurand))
    measured["text"] = row.measured ? Json(row.measured->text) : Json(nullptr);
  return json;
}

std::string csv_head(const std::optional<MeasurandInfo>& measurand) {
  CsvWriter csv;
  for (const char* column : {"run", "started_utc", "serial_number", "plan", "product", "operator", "slot", "firmware",
                             "verdict", "reason", "void", "simulated", "engineering", "decisions", "duration_s"})
    csv.text(column);
  if (!measurand) return csv.take();
  csv.text(fmt::format("{}_n", measurand->id));
  if (measurand->text) return csv.text(measurand->id).take();
  const std::string unit = measurand->suffix.empty() ? "" : fmt::format("_{}", measurand->suffix);
  csv.text(fmt::format("{}_least{}", measurand->id, unit)).text(fmt::format("{}_greatest{}", measurand->id, unit));
  if (is_answer(*measurand)) csv.text(measurand->id);
  return csv.take();
}

std::string row_csv(const RunRow& row, const std::optional<MeasurandInfo>& measurand) {
  CsvWriter csv;
  csv.text(row.run_id).text(format_iso8601(row.started_utc_ns)).text(row.serial_number).text(row.plan_name);
  csv.text(row.product_name).text(row.operator_name).text(row.slot).text(row.firmware).text(word_of(row));
  csv.text(row.reason)
      .text(row.voided ? "true" : "false")
      .text(row.simulated ? "true" : "false")
      .text(row.engineering ? "true" : "false");
  csv.integer(row.decisions).number(row.duration_s);
  if (!measurand) return csv.take();
  const MeasuredRange measured = row.measured.value_or(MeasuredRange{});
  csv.integer(measured.n);
  if (measurand->text) return csv.text(measured.text).take();
  csv.number(measured.least).number(measured.greatest);
  if (is_answer(*measurand)) csv.text(measured.text);
  return csv.take();
}

}  // namespace

ExitCode records_list_command(const RecordsListOptions& options) {
  std::vector<Mistake> mistakes;
  const RunFilter filter = read_filter(options, mistakes);
  if (!mistakes.empty()) {
    std::cerr << render_mistakes(mistakes, detect_style(2), "no run was looked for.");
    return ExitCode::usage;
  }
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  Result<std::vector<RunRow>> rows = store ? (*store)->list_runs(filter) : store.error();
  if (!rows) return complain(rows.error());
  const std::optional<MeasurandInfo> measurand = info_of(options.measurand);
  std::size_t serial_width = 0, plan_width = 0;
  for (const RunRow& row : *rows) {
    serial_width = std::max(serial_width, row.serial_number.size());
    plan_width = std::max(plan_width, row.plan_name.size());
  }
  const TerminalStyle style = detect_style(1);
  if (options.csv) std::cout << csv_head(measurand);
  for (const RunRow& row : *rows) {
    if (options.json) {
      std::cout << row_json(row, measurand).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    } else if (options.csv) {
      std::cout << row_csv(row, measurand);
    } else {
      std::cout << render(style, row_line(row, serial_width, plan_width, measurand));
    }
  }
  if (!options.json && !options.csv && rows->empty()) std::cout << "no run matches\n";
  return ExitCode::pass;
}

}  // namespace penrig::cli
