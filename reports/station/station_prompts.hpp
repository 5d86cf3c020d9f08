#pragma once

#include <nlohmann/json.hpp>

#include "rig/ports/rig_slots.hpp"

namespace penrig::station {

/// A question as a page shows it.
nlohmann::ordered_json prompt_json(const AskedPrompt& prompt);

}  // namespace penrig::station
