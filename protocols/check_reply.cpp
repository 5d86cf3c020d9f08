#include "protocols/check_reply.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "protocols/message_name.hpp"
#include "protocols/session.hpp"

namespace penrig {
namespace {

std::optional<Error> check_hello(const wire::Envelope& reply) {
  if (!reply.has_hello_reply()) {
    return fail(Errc::protocol, fmt::format("hello was answered with {}", message_name(reply)));
  }
  const auto& hello = reply.hello_reply();
  if (hello.protocol_version() != kProtocolVersion) {
    return fail(Errc::protocol, fmt::format("the peer speaks protocol version {}, this program {}",
                                            hello.protocol_version(), kProtocolVersion));
  }
  if (hello.device_kind() != wire::HelloReply::PEN && hello.device_kind() != wire::HelloReply::DAQ) {
    return fail(Errc::protocol, "the peer does not say whether it is a pen or a DAQ");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> check_reply(const wire::Envelope& request, const wire::Envelope& reply) {
  const auto name = message_name(request);
  if (reply.has_refusal()) {
    const auto& refusal = reply.refusal();
    if (refusal.reason() == wire::Refusal::VERSION) {
      return fail(Errc::protocol,
                  fmt::format("the peer does not speak protocol version {}: {}", kProtocolVersion, refusal.text()));
    }
    return fail(Errc::refused, fmt::format("{} was refused: {}", name, refusal.text()));
  }
  if (request.has_hello()) return check_hello(reply);
  const bool fits = (request.has_clock_request() && reply.has_clock_reply()) ||
                    (request.has_pen_request() && (reply.has_pen_reply() || reply.has_done())) ||
                    (request.has_daq_request() && (reply.has_daq_reply() || reply.has_done()));
  if (fits) return std::nullopt;
  return fail(Errc::protocol, fmt::format("{} was answered with {}", name, message_name(reply)));
}

std::optional<Error> check_clock(std::span<const std::uint64_t> sent, const wire::ClockReply& reply) {
  if (std::find(sent.begin(), sent.end(), reply.host_sent_ns()) != sent.end()) return std::nullopt;
  return fail(Errc::protocol, fmt::format("clock_request was answered for host_sent_ns {}, which it did not carry (the "
                                          "last was {})",
                                          reply.host_sent_ns(), sent.back()));
}

}  // namespace penrig
