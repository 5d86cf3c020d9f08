#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <penrig.pb.h>

#include "rig/base/result.hpp"

namespace penrig {

/// Why a reply is not what its request asked for; none if it fits. Errc::refused with the device's text, or ::protocol:
/// another version, another kind of message, a peer that is neither pen nor DAQ.
std::optional<Error> check_reply(const wire::Envelope& request, const wire::Envelope& reply);

/// The same for what a clock reply echoes.
/// @param sent  host_sent_ns of every transmission of its request; not empty.
std::optional<Error> check_clock(std::span<const std::uint64_t> sent, const wire::ClockReply& reply);

}  // namespace penrig
