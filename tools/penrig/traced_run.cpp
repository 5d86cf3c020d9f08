#include "tools/penrig/traced_run.hpp"

#include <utility>

#include <fmt/format.h>

#include "protocols/tracing_link.hpp"
#include "tools/penrig/built_in.hpp"

namespace penrig::cli {
namespace {

TraceDirection direction_of(LinkDirection direction) {
  return direction == LinkDirection::in ? TraceDirection::in : TraceDirection::out;
}

class TraceTap final : public LinkTap {
 public:
  TraceTap(Timeline& timeline, std::shared_ptr<TraceFile> trace, std::uint32_t link)
      : timeline_(timeline), trace_(std::move(trace)), link_(link) {}
  void passed(TimePoint at, LinkDirection direction, std::span<const std::byte> bytes) override {
    trace_->passed(link_, timeline_.utc_ns(at), direction_of(direction), bytes);
  }
  void failed(TimePoint at, LinkDirection direction, const std::string& why) override {
    trace_->failed(link_, timeline_.utc_ns(at), direction_of(direction), why);
  }

 private:
  Timeline& timeline_;
  std::shared_ptr<TraceFile> trace_;
  std::uint32_t link_;
};

}  // namespace

std::unique_ptr<ByteLink> TracedRun::around(std::unique_ptr<ByteLink> link) {
  if (!trace_) return link;  // no record, so nothing is run
  const std::uint32_t number = trace_->add_link(link->name());
  return make_tracing_link(timeline_, std::move(link), std::make_unique<TraceTap>(timeline_, trace_, number));
}

Result<std::string> TracedRun::open_run(const RunHeader& header) {
  Result<std::string> run_id = store_.open_run(header);
  if (run_id) {
    trace_ = std::make_shared<TraceFile>(store_.folder(), *run_id, fmt::format("penrig {} ({})", kVersion, kCommit),
                                         timeline_.is_virtual());
  }
  return run_id;
}

Result<void> TracedRun::close_run(const std::string& run_id, const RunOutcome& outcome) {
  const Result<LinkTraceRecord> trace = trace_->finish();
  Result<void> named = trace ? store_.add_link_trace(run_id, *trace) : Result<void>(trace.error());
  if (named) return store_.close_run(run_id, outcome);
  RunOutcome failed = outcome;
  failed.deciding.reset();  // no measurement decided it
  failed.verdict = Verdict::error;
  failed.reason = named.error().message + (outcome.reason.empty() ? "" : "; before that: " + outcome.reason);
  if (Result<void> closed = store_.close_run(run_id, failed); !closed) return closed;
  return named;
}

}  // namespace penrig::cli
