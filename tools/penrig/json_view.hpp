#pragma once

#include <iosfwd>
#include <string>
#include <utility>

#include <nlohmann/json_fwd.hpp>

#include "rig/base/timeline.hpp"
#include "tools/penrig/run_view.hpp"

namespace penrig::cli {

/// A run as one JSON object a line, each with "event": header, connected, progress (at most five a second of the rig's
/// time), phase, event, result. Numbers carry their unit in the key; one that is not finite is a
/// word ("NaN"), one that is not there is null.
class JsonView final : public RunView {
 public:
  /// @param slot  stands in each line, where several slots write; empty: only in the header.
  JsonView(std::ostream& out, const Timeline& timeline, std::string slot = "")
      : out_(out), timeline_(timeline), slot_(std::move(slot)) {}

  void begin(const RunIntroduction& introduction) override;
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override;
  void progress(const Progress& progress) override;
  void phase_done(const PhaseRecord& phase) override;
  void event(const RunEvent& event) override;
  void end(const RunEnd& end) override;

 private:
  void write(const nlohmann::ordered_json& object);
  nlohmann::ordered_json line(const char* event) const;

  std::ostream& out_;
  const Timeline& timeline_;
  std::string slot_;
  bool progress_said_ = false;
  TimePoint last_progress_;
};

/// What kept a run from its beginning, "event": "refused".
void write_refused_json(std::ostream& out, const std::string& message, const std::string& slot = "");

/// Mistakes as JSON lines, "event": "mistake" each.
void write_mistakes_json(std::ostream& out, const std::vector<Mistake>& mistakes);

}  // namespace penrig::cli
