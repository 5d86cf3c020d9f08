#pragma once

#include <optional>
#include <string>

#include "reports/store/record_store.hpp"

namespace penrig::cli {

/// A slot is locked after a run that reached its devices and ended without a safe state that the sensors confirmed, be
/// it that they said otherwise or that its program died. It follows from the records alone, so that nothing can be
/// forgotten. What lifts it: a later run that ends with a confirmed safe state (every run stops, withdraws and looks
/// before anything else moves, and ends there if the sensors do not agree), or `penrig unlock`, which stands in the
/// audit trail.
struct SlotLock {
  std::string run_id;  ///< the run that left it so
  std::string why;     ///< one sentence
};

/// The lock of a slot; none if it is free. Errors as those of the store.
Result<std::optional<SlotLock>> slot_lock(RecordStore& store, const std::string& rig_name, const std::string& slot);

/// What has to be done at the rig, and what then unlocks the slot; for stderr.
std::string locked_text(const SlotLock& lock, const std::string& rig_name, const std::string& rig_path,
                        const std::string& slot, const std::string& records);

}  // namespace penrig::cli
