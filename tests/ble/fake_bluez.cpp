#include "tests/ble/fake_bluez.hpp"

#include <utility>

#include "protocols/ble/picture.hpp"
#include "tests/ble/fake_adapter.hpp"

namespace penrig::ble::fake {

void tell_changed(sdbus::IObject& object, const std::string& interface, const Dict& values) {
  auto signal = object.createSignal("org.freedesktop.DBus.Properties", "PropertiesChanged");
  signal << interface << values << std::vector<std::string>{};
  object.emitSignal(signal);
}

FakeBluez::FakeBluez(Timeline& timeline, const std::vector<std::string>& adapters) : timeline_(timeline) {
  bus_ = Bus::open_system(timeline).value();
  bus_->connection().addObjectManager("/", sdbus::floating_slot);
  for (const std::string& name : adapters) add_adapter(name);
  add_agent_manager();
  bus_->connection().requestName(kBluezName);
  bus_->kick();
}

FakeBluez::~FakeBluez() { *alive_ = false; }

void FakeBluez::add_adapter(const std::string& name) {
  auto adapter = std::make_unique<Adapter>();
  adapter->path = "/org/bluez/" + name;
  adapter->object = sdbus::createObject(bus_->connection(), adapter->path);
  Adapter& a = *adapter;
  sdbus::IObject& object = *adapter->object;
  object.registerProperty("Address").onInterface(kAdapterInterface).withGetter([] {
    return std::string("00:AA:01:00:00:00");
  });
  object.registerProperty("Powered").onInterface(kAdapterInterface).withGetter([&a] { return a.powered; });
  object.registerMethod("SetDiscoveryFilter").onInterface(kAdapterInterface).implementedAs([](const Dict&) {});
  object.registerMethod("StartDiscovery").onInterface(kAdapterInterface).implementedAs([this, &a] {
    if (!scan_error_.empty()) throw sdbus::Error(scan_error_, "said the test");
    if (!a.powered) throw sdbus::Error("org.bluez.Error.NotReady", "Resource Not Ready");
    a.scanning = true;
  });
  object.registerMethod("StopDiscovery").onInterface(kAdapterInterface).implementedAs([&a] { a.scanning = false; });
  add_managers(a);
  object.finishRegistration();
  adapters_[name] = std::move(adapter);
}

void FakeBluez::add_agent_manager() {
  agent_manager_ = sdbus::createObject(bus_->connection(), "/org/bluez");
  constexpr const char* kInterface = "org.bluez.AgentManager1";
  agent_manager_->registerMethod("RegisterAgent")
      .onInterface(kInterface)
      .implementedAs([this](const sdbus::ObjectPath& path, const std::string& capability) {
        const std::string owner = agent_manager_->getCurrentlyProcessedMessage()->getSender();
        agents_[owner] = {owner, path, capability};
      });
  agent_manager_->registerMethod("UnregisterAgent")
      .onInterface(kInterface)
      .implementedAs([this](const sdbus::ObjectPath&) {
        agents_.erase(agent_manager_->getCurrentlyProcessedMessage()->getSender());
      });
  agent_manager_->finishRegistration();
}

FakePen& FakeBluez::add_pen(PenSettings settings, const std::string& adapter) {
  pens_.push_back(std::make_unique<FakePen>(*this, std::move(settings), "/org/bluez/" + adapter));
  timeline_.spawn(advertise(*pens_.back(), alive_));
  return *pens_.back();
}

Awaitable<void> FakeBluez::advertise(FakePen& pen, std::shared_ptr<bool> alive) {
  for (;;) {
    co_await timeline_.sleep_for(pen.settings().advertises_every);
    if (!*alive) co_return;
    const std::string adapter = pen.adapter_path().substr(pen.adapter_path().rfind('/') + 1);
    if (scans(adapter) && !pen.connected()) pen.advertise();
  }
}

bool FakeBluez::scans(const std::string& adapter) const {
  const auto found = adapters_.find(adapter);
  return found != adapters_.end() && found->second->scanning;
}

void FakeBluez::power(const std::string& adapter, bool on) {
  Adapter& a = *adapters_.at(adapter);
  a.powered = on;
  Dict values;
  values["Powered"] = on;
  tell_changed(*a.object, kAdapterInterface, values);
}

void FakeBluez::unplug(const std::string& adapter) {
  adapters_.at(adapter)->object->emitInterfacesRemovedSignal();
  adapters_.erase(adapter);
}

void FakeBluez::replug(const std::string& adapter) {
  unplug(adapter);
  add_adapter(adapter);
  adapters_.at(adapter)->object->emitInterfacesAddedSignal();
  bus_->kick();
}

std::optional<FakeBluez::AgentInfo> FakeBluez::agent_of(const std::string& owner) const {
  const auto found = agents_.find(owner);
  if (found == agents_.end()) return std::nullopt;
  return found->second;
}

}  // namespace penrig::ble::fake
