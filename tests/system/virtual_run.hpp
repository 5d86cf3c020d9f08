#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "fixtures/bench_ports.hpp"
#include "protocols/byte_link.hpp"
#include "reports/recompute/recompute.hpp"
#include "reports/scratch_directory.hpp"
#include "rig/record/run_record.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {
class RecordStore;
}

namespace penrig::test {

std::string read_text(const std::filesystem::path& path);

/// What a run in virtual time is given, and what happens to it on the way.
struct VirtualRun {
  std::string uri = "sim:seed=1";                   ///< seed, defects, ...
  std::string plan = "rig/plans/swarm-sweep.yaml";  ///< relative to the source tree
  std::string serial_number = "PRO-0001";
  std::function<void(Plan&)> change_plan;
  std::function<void(sim::PlantParameters&)> change_plant;
  std::function<void(RigDescription&)> change_rig;
  WithoutCorrections without{};
  /// Started beside the run, on its timeline; may press the e-stop, request a stop, cut links.
  std::function<Awaitable<void>(Timeline&, InProcessRig&, StopRequest&)> meanwhile;
  /// The pen's link (or the DAQ's) of the first connection breaks after so many bytes; 0 = never.
  std::uint64_t pen_link_bytes = 0, daq_link_bytes = 0;
  /// A byte of the pen's link is lost with this probability, on every connection.
  double pen_drop_per_byte = 0;
  std::uint64_t drop_seed = 1;
  /// Its numbers are derived again from its waveforms, and must be the same. Only for tests that count their time.
  bool recomputed = true;
  /// Puts something between the host and a device, on every connection.
  std::function<std::unique_ptr<ByteLink>(Timeline&, std::unique_ptr<ByteLink>, bool is_pen)> around_link;
  /// Puts something between the host and the pen over BLE, which is connected when a phase of the plan drives it so.
  std::function<std::unique_ptr<ByteLink>(Timeline&, std::unique_ptr<ByteLink>)> around_ble;
  RunObserver* watched_by = nullptr;  ///< nullptr: by nobody
  /// Looks at the store when the run is over.
  std::function<void(RecordStore&)> afterwards;
  /// Puts something between the run and its store.
  std::function<std::unique_ptr<RecordSink>(RecordSink&)> before_store;
};

struct VirtualResult {
  RunResult result;
  RunRecord record;  ///< as read back from the store; empty if no run was opened
  double rig_seconds = 0;
  std::string json, html;
  Recomputation again;  ///< of every run that was opened
};

/// The production path: protocol, sequencer, store; in virtual time. Then all of it again from the waveforms: a number
/// that differs fails the test. Throws when something cannot be loaded.
VirtualResult run_virtual(const VirtualRun& what);

}  // namespace penrig::test
