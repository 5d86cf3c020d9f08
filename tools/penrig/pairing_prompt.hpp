#pragma once

#include <functional>

#include "protocols/ble/ble_link.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// Asks whoever sits at the terminal what a pen wants to know before it lets itself be paired: on stderr, answered on
/// the standard input, within 45 s. Where either is no terminal nobody is asked: then a pen can only be paired that
/// asks nothing (protocols/ble/agent.hpp says what to do with another).
/// @param look_for_signals  called while it waits; a run that is stopped meanwhile is an answer of no.
PairingOperator pairing_at_terminal(Timeline& timeline, StopRequest& stop, std::function<void()> look_for_signals);

}  // namespace penrig::cli
