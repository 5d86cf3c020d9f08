#include "tests/system/failing_step.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "penrig.pb.h"
#include "protocols/frame.hpp"
#include "protocols/message_name.hpp"
#include "tests/system/framewise_link.hpp"

namespace penrig::test {
namespace {

using Bytes = std::vector<std::byte>;

void append_frame(Bytes& to, const wire::Envelope& message) {
  const Bytes frame = encode_frame(message).value();
  to.insert(to.end(), frame.begin(), frame.end());
}

bool is_request(const wire::Envelope& message) { return message.request_id() != 0 && !message.has_heartbeat(); }

class FailingStepLink final : public FramewiseLink {
 public:
  FailingStepLink(std::unique_ptr<ByteLink> inner, bool is_pen, FailingStep& step)
      : FramewiseLink(std::move(inner)), is_pen_(is_pen), step_(step) {}

  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    Bytes out;
    bool closes = false;
    (void)for_each_frame(Bytes(bytes.begin(), bytes.end()),
                         [&](std::span<const std::byte> frame) { closes = pass_on(frame, out) || closes; });
    if (closes) {
      inner().close();
      co_return fail(Errc::link_lost, inner().name() + ": closed by the test");
    }
    if (out.empty()) co_return Result<void>{};
    const std::span<const std::byte> all(out);
    co_return co_await inner().write_all(all);
  }

 private:
  /// True: the link ends here.
  bool pass_on(std::span<const std::byte> frame, Bytes& out) {
    std::optional<wire::Envelope> message = message_in(frame);
    if (message && is_request(*message)) {
      if (seen_.insert(message->request_id()).second) {
        if (step_.fault != StepFault::none && step_.sent.size() == step_.at) {
          victim_id_ = message->request_id();
          step_.victim = std::string(message_name(*message));
          step_.victim_of_pen = is_pen_;
        }
        step_.sent.emplace_back(message_name(*message));
      }
      if (victim_id_ == message->request_id()) return fail_it(*message, frame, out);
    }
    out.insert(out.end(), frame.begin(), frame.end());
    return false;
  }

  bool fail_it(wire::Envelope& message, std::span<const std::byte> frame, Bytes& out) {
    switch (step_.fault) {
      case StepFault::closed:
        return true;
      case StepFault::lost:
        return false;
      case StepFault::refused:
        // What no device knows is what it refuses.
        is_pen_ ? (void)message.mutable_daq_request()->mutable_identify()
                : (void)message.mutable_pen_request()->mutable_identify();
        append_frame(out, message);
        return false;
      case StepFault::wrong_reply:
        wrong_request(message);
        append_frame(out, message);
        return false;
      case StepFault::unanswered:
      case StepFault::none:
        break;
    }
    out.insert(out.end(), frame.begin(), frame.end());
    return false;
  }

  /// Another request of the same device, whose reply does not fit.
  void wrong_request(wire::Envelope& message) const {
    if (is_pen_) {
      const bool asks_status = message.pen_request().has_get_status();
      message.clear_body();
      auto* pen = message.mutable_pen_request();
      asks_status ? (void)pen->mutable_identify() : (void)pen->mutable_get_status();
    } else {
      const bool asks_status = message.daq_request().has_get_status();
      message.clear_body();
      auto* daq = message.mutable_daq_request();
      asks_status ? (void)daq->mutable_identify() : (void)daq->mutable_get_status();
    }
  }

  void arrived(std::span<const std::byte> frame, Bytes& ready) override {
    if (step_.fault == StepFault::unanswered && victim_id_) {
      const std::optional<wire::Envelope> message = message_in(frame);
      if (message && message->request_id() == *victim_id_) return;
    }
    ready.insert(ready.end(), frame.begin(), frame.end());
  }

  bool is_pen_;
  FailingStep& step_;
  std::set<std::uint32_t> seen_;
  std::optional<std::uint32_t> victim_id_;
};

}  // namespace

const char* name_of(StepFault fault) {
  switch (fault) {
    case StepFault::none:
      return "none";
    case StepFault::refused:
      return "refused";
    case StepFault::lost:
      return "lost";
    case StepFault::unanswered:
      return "unanswered";
    case StepFault::wrong_reply:
      return "wrong reply";
    case StepFault::closed:
      return "link closed";
  }
  return "unknown";
}

std::unique_ptr<ByteLink> failing_step_link(std::unique_ptr<ByteLink> inner, bool is_pen, FailingStep& step) {
  return std::make_unique<FailingStepLink>(std::move(inner), is_pen, step);
}

}  // namespace penrig::test
