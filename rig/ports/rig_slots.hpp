#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"
#include "rig/ports/observer.hpp"
#include "rig/ports/prompter.hpp"
#include "rig/ports/waveform_writer.hpp"
#include "rig/record/measurement.hpp"

namespace penrig {

/// What a run asks right now.
struct AskedPrompt {
  std::string id;  ///< never used twice
  PromptPhase what;
  std::vector<std::string> pictures;  ///< their SHA-256, in the order of `what`
  std::int64_t until_utc_ns = 0;
};
/// One of its pictures.
struct PromptImage {
  std::string type;  ///< "image/png"
  std::string bytes;
};

/// What a slot is doing, and what its last run came to. It stays until the next run in it begins.
struct SlotStatus {
  enum class State { idle, checking, running, refused, ended };
  std::string slot;
  State state = State::idle;
  std::string serial_number, plan, product;  ///< of that run
  std::string run_id;                        ///< empty: no record yet
  Progress progress;
  std::optional<AskedPrompt> prompt{};                ///< of a run that waits for a person
  std::int64_t started_utc_ns = 0, ended_utc_ns = 0;  ///< 0: not known, or not yet
  std::string void_as_certificate;  ///< why it certifies nothing: "SIMULATED", "ENGINEERING"; empty: it certifies
  // Of a run that has ended.
  Verdict verdict = Verdict::not_judged;  ///< PASS only once its record is durable
  bool interrupted = false;               ///< its program died; the verdict is an ERROR
  std::string reason;                     ///< one sentence; of a run that was refused as well
  std::string decided_by;                 ///< "D1, penetration, 2.5 mm at 9000/min"; empty: nothing did
  bool safe_state_confirmed = false;

  bool busy() const { return state == State::checking || state == State::running; }
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

/// One step of a plan as it is laid out: what Progress::step counts.
struct PlannedStep {
  std::string name, kind;
  std::optional<double> depth_mm, rate_per_min;
  double planned_s = 0;
  std::uint32_t strokes = 0;  ///< judged ones; 0: none
};
/// What a measurand may be, at a setting or everywhere.
struct PlannedLimit {
  std::string requirement, measurand, title, unit;
  std::optional<double> depth_mm, rate_per_min;  ///< none: of every one
  std::optional<double> lower, upper;
};

/// A plan that may be run here.
struct OfferedPlan {
  std::string name, title, product;  ///< product: its name
  std::uint32_t revision = 0;
  std::string serial_pattern;  ///< of the product's serial numbers, ECMAScript
  std::string gtin;            ///< of the product, 14 digits; empty: not stated
  double planned_s = 0;
  std::vector<PlannedStep> steps;
  std::vector<PlannedLimit> limits;
  std::string golden_plan;   ///< of the golden-pen check that it demands; empty: none
  double golden_within_h{};  ///< how old that may be
};

struct StartRequest {
  std::string slot, plan, serial_number;
  std::string who;     ///< for the record
  std::string reason;  ///< why again; empty: for the first time
  std::string second;  ///< who signs for that besides; empty: nobody
};
/// What a start lacks.
enum class StartLacks : unsigned char { nothing, reason, second };

/// Measured in a step that has just ended; nothing of it is judged yet.
struct SlotReadings {
  struct Value {
    std::string measurand, title, unit;
    double value = 0;
    std::optional<double> lower, upper;
  };
  std::string slot;
  std::size_t step = 0;
  std::vector<Value> values;
  std::vector<double> strokes_mm;  ///< depth of each stroke
};

/// The bench itself, as far as it was heard: of a slot that nobody has connected to, nothing is known.
struct BenchStatus {
  struct Interlock {
    std::string name, slot;
    std::string kind;  ///< "estop", "door", "other"
    bool ok = true;
    std::int64_t since_utc_ns = 0;
  };
  struct Link {
    std::string name, slot;
    bool up = false;
    std::string detail;
  };
  std::vector<Interlock> interlocks;
  std::vector<Link> links;
};

/// Whoever is told what happens in the slots: on the rig's thread, must not block.
class SlotListener {
 public:
  virtual ~SlotListener() = default;
  virtual void changed(const SlotStatus& status) = 0;
  /// Samples of a slot that are being recorded, with what makes quantities of them.
  virtual void samples(const std::string& slot, const WaveformHead& head, const SampleBlock& block) = 0;
  virtual void readings(const SlotReadings& readings) = 0;
  virtual void bench_changed(const BenchStatus& bench) = 0;
};

/// A rig whose slots can be started and stopped, one by one, while others run. What the web station drives, and all
/// that it knows of a rig. On the rig's thread unless said; nothing blocks.
class RigSlots {
 public:
  virtual ~RigSlots() = default;
  virtual std::string rig_name() const = 0;
  virtual bool simulated() const = 0;
  virtual const std::vector<OfferedPlan>& plans() const = 0;
  virtual std::vector<SlotStatus> slots() const = 0;  ///< in the order of the bench
  virtual BenchStatus bench() const = 0;
  /// Whether a start wants to say more. Reads files and records: called on a worker. Errors as start().
  virtual Result<StartLacks> lacks(const StartRequest& request) const = 0;
  /// Begins a run; what becomes of it is told to the listener. Errc::usage: no such slot or plan, no serial number of
  /// its product; ::refused: the slot is busy, or the pen runs in another.
  virtual Result<void> start(const StartRequest& request) = 0;
  /// Safe state, ABORTED record. Errc::usage: no such slot; ::refused: nothing runs there.
  virtual Result<void> stop(const std::string& slot, const std::string& why) = 0;
  virtual void stop_all(const std::string& why) = 0;
  /// Answers what the run in a slot asks; as it is recorded. Errc::refused: that question is over, or was never asked
  /// there; ::usage: no such slot, or no answer that it takes.
  virtual Result<std::string> answer(const std::string& slot, const std::string& id, const AnswerValue& value,
                                     const std::string& who) = 0;
  /// By its SHA-256; none: no run shows such a picture.
  virtual std::optional<PromptImage> picture(const std::string& sha256) const = 0;
  /// Connects to a slot in which nothing runs, makes it safe and looks at its links and interlocks; it is `checking`
  /// meanwhile, then `idle`, or `refused` with the reason. Errors as stop().
  virtual Result<void> check(const std::string& slot) = 0;
  /// At most one; null: nobody. It outlives this, or is taken away.
  virtual void tell(SlotListener* listener) = 0;
};

}  // namespace penrig
