#include "reports/waveforms/waveform_rows.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "reports/number_format.hpp"
#include "reports/store/row_values.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {

namespace {

using Json = nlohmann::ordered_json;

Json gaps_json(const std::vector<WaveformGap>& gaps) {
  Json list = Json::array();
  for (const WaveformGap& gap : gaps) list.push_back({{"before_sample", gap.before_sample}, {"reason", gap.reason}});
  return list;
}

Json inputs_json(const AnalysisInputs& inputs) {
  Json all = Json::object();
  for (const auto& [name, value] : inputs) {
    if (const auto* number = std::get_if<double>(&value)) {
      all[name] = sqlite::json_of(*number);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      all[name] = *whole;
    } else {
      all[name] = std::get<std::string>(value);
    }
  }
  return all;
}

AnalysisInputs inputs_of(const Json& json) {
  if (!json.is_object()) sqlite::raise(Errc::bad_data, "the inputs of a waveform are no JSON object");
  AnalysisInputs inputs;
  for (const auto& [name, value] : json.items()) {
    if (value.is_number_integer()) {
      inputs[name] = value.get<std::int64_t>();
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

Json waveform_json(const WaveformRecord& w) {
  return Json{{"purpose", w.purpose},
              {"sha256", w.sha256},
              {"file", waveform_path(w.sha256).generic_string()},
              {"bytes", w.bytes},
              {"samples", w.samples},
              {"sample_rate_hz", sqlite::json_of(w.sample_rate_hz)},
              {"first_tick", w.first_tick},
              {"ticks_per_sample", sqlite::json_of(w.ticks_per_sample)},
              {"start_utc", format_iso8601(w.start_utc_ns)},
              {"start_utc_ns", w.start_utc_ns},
              {"calibration", w.calibration},
              {"gaps", gaps_json(w.gaps)},
              {"inputs", inputs_json(w.inputs)}};
}

namespace rows {

void write_waveform(sqlite::Database& db, std::int64_t phase, const WaveformRecord& w) {
  sqlite::RowWriter row(db, "waveforms");
  row.integer("phase", phase).text("purpose", w.purpose).text("sha256", w.sha256).integer("bytes", w.bytes);
  row.integer("samples", w.samples).real("sample_rate_hz", w.sample_rate_hz).integer("first_tick", w.first_tick);
  row.real("ticks_per_sample", w.ticks_per_sample).integer("start_utc_ns", w.start_utc_ns);
  row.text("calibration", w.calibration).text("gaps_json", dumped(gaps_json(w.gaps)));
  row.text("inputs_json", dumped(inputs_json(w.inputs))).insert();
}

std::vector<WaveformRecord> read_waveforms(sqlite::Database& db, std::int64_t phase) {
  std::vector<WaveformRecord> waveforms;
  if (db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'waveforms'") == 0) return waveforms;
  sqlite::RowReader row(db, "SELECT * FROM waveforms WHERE phase = ? ORDER BY id");
  row.bind(1, phase);
  while (row.next()) {
    WaveformRecord w;
    w.purpose = row.text("purpose");
    w.sha256 = row.text("sha256");
    w.bytes = row.count("bytes");
    w.samples = row.count("samples");
    w.sample_rate_hz = row.real("sample_rate_hz");
    w.first_tick = row.count("first_tick");
    w.ticks_per_sample = row.real("ticks_per_sample");
    w.start_utc_ns = row.integer("start_utc_ns");
    w.calibration = row.text("calibration");
    for (const auto& gap : Json::parse(row.text("gaps_json"))) {
      w.gaps.push_back({gap.at("before_sample").get<std::uint64_t>(), gap.at("reason").get<std::string>()});
    }
    w.inputs = inputs_of(Json::parse(row.text("inputs_json")));
    waveforms.push_back(std::move(w));
  }
  return waveforms;
}

}  // namespace rows
}  // namespace penrig
