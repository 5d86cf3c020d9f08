// A session's two ends, driven by the input: each byte pair is a step. Requests, time, lost, changed and made-up bytes,
// replies, silence. Whatever comes: every request completes exactly once, a device executes a request of a session at
// most once, memory stays bounded, and nothing crashes.
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <google/protobuf/stubs/logging.h>
#include <penrig.pb.h>

#include "protocols/device_core.hpp"
#include "protocols/frame.hpp"
#include "protocols/session_core.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(std::as_bytes(std::span(data, size))) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto b = std::to_integer<std::uint8_t>(left_.front());
    left_ = left_.subspan(1);
    return b;
  }
  std::span<const std::byte> bytes(std::size_t most) {
    const auto taken = left_.first(std::min(most, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::byte> left_;
};

class Pair {
 public:
  explicit Pair(Input& input) : input_(input) {
    host_.hello(now_, after(1000));
    asked_.insert(1);
  }

  void step() {
    const std::uint8_t what = input_.byte(), how = input_.byte();
    switch (what % 14) {
      case 0:
        pass(host_, to_device_);
        break;
      case 1:
        pass(device_, to_host_);
        break;
      case 2:
        deliver(to_device_, how, [&](auto bytes) { device_.bytes_arrived(now_, bytes); });
        break;
      case 3:
        deliver(to_host_, how, [&](auto bytes) { host_.bytes_arrived(now_, bytes); });
        break;
      case 4:
        damage(how % 2 == 0 ? to_device_ : to_host_, how);
        break;
      case 5:
        now_ = now_ + std::chrono::milliseconds{how};
        host_.time_passed(now_);
        device_.time_passed(now_);
        break;
      case 6:
        ask(how);
        break;
      case 7:
        answer(how);
        break;
      case 8:  // what somebody made up, inside a good frame
        if (const auto frame = encode_frame(input_.bytes(how))) {
          how % 2 == 0 ? device_.bytes_arrived(now_, *frame) : host_.bytes_arrived(now_, *frame);
        }
        break;
      case 9: {
        const auto raw = input_.bytes(how);
        how % 2 == 0 ? device_.bytes_arrived(now_, raw) : host_.bytes_arrived(now_, raw);
        break;
      }
      case 10:
        send_unasked(how);
        break;
      case 11:
        how % 2 == 0 ? host_.go_silent() : host_.speak_again(now_);
        break;
      case 12:
        if (how == 0) device_.link_ended();
        if (how == 1) host_.link_ended(fail(Errc::link_lost, "ended by the fuzzer"));
        if (how == 2) device_.say_goodbye("from the device");
        break;
      default:
        if (how == 0) host_.say_goodbye("from the host");
    }
    look();
  }

  void finish() {
    now_ = after(100'000);
    host_.time_passed(now_);
    device_.time_passed(now_);
    look();
    demand(asked_ == completed_, "every request completes");
  }

 private:
  TimePoint after(int ms) const { return now_ + std::chrono::milliseconds{ms}; }

  template <class Core>
  void pass(Core& core, std::vector<std::byte>& line) {
    const auto bytes = core.take_output(now_);
    if (line.size() < kMostOnLine) line.insert(line.end(), bytes.begin(), bytes.end());
  }
  template <class Arrive>
  void deliver(std::vector<std::byte>& line, std::uint8_t how, Arrive&& arrive) {
    const std::size_t n = how >= 128 ? line.size() : std::min<std::size_t>(how, line.size());
    const std::vector<std::byte> bytes(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(n));
    line.erase(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(n));
    arrive(std::span<const std::byte>(bytes));
  }
  void damage(std::vector<std::byte>& line, std::uint8_t how) {
    if (line.empty()) return;
    const std::size_t at = input_.byte() % line.size();
    const auto place = line.begin() + static_cast<std::ptrdiff_t>(at);
    if (how % 6 < 2) {
      *place ^= static_cast<std::byte>(1 + how / 6);
    } else if (how % 6 < 4) {
      line.erase(place);
    } else if (line.size() < kMostOnLine) {
      const std::vector<std::byte> again(line.begin(), place);
      line.insert(place, again.begin(), again.end());
    }
  }
  void ask(std::uint8_t how) {
    wire::Envelope envelope;
    if (how % 5 == 0) envelope.mutable_clock_request()->set_host_sent_ns(how);
    if (how % 5 == 1) envelope.mutable_pen_request()->mutable_start();
    if (how % 5 == 2) envelope.mutable_pen_request()->mutable_stop();
    if (how % 5 == 3) envelope.mutable_daq_request()->mutable_withdraw();
    if (how % 5 == 4) envelope.mutable_daq_request()->mutable_touch_off();
    const bool is_stop = how % 5 == 2 || how % 5 == 3;
    const auto id =
        host_.request(now_, std::move(envelope), after(50 + how * 8), is_stop ? Urgency::urgent : Urgency::ordinary);
    demand(asked_.insert(id).second, "a request has an id of its own");
  }
  void answer(std::uint8_t how) {
    if (executing_.empty()) return;
    const auto which = executing_[how % executing_.size()];
    executing_.erase(executing_.begin() + how % static_cast<std::ptrdiff_t>(executing_.size()));
    wire::Envelope reply;
    if (how % 3 == 0) {
      reply.mutable_refusal()->set_text("no");
    } else {
      reply.mutable_done();
    }
    device_.reply(which.first, which.second, std::move(reply));
  }
  void send_unasked(std::uint8_t how) {
    wire::Envelope block;
    block.mutable_sample_block()->set_sequence(how);
    block.mutable_sample_block()->set_force(std::string(std::size_t{how} * 20, 'f'));
    device_.send(block);
  }

  void look() {
    demand(device_.queued_bytes() <= DeviceCore::kMaxQueuedBytes + 2 * kMaxFrameBytes, "what waits is bounded");
    while (const auto happening = host_.take_happening()) {
      if (const auto* done = std::get_if<HostCore::Completed>(&*happening)) {
        demand(completed_.insert(done->id).second, "a request completes once");
        demand(done->answer || !done->answer.error().message.empty(), "an error has words");
      }
      if (const auto* lost = std::get_if<HostCore::Lost>(&*happening)) {
        demand(!lost_, "a loss is said once");
        demand(!lost->reason.message.empty(), "a loss has words");
        lost_ = true;
      }
    }
    while (const auto happening = device_.take_happening()) {
      if (const auto* execute = std::get_if<DeviceCore::Execute>(&*happening)) {
        const std::pair id{execute->session, execute->request.request_id()};
        demand(executed_.insert(id).second, "a request of a session is executed once");
        executing_.push_back(id);
      }
    }
    demand(executing_.size() <= executed_.size(), "what is executed was asked for");
  }

  static constexpr std::size_t kMostOnLine = 200'000;
  Input& input_;
  TimePoint now_{};
  HostCore host_{{}, "fuzz"};
  DeviceCore device_{{.is_pen = true, .is_daq = true},
                     [this] { return static_cast<std::uint64_t>(now_.since_start.count() / 1000); },
                     [](wire::Envelope&) {}};
  std::vector<std::byte> to_device_, to_host_;
  std::set<std::uint32_t> asked_, completed_;
  std::set<std::pair<std::uint64_t, std::uint32_t>> executed_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> executing_;
  bool lost_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);  // it complains about every string that is no UTF-8
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Pair pair(input);
  while (!input.empty()) pair.step();
  pair.finish();
  return 0;
}
