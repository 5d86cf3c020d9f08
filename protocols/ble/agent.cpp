#include "protocols/ble/agent.hpp"

#include <utility>

#include "protocols/ble/bus_call.hpp"
#include "protocols/ble/explain.hpp"
#include "protocols/ble/picture.hpp"

namespace penrig::ble {
namespace {

constexpr const char* kAgentPath = "/penrig/agent";
constexpr const char* kAgentInterface = "org.bluez.Agent1";
constexpr const char* kAgentManager = "org.bluez.AgentManager1";

sdbus::Error rejected() { return sdbus::Error("org.bluez.Error.Rejected", "the operator said no"); }

/// What an answer needs; kept by whoever still thinks about it.
struct Asking {
  std::shared_ptr<Bluez> bluez;
  PairingOperator pairing;

  std::string pen(const std::string& path) const {
    const auto device = bluez->device(path);
    if (!device) return path;
    return device->name.empty() ? device->address : device->name + " (" + device->address + ")";
  }
};
using AskingPtr = std::shared_ptr<Asking>;

/// An answer that comes when the bus is gone has nobody to go to.
template <class Answer>
void give(const Asking& asking, const Answer& answer) {
  try {
    answer();
    asking.bluez->bus().kick();
  } catch (const sdbus::Error&) {
    return;
  }
}

Awaitable<void> answer_confirmation(AskingPtr asking, std::string path, std::uint32_t number, sdbus::Result<> answer) {
  const bool yes = co_await asking->pairing.confirm(asking->pen(path), number);
  give(*asking, [&] { yes ? answer.returnResults() : answer.returnError(rejected()); });
}

Awaitable<void> answer_passkey(AskingPtr asking, std::string path, sdbus::Result<std::uint32_t> answer) {
  const std::optional<std::uint32_t> number = co_await asking->pairing.passkey(asking->pen(path));
  give(*asking, [&] { number ? answer.returnResults(*number) : answer.returnError(rejected()); });
}

/// As bluetoothd names what a host can show and ask.
std::string capability(const PairingOperator& pairing) {
  if (pairing.confirm && pairing.passkey) return "KeyboardDisplay";
  if (pairing.confirm) return "DisplayYesNo";
  return pairing.passkey ? "KeyboardOnly" : "NoInputNoOutput";
}

class BusAgent final : public PairingAgent {
 public:
  BusAgent(Timeline& timeline, std::shared_ptr<Bluez> bluez, PairingOperator pairing)
      : asking_(std::make_shared<Asking>(Asking{std::move(bluez), std::move(pairing)})),
        object_(sdbus::createObject(asking_->bluez->bus().connection(), kAgentPath)) {
    object_->registerMethod("Release").onInterface(kAgentInterface).implementedAs([] {});
    object_->registerMethod("Cancel").onInterface(kAgentInterface).implementedAs([] {});
    object_->registerMethod("RequestAuthorization")
        .onInterface(kAgentInterface)
        .implementedAs([](const sdbus::ObjectPath&) {});  // Just Works
    object_->registerMethod("AuthorizeService")
        .onInterface(kAgentInterface)
        .implementedAs([](const sdbus::ObjectPath&, const std::string&) {});
    object_->registerMethod("DisplayPasskey")
        .onInterface(kAgentInterface)
        .implementedAs([](const sdbus::ObjectPath&, std::uint32_t, std::uint16_t) {});
    object_->registerMethod("RequestConfirmation")
        .onInterface(kAgentInterface)
        .implementedAs(
            [this, &timeline](sdbus::Result<>&& answer, const sdbus::ObjectPath& path, std::uint32_t number) {
              if (!asking_->pairing.confirm) return answer.returnError(rejected());
              timeline.spawn(answer_confirmation(asking_, path, number, std::move(answer)));
            });
    object_->registerMethod("RequestPasskey")
        .onInterface(kAgentInterface)
        .implementedAs([this, &timeline](sdbus::Result<std::uint32_t>&& answer, const sdbus::ObjectPath& path) {
          if (!asking_->pairing.passkey) return answer.returnError(rejected());
          timeline.spawn(answer_passkey(asking_, path, std::move(answer)));
        });
    object_->finishRegistration();
  }
  ~BusAgent() override {
    try {
      auto manager = sdbus::createProxy(asking_->bluez->bus().connection(), kBluezName, "/org/bluez");
      manager->callMethod("UnregisterAgent")
          .onInterface(kAgentManager)
          .withArguments(sdbus::ObjectPath(kAgentPath))
          .dontExpectReply();
    } catch (const sdbus::Error&) {
      return;  // the bus is gone, and the agent with it
    }
  }

 private:
  AskingPtr asking_;
  std::unique_ptr<sdbus::IObject> object_;
};

}  // namespace

Awaitable<Result<std::unique_ptr<PairingAgent>>> PairingAgent::begin(Timeline& timeline, std::shared_ptr<Bluez> bluez,
                                                                     PairingOperator pairing) {
  const std::string can = capability(pairing);
  std::unique_ptr<PairingAgent> agent;
  try {
    agent = std::make_unique<BusAgent>(timeline, bluez, std::move(pairing));
  } catch (const sdbus::Error& e) {
    co_return explain("pairing", e.getName(), e.getMessage());
  }
  BusMethod method{kBluezName, "/org/bluez", kAgentManager, "RegisterAgent"};
  sdbus::ObjectPath path(kAgentPath);
  const TimePoint deadline = timeline.now() + kBluezAnswers;
  const auto registered = co_await call_bus<>(bluez->bus(), std::move(method), deadline, std::move(path), can);
  if (!registered.values) co_return explain("pairing", registered.error, registered.text);
  co_return agent;
}

}  // namespace penrig::ble
