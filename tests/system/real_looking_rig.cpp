#include "tests/system/real_looking_rig.hpp"

#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/post.hpp>
#include <penrig.pb.h>

#include "fixtures/sim/bench.hpp"
#include "protocols/forwarding_link.hpp"
#include "protocols/frame.hpp"
#include "protocols/links.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/served_rig.hpp"

namespace penrig::test {
namespace {

/// The device's end of a link; takes the mark of a simulation out of what it says.
class UnmarkedLink final : public ForwardingLink {
 public:
  using ForwardingLink::ForwardingLink;
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    auto sent = std::make_shared<std::vector<std::byte>>(1, kFrameDelimiter);
    decoder_.feed(bytes, [&](std::span<const std::byte> payload) {
      wire::Envelope envelope;
      envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
      if (envelope.has_hello_reply()) envelope.mutable_hello_reply()->set_simulated(false);
      const auto frame = encode_frame(envelope).value();
      sent->insert(sent->end(), frame.begin(), frame.end());
    });
    return write_kept(inner(), sent);
  }

 private:
  static Awaitable<Result<void>> write_kept(ByteLink& inner, std::shared_ptr<std::vector<std::byte>> bytes) {
    co_return co_await inner.write_all(*bytes);
  }
  FrameDecoder decoder_;
};

}  // namespace

struct RealLookingRig::Impl {
  explicit Impl(const std::string& serial_number) {
    std::promise<std::string> served;
    std::future<std::string> yaml_comes = served.get_future();
    thread = std::thread([this, serial_number, &served] {
      timeline = make_real_timeline();
      stop = std::make_unique<StopRequest>(*timeline);
      timeline->run(serve(serial_number, served));
    });
    yaml = yaml_comes.get();
  }
  ~Impl() {
    boost::asio::post(timeline->io(), [this] { stop->request("the test is over"); });
    thread.join();
  }

  Awaitable<int> serve(std::string serial_number, std::promise<std::string>& served) {
    sim::PlantParameters plant;
    plant.electronics.serial_number = serial_number;
    auto pen = open_pty(*timeline), daq = open_pty(*timeline);
    if (!pen || !daq) throw std::runtime_error("no pty");
    SlotDescription slot;
    slot.name = "1";
    slot.pen_link = "serial:" + pen->second;
    slot.daq_link = "serial:" + daq->second;
    slot.sheet = "sheet-of-the-test";
    const std::vector<SlotDescription> slots{slot};
    std::string text =
        cli::served_rig_yaml(cli::simulated_rig_yaml(), slots, timeline->utc_ns(timeline->now())).value();
    for (const auto& [from, to] :
         {std::pair{"\nsimulated: true ", "\n# "}, std::pair{"\nname: simulated\n", "\nname: bench-2\n"}}) {
      const std::size_t at = text.find(from);
      if (at == std::string::npos) throw std::runtime_error("the built-in rig reads otherwise than this test knows");
      text.replace(at, std::string(from).size(), to);
    }
    auto bench = std::make_unique<sim::Bench>(*timeline, plant, 1);
    auto pen_link = std::make_unique<UnmarkedLink>(std::move(pen->first));
    auto daq_link = std::make_unique<UnmarkedLink>(std::move(daq->first));
    timeline->spawn(bench->serve_pen(std::move(pen_link)));
    timeline->spawn(bench->serve_daq(std::move(daq_link)));
    served.set_value(text);
    while (!stop->requested()) co_await stop->changed().wait_until(kNever);
    co_await bench->shut_down();
    co_return 0;
  }

  std::unique_ptr<Timeline> timeline;
  std::unique_ptr<StopRequest> stop;
  std::string yaml;
  std::thread thread;
};

RealLookingRig::RealLookingRig(const std::string& serial_number) : impl_(std::make_unique<Impl>(serial_number)) {}
RealLookingRig::~RealLookingRig() = default;
std::string RealLookingRig::yaml() const { return impl_->yaml; }

}  // namespace penrig::test
