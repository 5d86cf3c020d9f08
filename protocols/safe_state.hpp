#pragma once

#include <penrig.pb.h>

namespace penrig {

/// The safe-state commands: a pen's stop, a DAQ's withdraw.
inline bool makes_safe(const wire::Envelope& request) {
  return request.pen_request().has_stop() || request.daq_request().has_withdraw();
}

/// Requests that a safe-state command takes back. One that comes late, or again, must not be executed after it.
inline bool starts_motion(const wire::Envelope& request) {
  const auto& pen = request.pen_request();
  const auto& daq = request.daq_request();
  return pen.has_start() || pen.has_jog() || daq.has_move_stage() || daq.has_touch_off();
}

}  // namespace penrig
