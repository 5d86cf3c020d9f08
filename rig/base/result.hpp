#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace penrig {

/// Why something that is expected to happen now and then did happen. Grouped by what it means for a verdict or an exit
/// code.
enum class Errc {
  // The link or the device at its other end.
  link_lost,     ///< the byte stream ended, or the peer is silent beyond its limit
  timeout,       ///< an answer did not come before its deadline
  protocol,      ///< the peer said something that the grammar does not allow, or speaks another version
  refused,       ///< the peer understood and said no
  wrong_device,  ///< the peer is not the one that was asked for
  device_fault,  ///< the device reports a fault of its own
  port_missing,  ///< no such port
  port_busy,     ///< the port is held by another program
  // What was measured cannot carry a number.
  no_motion,
  too_few_strokes,
  gap_in_record,
  saturated,
  bad_data,
  calibration,
  not_determined,
  // The machine.
  io,
  no_space,
  locked,
  // The user.
  usage,  ///< a mistake in what the user wrote
  // The run.
  aborted,
  interlock,
  internal,
};

/// One lower-case word per code, as records and JSON carry it.
const char* name_of(Errc code);

/// An error that can reach a person: names the thing, the value, what was expected, and what to do.
struct Error {
  Errc code;
  std::string message;
};

/// Thrown by Result::value() and at start-up only.
class ErrorException : public std::runtime_error {
 public:
  explicit ErrorException(Error e) : std::runtime_error(e.message), error(std::move(e)) {}
  Error error;
};

[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&) {
  throw ErrorException(e);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error fail(Errc code, std::string message) { return Error{code, std::move(message)}; }

}  // namespace penrig
