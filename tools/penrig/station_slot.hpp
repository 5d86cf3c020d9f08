#pragma once

#include <memory>
#include <string>

#include "fixtures/faults/faulty_bench.hpp"
#include "tools/penrig/station_rig.hpp"
#include "tools/penrig/tapped_sink.hpp"

namespace penrig::cli {

/// A slot, what runs in it, and what is said of that.
class StationRig::Slot final : public RunView, public Prompter {
 public:
  Slot(StationRig& rig, const SlotDescription& description, std::size_t index);

  void begin(const RunIntroduction& introduction) override;
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override;
  void progress(const Progress& progress) override;
  void phase_done(const PhaseRecord& phase) override;
  void event(const RunEvent& event) override;
  void interlocks(const DaqStatus& status) override;
  void ask(std::shared_ptr<OpenPrompt> prompt) override;
  void asked(const OpenPrompt& prompt) override;
  /// The verdict is told before the papers are written: nobody at the line waits for a report.
  void closed(const RunResult& result) override;
  void end(const RunEnd&) override {}
  /// It is as a run before this program left it.
  void was_interrupted(const RunRow& row);

  bool is_free() const { return !status.busy() && !looking && !writing; }

  SlotStatus status;
  const SlotDescription description;
  const std::size_t index;
  std::unique_ptr<StopRequest> stop;
  std::unique_ptr<TappedSink> tap;
  std::unique_ptr<SlotRun> run;                 ///< the last one
  std::unique_ptr<faults::FaultyBench> looked;  ///< of a simulated rig: what a look connects to
  const OfferedPlan* plan = nullptr;            ///< of the run
  std::shared_ptr<OpenPrompt> prompt;           ///< null: it asks nothing
  bool looking = false, watched = false;
  bool writing = false;  ///< the papers of a run that is over: its devices are still held

 private:
  void links_are(bool up, const std::string& detail);

  StationRig& rig_;
  TimePoint told_{};
  std::string lost_;  ///< why a link of this run was lost
};

}  // namespace penrig::cli
