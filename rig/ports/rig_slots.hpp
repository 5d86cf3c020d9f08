#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"
#include "rig/ports/observer.hpp"
#include "rig/ports/waveform_writer.hpp"
#include "rig/record/measurement.hpp"

namespace penrig {

/// What a slot is doing, and what its last run came to. It stays until the next run in it begins.
struct SlotStatus {
  enum class State { idle, checking, running, refused, ended };
  std::string slot;
  State state = State::idle;
  std::string serial_number, plan, product;  ///< of that run
  std::string run_id;                        ///< empty: no record yet
  Progress progress;
  // Of a run that has ended.
  Verdict verdict = Verdict::not_judged;  ///< PASS only once its record is durable
  std::string reason;                     ///< one sentence; of a run that was refused as well
  std::string decided_by;                 ///< "D1, penetration, 2.5 mm at 9000/min"; empty: nothing did
  bool safe_state_confirmed = false;
};
constexpr const char* name_of(SlotStatus::State state) {
  switch (state) {
    case SlotStatus::State::idle:
      return "idle";
    case SlotStatus::State::checking:
      return "checking";
    case SlotStatus::State::running:
      return "running";
    case SlotStatus::State::refused:
      return "refused";
    case SlotStatus::State::ended:
      return "ended";
  }
  return "unknown";
}

/// A plan that may be run here.
struct OfferedPlan {
  std::string name, title, product;  ///< product: its name
  std::uint32_t revision = 0;
  std::string serial_pattern;  ///< of the product's serial numbers, ECMAScript
  double planned_s = 0;
};

struct StartRequest {
  std::string slot, plan, serial_number;
  std::string who;     ///< for the record
  std::string reason;  ///< why again; empty: for the first time
};

/// Whoever is told what happens in the slots: on the rig's thread, must not block.
class SlotListener {
 public:
  virtual ~SlotListener() = default;
  virtual void changed(const SlotStatus& status) = 0;
  /// Samples of a slot that are being recorded, with what makes quantities of them.
  virtual void samples(const std::string& slot, const WaveformHead& head, const SampleBlock& block) = 0;
};

/// A rig whose slots can be started and stopped, one by one, while others run. What the web station drives, and all
/// that it knows of a rig. On the rig's thread; nothing blocks.
class RigSlots {
 public:
  virtual ~RigSlots() = default;
  virtual std::string rig_name() const = 0;
  virtual bool simulated() const = 0;
  virtual const std::vector<OfferedPlan>& plans() const = 0;
  virtual std::vector<SlotStatus> slots() const = 0;  ///< in the order of the bench
  /// Begins a run; what becomes of it is told to the listener. Errc::usage: no such slot or plan, no serial number of
  /// its product; ::refused: the slot is busy, or the pen runs in another.
  virtual Result<void> start(const StartRequest& request) = 0;
  /// Safe state, ABORTED record. Errc::usage: no such slot; ::refused: nothing runs there.
  virtual Result<void> stop(const std::string& slot, const std::string& why) = 0;
  virtual void stop_all(const std::string& why) = 0;
  /// At most one; null: nobody. It outlives this, or is taken away.
  virtual void tell(SlotListener* listener) = 0;
};

}  // namespace penrig
