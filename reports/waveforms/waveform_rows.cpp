#include "reports/waveforms/waveform_rows.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "reports/json_integer.hpp"
#include "reports/number_format.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {

namespace {

using Json = nlohmann::ordered_json;

void write_gaps(JsonText& out, const std::vector<WaveformGap>& gaps) {
  out.open_array();
  for (const WaveformGap& gap : gaps)
    out.open_object().key("before_sample").whole(gap.before_sample).key("reason").text(gap.reason).close_object();
  out.close_array();
}

/// [[0, 256], [256, 255]]: first sample and samples.
void write_parts(JsonText& out, const std::vector<WaveformPart>& parts) {
  out.open_array();
  for (const WaveformPart& part : parts) out.open_array().whole(part.first_sample).whole(part.samples).close_array();
  out.close_array();
}

std::vector<WaveformPart> parts_of(std::string_view text) {
  std::vector<WaveformPart> parts;
  JsonScan scan(text);
  const bool good = scan.array([&] {
    const std::optional<std::int64_t> first = scan.take('[') ? scan.whole() : std::nullopt;
    const std::optional<std::int64_t> samples = first && scan.take(',') ? scan.whole() : std::nullopt;
    if (!samples || *first < 0 || *samples < 0 || !scan.take(']')) return false;
    parts.push_back({static_cast<std::uint64_t>(*first), static_cast<std::uint64_t>(*samples)});
    return true;
  });
  // None at all would stand as nothing, and be another record.
  if (!good || !scan.at_end() || parts.empty())
    sqlite::raise(Errc::bad_data, fmt::format("the parts of a waveform are no pairs of numbers: '{}'", text));
  return parts;
}

void write_members(JsonText& out, const InputRange& inputs) {
  for (const auto& [name, value] : inputs) {
    out.key(name);
    if (const auto* number = std::get_if<double>(&value)) {
      out.stored_number(*number);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      out.whole(*whole);
    } else {
      out.text(std::get<std::string>(value));
    }
  }
}

/// All but those of `left_out`, a stretch of them.
void write_inputs(JsonText& out, const AnalysisInputs& inputs, const InputRange& left_out) {
  out.open_object();
  write_members(out, {inputs.begin(), left_out.begin()});
  write_members(out, {left_out.end(), inputs.end()});
  out.close_object();
}

template <class Write>
std::string json_text_of(Write write) {
  JsonText out;
  write(out);
  return out.take();
}

constexpr std::size_t kUsualInput = 24;  ///< bytes of one with its name

/// As the store writes them; nothing where they are written otherwise.
std::optional<AnalysisInputs> plain_inputs_of(std::string_view text) {
  AnalysisInputs inputs;
  inputs.reserve(text.size() / kUsualInput + 1);
  JsonScan scan(text);
  if (!scan.take('{')) return std::nullopt;
  for (bool first = true; !scan.take('}'); first = false) {
    if (!first && !scan.take(',')) return std::nullopt;
    const auto name = scan.plain_text();
    if (!name || !scan.take(':')) return std::nullopt;
    InputValue value;
    if (const auto words = scan.plain_text()) {
      if (words->starts_with("bits:")) return std::nullopt;
      value = std::string(*words);
    } else if (const auto number = scan.number()) {
      std::visit([&](auto n) { value = n; }, *number);
    } else {
      return std::nullopt;
    }
    if (!inputs.append(*name, std::move(value))) return std::nullopt;  // they were written in order
  }
  if (!scan.at_end()) return std::nullopt;
  return inputs;
}

AnalysisInputs inputs_of(const std::string& text) {
  if (std::optional<AnalysisInputs> plain = plain_inputs_of(text)) return std::move(*plain);
  const Json json = Json::parse(text);
  if (!json.is_object()) sqlite::raise(Errc::bad_data, "the inputs of a waveform are no JSON object");
  AnalysisInputs inputs;
  for (const auto& [name, value] : json.items()) {
    if (value.is_number_integer()) {
      inputs[name] = integer_of<std::int64_t>(value);
    } else if (value.is_number() || (value.is_string() && value.get<std::string>().starts_with("bits:"))) {
      inputs[name] = sqlite::double_of(value);
    } else if (value.is_string()) {
      inputs[name] = value.get<std::string>();
    } else {
      sqlite::raise(Errc::bad_data, fmt::format("the input '{}' of a waveform is neither number nor text", name));
    }
  }
  return inputs;
}

}  // namespace

void write_inputs_json(JsonText& out, const InputRange& inputs) {
  out.open_object();
  write_members(out, inputs);
  out.close_object();
}

void write_waveform_json(JsonText& out, const WaveformRecord& w, CalibrationInputs* calibrations) {
  out.open_object().key("purpose").text(w.purpose).key("sha256").text(w.sha256);
  out.key("file").text(waveform_path(w).generic_string()).key("bytes").whole(w.bytes);
  out.key("samples").whole(w.samples).key("sample_rate_hz").stored_number(w.sample_rate_hz);
  out.key("first_tick").whole(w.first_tick).key("ticks_per_sample").stored_number(w.ticks_per_sample);
  out.key("start_utc").text(format_iso8601(w.start_utc_ns)).key("start_utc_ns").whole(w.start_utc_ns);
  out.key("calibration").text(w.calibration).key("gaps");
  write_gaps(out, w.gaps);
  InputRange left_out{w.inputs.end(), w.inputs.end()};
  if (calibrations != nullptr) {
    const std::optional<std::size_t> number = calibrations->number_of(w.inputs);
    out.key("calibration_inputs");
    number ? out.whole(*number) : out.null();
    left_out = calibrations_among(w.inputs);
  }
  out.key("inputs");
  write_inputs(out, w.inputs, left_out);
  // Only where there are some: what was signed before there were any must give the same bytes.
  if (!w.parts.empty()) {
    out.key("parts").open_array();
    for (const WaveformPart& part : w.parts) {
      out.open_object().key("first_sample").whole(part.first_sample).key("samples").whole(part.samples);
      out.close_object();
    }
    out.close_array();
  }
  out.close_object();
}

namespace rows {
namespace {

/// A set that an earlier phase had is there already.
std::int64_t inputs_row(sqlite::Database& db, std::int64_t run, const std::string& inputs) {
  {
    sqlite::RowReader known(db, "SELECT id FROM calibration_inputs WHERE run = ? AND inputs_json = ?");
    known.bind(1, run).bind(2, inputs);
    if (known.next()) return known.integer("id");
  }
  return sqlite::RowWriter(db, "calibration_inputs").integer("run", run).text("inputs_json", inputs).insert();
}

}  // namespace

void write_waveforms(sqlite::Database& db, std::int64_t run, std::int64_t phase,
                     const std::vector<WaveformRecord>& waveforms) {
  CalibrationInputs sets;
  std::vector<std::int64_t> ids;
  for (const WaveformRecord& w : waveforms) {
    const std::optional<std::size_t> set = sets.number_of(w.inputs);
    if (ids.size() < sets.all().size())
      ids.push_back(
          inputs_row(db, run, json_text_of([&](JsonText& out) { write_inputs_json(out, sets.all().back()); })));
    sqlite::RowWriter row(db, "waveforms");
    row.integer("phase", phase).text("purpose", w.purpose).text("sha256", w.sha256).integer("bytes", w.bytes);
    row.integer("samples", w.samples).real("sample_rate_hz", w.sample_rate_hz).integer("first_tick", w.first_tick);
    row.real("ticks_per_sample", w.ticks_per_sample).integer("start_utc_ns", w.start_utc_ns);
    row.text("calibration", w.calibration);
    row.text("gaps_json", json_text_of([&w](JsonText& out) { write_gaps(out, w.gaps); }));
    if (set) row.integer("calibration_inputs", ids[*set]);
    row.text("inputs_json",
             json_text_of([&w](JsonText& out) { write_inputs(out, w.inputs, calibrations_among(w.inputs)); }));
    if (w.form != WaveformForm::flac) row.text("form", name_of(w.form));
    if (!w.parts.empty()) row.text("parts_json", json_text_of([&w](JsonText& out) { write_parts(out, w.parts); }));
    row.insert();
  }
}

WaveformForm read_form(const sqlite::RowReader& row) {
  if (!row.has("form") || row.null("form")) return WaveformForm::flac;
  if (const std::string form = row.text("form"); form != name_of(WaveformForm::raw))
    sqlite::raise(Errc::bad_data, fmt::format("the form of a waveform is '{}', expected '{}' or nothing", form,
                                              name_of(WaveformForm::raw)));
  return WaveformForm::raw;
}

WaveformReader::WaveformReader(sqlite::Database& db, std::int64_t run)
    : db_(db), run_(run), there_(db.has_table("waveforms")) {}

const AnalysisInputs& WaveformReader::calibrations_of(std::int64_t id) {
  const auto known = calibrations_.find(id);
  if (known != calibrations_.end()) return known->second;
  sqlite::RowReader row(db_, "SELECT inputs_json FROM calibration_inputs WHERE run = ? AND id = ?");
  row.bind(1, run_).bind(2, id);
  if (!row.next()) {
    sqlite::raise(Errc::bad_data, fmt::format("a waveform of {} refers to calibration inputs {}, which are not there",
                                              run_name(run_), id));
  }
  return calibrations_[id] = inputs_of(row.text("inputs_json"));
}

std::vector<WaveformRecord> WaveformReader::of_phase(std::int64_t phase) {
  std::vector<WaveformRecord> waveforms;
  if (!there_) return waveforms;
  sqlite::RowReader row(db_, "SELECT * FROM waveforms WHERE phase = ? ORDER BY id");
  row.bind(1, phase);
  while (row.next()) {
    WaveformRecord w;
    w.form = read_form(row);
    w.purpose = row.text("purpose");
    w.sha256 = row.text("sha256");
    w.bytes = row.count("bytes");
    w.samples = row.count("samples");
    w.sample_rate_hz = row.real("sample_rate_hz");
    w.first_tick = row.count("first_tick");
    w.ticks_per_sample = row.real("ticks_per_sample");
    w.start_utc_ns = row.integer("start_utc_ns");
    w.calibration = row.text("calibration");
    if (const std::string gaps = row.text("gaps_json"); gaps != "[]") {
      for (const auto& gap : Json::parse(gaps))
        w.gaps.push_back({integer_of<std::uint64_t>(gap.at("before_sample")), gap.at("reason").get<std::string>()});
    }
    if (row.has("parts_json") && !row.null("parts_json")) w.parts = parts_of(row.text("parts_json"));
    w.inputs = inputs_of(row.text("inputs_json"));
    if (row.has("calibration_inputs") && !row.null("calibration_inputs")) {
      const std::int64_t id = row.integer("calibration_inputs");
      const AnalysisInputs& of_calibrations = calibrations_of(id);
      std::optional<AnalysisInputs> all = AnalysisInputs::joined(of_calibrations, w.inputs);
      if (!all) {
        const auto twice = std::ranges::find_if(
            w.inputs, [&](const AnalysisInputs::Input& input) { return of_calibrations.contains(input.name); });
        sqlite::raise(Errc::bad_data,
                      fmt::format("a waveform of {} has the input '{}' of its own and of calibration inputs {}",
                                  run_name(run_), twice->name, id));
      }
      w.inputs = std::move(*all);
    }
    waveforms.push_back(std::move(w));
  }
  return waveforms;
}

void WaveformReader::end() const {
  if (!db_.has_table("calibration_inputs")) return;
  sqlite::RowReader row(db_, "SELECT id FROM calibration_inputs WHERE run = ?");
  row.bind(1, run_);
  while (row.next()) {
    if (const std::int64_t id = row.integer("id"); !calibrations_.contains(id))
      sqlite::raise(Errc::bad_data,
                    fmt::format("{} has calibration inputs {}, which no waveform was given", run_name(run_), id));
  }
}

}  // namespace rows
}  // namespace penrig
