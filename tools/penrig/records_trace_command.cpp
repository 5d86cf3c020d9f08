#include <cstdio>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/capture/byte_source.hpp"
#include "reports/digest.hpp"
#include "reports/number_format.hpp"
#include "reports/store/record_store.hpp"
#include "reports/trace/pcapng.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/terminal.hpp"
#include "tools/penrig/traced_frames.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Where the trace lies; its bytes are those that the record names.
Result<std::string> trace_of(const RecordsTraceOptions& options) {
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (!store) return store.error();
  const Result<RunRecord> run = (*store)->load_run(options.run_id);
  if (!run) return run.error();
  if (!run->link_trace) {
    return fail(Errc::usage, fmt::format("{} kept no trace of its links (penrig run --trace does, for a run to come)",
                                         options.run_id));
  }
  const std::string file =
      (std::filesystem::path(options.records) / waveform_path(run->link_trace->sha256, kTraceSuffix)).string();
  const auto wrong = [&](const std::string& why) { return fail(Errc::bad_data, fmt::format("{}: {}", file, why)); };
  std::ifstream bytes(file, std::ios::binary);
  if (!bytes) return wrong("the trace that the record names is not there, or cannot be read");
  if (const std::string found = sha256_hex(bytes); found != run->link_trace->sha256)
    return wrong(fmt::format("is damaged (its SHA-256 is {}...)", found.substr(0, 16)));
  return file;
}

/// Counts of what was told.
struct Told {
  std::vector<std::string> links;
  std::uint64_t frames = 0, bad = 0;
};

const char* name_of(TraceDirection direction) { return direction == TraceDirection::in ? "in" : "out"; }

void print_json(const TracedFrame& frame, const Told& told) {
  const Json json{{"utc", format_iso8601(frame.utc_ns)},
                  {"utc_ns", frame.utc_ns},
                  {"link", frame.link},
                  {"link_name", told.links.at(frame.link)},
                  {"direction", name_of(frame.direction)},
                  {"message", frame.message.empty() ? Json(nullptr) : Json(frame.message)},
                  {"request_id", frame.request_id == 0 ? Json(nullptr) : Json(frame.request_id)},
                  {"bytes", frame.bytes},
                  {"bad", frame.bad},
                  {"note", frame.note}};
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

void print_text(const TracedFrame& frame, const TerminalStyle& style, std::int64_t began_utc_ns) {
  const std::string what = frame.bad ? "bad frame" : frame.message.empty() ? "link" : frame.message;
  const std::string request = frame.request_id == 0 ? "" : fmt::format("#{}", frame.request_id);
  const double since_s = static_cast<double>(frame.utc_ns - began_utc_ns) * 1e-9;
  std::cout << render(style, {{fmt::format("{:12.6f} s  {} {:<3}  {:<18} {:<7} {:>6} bytes  ", since_s, frame.link,
                                           name_of(frame.direction), what, request, frame.bytes)},
                              {frame.note}});
}

}  // namespace

ExitCode records_trace_command(const RecordsTraceOptions& options) {
  const Result<std::string> file = trace_of(options);
  if (!file) return complain(file.error());
  const Result<ByteSource> bytes = open_bytes(*file);
  if (!bytes) return complain(fail(bytes.error().code, *file + ": " + bytes.error().message));
  const TerminalStyle style = detect_style(1);
  Told told;
  std::optional<std::int64_t> began_utc_ns;
  TracedFrames frames([&](const TracedFrame& frame) {
    if (!began_utc_ns) began_utc_ns = frame.utc_ns;
    if (!frame.message.empty() || frame.bad) ++told.frames;
    if (frame.bad) ++told.bad;
    options.json ? print_json(frame, told) : print_text(frame, style, *began_utc_ns);
  });
  TraceReader reader;
  reader.on_section = [&](std::string_view comment) {
    if (!options.json) std::cout << render(style, {{"trace    ", Ink::label}, {std::string(comment)}});
  };
  reader.on_link = [&](std::string_view name) {
    told.links.emplace_back(name);
    if (!options.json)
      std::cout << render(style, {{fmt::format("link {}   ", told.links.size() - 1)}, {std::string(name)}});
  };
  reader.on_chunk = [&](const TraceChunk& chunk) { frames.add(chunk); };
  const Result<void> read = read_trace(*bytes, reader);
  if (!read) return complain(fail(read.error().code, *file + ": " + read.error().message));
  frames.finish();
  if (!options.json) {
    std::cout << render(style, {{fmt::format("{} frames, {} of them bad", told.frames, told.bad)}})
              << render(style, {{"file     ", Ink::label}, {*file + " (Wireshark opens it)"}});
  }
  return ExitCode::pass;
}

}  // namespace penrig::cli
