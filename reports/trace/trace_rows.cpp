#include "reports/trace/trace_rows.hpp"

#include <string>
#include <utility>

#include "reports/json_integer.hpp"
#include "reports/store/row_values.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

Json links_json(const LinkTraceRecord& trace) {
  Json list = Json::array();
  for (const TracedLink& link : trace.links)
    list.push_back({{"name", link.name}, {"bytes_in", link.bytes_in}, {"bytes_out", link.bytes_out}});
  return list;
}

}  // namespace

Json link_trace_json(const LinkTraceRecord& trace) {
  return Json{{"sha256", trace.sha256},
              {"file", waveform_path(trace.sha256, kTraceSuffix).generic_string()},
              {"bytes", trace.bytes},
              {"chunks", trace.chunks},
              {"links", links_json(trace)}};
}

namespace rows {

void write_link_trace(sqlite::Database& db, std::int64_t run, const LinkTraceRecord& trace) {
  sqlite::RowWriter row(db, "link_traces");
  row.integer("run", run).text("sha256", trace.sha256).integer("bytes", trace.bytes);
  row.integer("chunks", trace.chunks).text("links_json", dumped(links_json(trace))).insert();
}

std::optional<LinkTraceRecord> read_link_trace(sqlite::Database& db, std::int64_t run) {
  if (!db.has_table("link_traces")) return std::nullopt;
  sqlite::RowReader row(db, "SELECT * FROM link_traces WHERE run = ? ORDER BY id");
  row.bind(1, run);
  if (!row.next()) return std::nullopt;
  LinkTraceRecord trace;
  trace.sha256 = row.text("sha256");
  trace.bytes = row.count("bytes");
  trace.chunks = row.count("chunks");
  for (const Json& link : Json::parse(row.text("links_json"))) {
    trace.links.push_back({link.at("name").get<std::string>(), integer_of<std::uint64_t>(link.at("bytes_in")),
                           integer_of<std::uint64_t>(link.at("bytes_out"))});
  }
  return trace;
}

}  // namespace rows
}  // namespace penrig
