#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/bench_ports.hpp"
#include "reports/recompute/recompute.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/prompter.hpp"
#include "rig/run/sequencer.hpp"
#include "rig/spec/load.hpp"

namespace penrig::test {

/// One run in virtual time whose questions the test answers.
class PromptRun {
 public:
  /// @param plan  relative to the source tree.
  explicit PromptRun(const std::string& plan = "rig/plans/inspect-pro.yaml");

  /// What somebody does when a question is there, on the run's loop.
  using Person = std::function<void(const std::shared_ptr<OpenPrompt>&)>;

  struct Inputs {
    Plan plan;
    Product product;
    RigDescription rig;
    sim::PlantParameters plant;
  } inputs;
  Person person;  ///< none: nobody can be asked
  /// Puts something between the host and a device, on every connection.
  std::function<std::unique_ptr<ByteLink>(std::unique_ptr<ByteLink>, bool is_pen)> around_link;

  // Of the run, from when it began.
  Timeline& timeline() { return *timeline_; }
  InProcessRig& rig() { return *rig_; }
  StopRequest& stop() { return *stop_; }
  /// Does it later, on the run's loop.
  void after(Nanoseconds time, std::function<void()> act);

  /// To its end. What is read back from the store must verify, and derive again to the same.
  void go();
  RunResult result;
  RunRecord record;
  std::vector<std::string> asked;   ///< names of prompts, as they came
  int open_at_end = 0;              ///< questions that nobody closed
  std::vector<std::string> faults;  ///< of the store and of the derivation

  const Decision* decision(const std::string& requirement) const;
  const Measurement* answer(const std::string& prompt) const;
  const PhaseRecord* phase(const std::string& name) const;

 private:
  ScratchDirectory folder_;
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<InProcessRig> rig_;
  std::unique_ptr<StopRequest> stop_;
};

/// Answers each prompt of the example as it should be, after some seconds.
PromptRun::Person somebody_who_passes(PromptRun& run);
/// The same, but for one prompt, to which something else is answered.
PromptRun::Person somebody_who_says(PromptRun& run, const std::string& prompt, AnswerValue value);

}  // namespace penrig::test
