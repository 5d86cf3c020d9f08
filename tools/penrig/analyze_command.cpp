#include "tools/penrig/analyze_command.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "fixtures/sim/sim_uri.hpp"
#include "reports/analysis_html.hpp"
#include "reports/atomic_file.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "tools/penrig/analysis_view.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/capture_day.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/output_file.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/without_option.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kNothing = "nothing was measured.";
constexpr std::uint64_t kLargeFile = 100'000'000;  ///< bytes: takes more than a second

Mistake of_whole(std::string file, std::string message) {
  Mistake mistake;
  mistake.file = std::move(file);
  mistake.message = std::move(message);
  return mistake;
}

ExitCode refuse_analysis(const AnalyzeOptions& options, const std::vector<Mistake>& mistakes, ExitCode code) {
  if (options.json) {
    Json json{{"file", options.file}, {"measured", false}};
    json["mistakes"] = Json::array();
    for (const Mistake& m : mistakes) {
      const auto place = [](int n) { return n > 0 ? Json(n) : Json(nullptr); };
      json["mistakes"].push_back(
          {{"file", m.file}, {"line", place(m.line)}, {"column", place(m.column)}, {"message", m.message}});
    }
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  std::cerr << render_mistakes(mistakes, detect_style(STDERR_FILENO), kNothing);
  return code;
}

/// `depth_mm=1.0`
void apply_settings(const std::vector<std::string>& settings, CaptureOptions& options, std::vector<Mistake>& mistakes) {
  constexpr std::array<std::string_view, 4> kKeys = {"depth_mm", "rate_per_min", "contact_exponent", "temperature_c"};
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    const std::string key = setting.substr(0, equals);
    std::optional<double>* const into = key == kKeys[0]   ? &options.depth_mm
                                        : key == kKeys[1] ? &options.rate_per_min
                                        : key == kKeys[2] ? &options.contact_exponent
                                        : key == kKeys[3] ? &options.temperature_c
                                                          : nullptr;
    if (into == nullptr) {
      const auto meant = did_you_mean(key, kKeys);
      mistakes.push_back(of_whole("--set", fmt::format("unknown setting '{}' ({})", key,
                                                       meant ? fmt::format("did you mean '{}'?", *meant)
                                                             : "known: depth_mm, rate_per_min, contact_exponent, "
                                                               "temperature_c")));
      continue;
    }
    double value = 0;
    const std::string text = equals == std::string::npos ? "" : setting.substr(equals + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > 0) || !std::isfinite(value)) {
      mistakes.push_back(of_whole("--set", fmt::format("'{}' needs a number above 0 (write {}=1.0)", setting, key)));
    } else if (*into) {
      mistakes.push_back(of_whole("--set", fmt::format("{} is set twice", key)));
    } else {
      *into = value;
    }
  }
}

struct Descriptions {
  std::optional<RigDescription> rig;
  std::optional<Product> product;
  std::string rig_name, product_name;
};

template <class T>
void take(Loaded<T> loaded, std::optional<T>& into, std::string& name, std::vector<Mistake>& mistakes) {
  mistakes.insert(mistakes.end(), loaded.mistakes.begin(), loaded.mistakes.end());
  if (!loaded.ok()) return;
  name = fmt::format("{} rev {}", loaded.value.name, loaded.value.revision);
  into = std::move(loaded.value);
}

Descriptions load_descriptions(const AnalyzeOptions& options, std::vector<Mistake>& mistakes) {
  Descriptions d;
  const auto text_of = [&](const std::string& path) -> std::optional<std::string> {
    const Result<std::string> text = read_text(path);
    if (text) return *text;
    mistakes.push_back(of_whole(path, text.error().message));
    return std::nullopt;
  };
  if (sim::is_simulated_rig_uri(options.rig)) {
    take(load_rig(simulated_rig_yaml(), kSimulatedRigName), d.rig, d.rig_name, mistakes);
  } else if (!options.rig.empty()) {
    if (const auto text = text_of(options.rig)) take(load_rig(*text, options.rig), d.rig, d.rig_name, mistakes);
  }
  if (!options.product_path.empty()) {
    if (const auto text = text_of(options.product_path)) {
      take(load_product(*text, options.product_path), d.product, d.product_name, mistakes);
    }
  }
  return d;
}

/// For a simulated rig the day on which virtual time begins, as for its runs.
std::int64_t today_utc_ns(const std::string& rig) {
  const auto timeline = sim::is_simulated_rig_uri(rig) ? make_virtual_timeline() : make_real_timeline();
  return timeline->utc_ns(timeline->now());
}

/// A file that says when it began may be of either time.
std::int64_t latest_utc_ns(const std::string& rig) { return std::max(today_utc_ns(rig), today_utc_ns({})); }

/// A capture is evidence: no result may take its place, nor that of another result.
void keep_from_overwriting(const AnalyzeOptions& options, std::vector<Mistake>& mistakes) {
  for (const auto& [option, path] :
       {std::pair{"--strokes", &options.strokes_path}, std::pair{"--html", &options.html_path}}) {
    std::error_code ec;
    if (!path->empty() && fs::equivalent(*path, options.file, ec)) {
      mistakes.push_back(
          of_whole(option, fmt::format("'{}' is the capture itself, and would be replaced (name another)", *path)));
    }
  }
  const Result<void> apart = check_apart({{"--strokes", options.strokes_path}, {"--html", options.html_path}});
  if (!apart) mistakes.push_back(of_whole("--strokes, --html", apart.error().message));
}

ReadProgress progress_on_stderr(std::uint64_t bytes) {
  const TerminalStyle style = detect_style(STDERR_FILENO);
  if (!style.rewrites || bytes < kLargeFile) return {};
  return [bytes, last = std::uint64_t{0}](std::uint64_t read) mutable {
    constexpr std::uint64_t kStep = 8'000'000;
    if (read < last + kStep && read < bytes) return;
    last = read;
    std::fprintf(stderr, "\rreading: %3.0f %% of %.0f MB\033[K",
                 100.0 * static_cast<double>(read) / static_cast<double>(bytes), static_cast<double>(bytes) * 1e-6);
    if (read >= bytes) std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
  };
}

/// Minutes for a long capture: how far it is, where somebody looks on.
std::function<void(std::uint64_t, std::uint64_t)> trials_on_stderr() {
  const TerminalStyle style = detect_style(STDERR_FILENO);
  if (!style.rewrites) return {};
  return [last = std::uint64_t{1'000}](std::uint64_t done, std::uint64_t trials) mutable {
    const std::uint64_t permille = done * 1'000 / trials;
    if (permille == last) return;
    last = permille;
    std::fprintf(stderr, "\rMonte Carlo: %4.1f %% of %llu trials\033[K", static_cast<double>(permille) / 10,
                 static_cast<unsigned long long>(trials));
    if (done >= trials) std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
  };
}

Mistake mistake_of(const CaptureFile& file, const CaptureRefusal& refusal) {
  const std::optional<CaptureColumn>* column = refusal.part == CapturePart::time       ? &file.time_s
                                               : refusal.part == CapturePart::position ? &file.position_mm
                                               : refusal.part == CapturePart::force    ? &file.force_n
                                                                                       : nullptr;
  const std::size_t place = column != nullptr && *column ? (*column)->place : 0;
  if (!refusal.row) return of_whole(file.path, refusal.error.message);
  if (file.line_of(*refusal.row) == 0) {
    return of_whole(file.path, fmt::format("sample {}: {}", *refusal.row, refusal.error.message));
  }
  return mistake_in_row(file, *refusal.row, place, refusal.error.message);
}

CaptureData data_of(const CaptureFile& file, const AnalyzeOptions& options) {
  CaptureData data;
  data.rate_hz = options.rate_hz.value_or(file.sample_rate_hz);
  if (file.time_s) {
    data.time_s = file.time_s->values;
    data.time_step_s = file.time_s->resolution;
  }
  if (file.position_mm) {
    data.position_mm = file.position_mm->values;
    data.position_step_mm = file.position_mm->resolution;
    data.position_exponent = file.position_mm->exponent;
  }
  if (file.force_n) {
    data.force_n = file.force_n->values;
    data.force_step_n = file.force_n->resolution;
    data.force_exponent = file.force_n->exponent;
  }
  return data;
}

bool write_or_complain(const std::string& path, const std::string& bytes, ExitCode& code) {
  if (path.empty()) return true;
  const Result<void> written = replace_file(path, bytes);
  if (written) return true;
  spdlog::error("{}", written.error().message);
  code = exit_code_of(written.error().code);
  return false;
}

}  // namespace

ExitCode analyze_command(const AnalyzeOptions& options) {
  std::vector<Mistake> mistakes;
  CaptureOptions said;
  apply_settings(options.settings, said, mistakes);
  said.surface_mm = options.surface_mm;
  said.delay_us = options.delay_us;
  said.frame_um_per_n = options.frame_um_per_n;
  said.cell_hz = options.cell_hz;
  said.cell_damping = options.cell_damping;
  Descriptions descriptions = load_descriptions(options, mistakes);
  if (options.rig.empty() && !(options.records.empty() && options.date.empty())) {
    mistakes.push_back(of_whole(options.records.empty() ? "--date" : "--records",
                                "says which calibrations of a rig count, and no rig is named (write: --rig RIG)"));
  }
  said.without = read_without(options.without, mistakes);
  for (const CorrectionKind kind : {CorrectionKind::zero, CorrectionKind::scale}) {
    if (said.without.holds(kind)) {
      mistakes.push_back(of_whole(
          "--without", fmt::format("'{}' is nothing that a capture is corrected for: it is in mm and N already, with "
                                   "a zero of its own (leave it out)",
                                   all_corrections()[static_cast<std::size_t>(kind)].name)));
    }
  }
  keep_from_overwriting(options, mistakes);
  const Result<ByteSource> source = open_bytes(options.file);
  if (!source) mistakes.push_back(of_whole(options.file, source.error().message));
  if (!mistakes.empty()) return refuse_analysis(options, mistakes, ExitCode::usage);

  std::error_code ec;
  const std::uintmax_t size = fs::is_regular_file(options.file, ec) ? fs::file_size(options.file, ec) : 0;
  const std::uint64_t bytes = ec ? 0 : size;
  ReadCapture read = read_capture(options.file, *source, bytes, progress_on_stderr(bytes));
  if (!read.ok()) return refuse_analysis(options, read.mistakes, read.in_the_data ? ExitCode::error : ExitCode::usage);
  CaptureFile& file = read.file;
  if (!file.time_s && !options.rate_hz && !(file.sample_rate_hz > 0)) {
    return refuse_analysis(options,
                           {of_whole(options.file,
                                     "no column of times, and nothing says how it was sampled (write a column t_s, "
                                     "or say --rate-hz)")},
                           ExitCode::usage);
  }
  if (file.time_s && options.rate_hz) {
    return refuse_analysis(
        options,
        {of_whole("--rate-hz", fmt::format("the file has times of its own: {} (leave one out)", file.time_s->name))},
        ExitCode::usage);
  }
  if (file.sample_rate_hz > 0 && options.rate_hz) {
    return refuse_analysis(
        options,
        {of_whole("--rate-hz",
                  fmt::format("the file has a rate of its own: {} Hz (leave the option out, or correct the file's tag "
                              "SAMPLE_RATE_HZ)",
                              file.sample_rate_hz))},
        ExitCode::usage);
  }
  const Result<std::string> day = day_of_capture(file.start_utc, options.date, latest_utc_ns(options.rig));
  if (!day) return refuse_analysis(options, {of_whole(options.file, day.error().message)}, ExitCode::usage);
  std::optional<CalibrationChoice> filed;
  if (descriptions.rig) {
    const std::int64_t today = file.start_utc.empty() ? today_utc_ns(options.rig) : latest_utc_ns(options.rig);
    Result<CalibrationChoice> choice = calibrations_of_capture(options.records, *descriptions.rig, *day, today);
    if (!choice) {
      return refuse_analysis(options, {of_whole(options.rig, choice.error().message)},
                             exit_code_of(choice.error().code));
    }
    filed = std::move(*choice);
    descriptions.rig->calibrations = filed->calibrations;
    said.rig = &*descriptions.rig;
    if (std::string note = foreign_calibration(file.calibration, *filed); !note.empty())
      file.notes.push_back(std::move(note));
  }

  if (options.monte_carlo) {
    said.monte_carlo = MonteCarloOptions{.trials = *options.monte_carlo, .seed = options.monte_carlo_seed};
    said.monte_carlo->progress = trials_on_stderr();
  }
  const CaptureResult<CaptureAnalysis> analysis = analyse_capture(data_of(file, options), said);
  if (!analysis) {
    return refuse_analysis(options, {mistake_of(file, analysis.error())}, exit_code_of(analysis.error().error.code));
  }
  AnalysedCapture capture{file, *analysis, nullptr, descriptions.product_name, descriptions.rig_name};
  if (filed) capture.filed = &*filed;
  CaptureJudgement judgement;
  if (descriptions.product) {
    judgement = judge_capture(*analysis, *descriptions.product);
    withhold_passes(judgement.outcome, said.without);
    capture.judgement = &judgement;
  }
  if (options.json) {
    std::cout << analysis_json(capture).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    const TerminalStyle style = detect_style(STDOUT_FILENO);
    for (const Line& line : analysis_text(style, capture)) std::cout << render(style, line);
  }
  // Limits of which none was judged hold nothing.
  const bool judged = !judgement.outcome.decisions.empty();
  ExitCode code = judged                 ? exit_code_of(judgement.outcome.verdict)
                  : descriptions.product ? ExitCode::not_passed
                                         : ExitCode::pass;
  if (!options.strokes_path.empty() && !write_or_complain(options.strokes_path, strokes_csv(*analysis), code))
    return code;
  if (!options.html_path.empty() &&
      !write_or_complain(options.html_path,
                         analysis_html(file, *analysis, capture.judgement, descriptions.product_name), code)) {
    return code;
  }
  return code;
}

}  // namespace penrig::cli
