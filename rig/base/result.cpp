#include "rig/base/result.hpp"

namespace penrig {

const char* name_of(Errc code) {
  switch (code) {
    case Errc::link_lost:
      return "link_lost";
    case Errc::timeout:
      return "timeout";
    case Errc::protocol:
      return "protocol";
    case Errc::refused:
      return "refused";
    case Errc::wrong_device:
      return "wrong_device";
    case Errc::device_fault:
      return "device_fault";
    case Errc::port_missing:
      return "port_missing";
    case Errc::port_busy:
      return "port_busy";
    case Errc::no_motion:
      return "no_motion";
    case Errc::too_few_strokes:
      return "too_few_strokes";
    case Errc::gap_in_record:
      return "gap_in_record";
    case Errc::saturated:
      return "saturated";
    case Errc::bad_data:
      return "bad_data";
    case Errc::calibration:
      return "calibration";
    case Errc::not_determined:
      return "not_determined";
    case Errc::io:
      return "io";
    case Errc::no_space:
      return "no_space";
    case Errc::locked:
      return "locked";
    case Errc::usage:
      return "usage";
    case Errc::aborted:
      return "aborted";
    case Errc::interlock:
      return "interlock";
    case Errc::internal:
      return "internal";
  }
  return "unknown";
}

}  // namespace penrig
