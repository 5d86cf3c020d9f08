// The side of the fake bluetoothd where programs register services and advertising of their own.
#include <utility>

#include "protocols/ble/picture.hpp"
#include "tests/ble/fake_adapter.hpp"

namespace penrig::ble::fake {

void FakeBluez::add_managers(Adapter& adapter) {
  sdbus::IObject& object = *adapter.object;
  object.registerProperty("Alias")
      .onInterface(kAdapterInterface)
      .withGetter([&adapter] { return adapter.registered.alias; })
      .withSetter([&adapter](const std::string& alias) { adapter.registered.alias = alias; });
  object.registerProperty("Pairable")
      .onInterface(kAdapterInterface)
      .withGetter([&adapter] { return adapter.pairable; })
      .withSetter([&adapter](const bool& pairable) { adapter.pairable = pairable; });
  const auto owner = [&adapter] { return adapter.object->getCurrentlyProcessedMessage()->getSender(); };
  constexpr const char* kGatt = "org.bluez.GattManager1";
  object.registerMethod("RegisterApplication")
      .onInterface(kGatt)
      .implementedAs([this, &adapter, owner](sdbus::Result<>&& answer, const sdbus::ObjectPath& path, const Dict&) {
        timeline_.spawn(register_application(adapter, path, owner(), std::move(answer)));
      });
  object.registerMethod("UnregisterApplication").onInterface(kGatt).implementedAs([&adapter](const sdbus::ObjectPath&) {
    adapter.registered.paths.clear();
  });
  constexpr const char* kAdvertising = "org.bluez.LEAdvertisingManager1";
  object.registerMethod("RegisterAdvertisement")
      .onInterface(kAdvertising)
      .implementedAs([this, &adapter, owner](sdbus::Result<>&& answer, const sdbus::ObjectPath& path, const Dict&) {
        timeline_.spawn(register_advertisement(adapter, path, owner(), std::move(answer)));
      });
  object.registerMethod("UnregisterAdvertisement")
      .onInterface(kAdvertising)
      .implementedAs([&adapter](const sdbus::ObjectPath&) { adapter.registered.name.clear(); });
}

/// Like the real one it asks back before it answers.
Awaitable<void> FakeBluez::register_application(Adapter& adapter, std::string path, std::string owner,
                                                sdbus::Result<> answer) {
  BusMethod method{owner, std::move(path), "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"};
  const TimePoint deadline = timeline_.now() + std::chrono::seconds{2};
  const auto told = co_await call_bus<Objects>(*bus_, std::move(method), deadline);
  if (!told.values) {
    answer.returnError(sdbus::Error(told.error, told.text));
  } else {
    adapter.registered_by = owner;
    for (const auto& [object, interfaces] : std::get<0>(*told.values)) {
      const auto found = interfaces.find(kCharacteristicInterface);
      if (found == interfaces.end()) continue;
      adapter.registered.paths[found->second.at("UUID").get<std::string>()] = object;
    }
    answer.returnResults();
  }
  bus_->kick();
}

Awaitable<void> FakeBluez::register_advertisement(Adapter& adapter, std::string path, std::string owner,
                                                  sdbus::Result<> answer) {
  BusMethod method{std::move(owner), std::move(path), "org.freedesktop.DBus.Properties", "GetAll"};
  const TimePoint deadline = timeline_.now() + std::chrono::seconds{2};
  std::string interface = "org.bluez.LEAdvertisement1";
  const auto told = co_await call_bus<Dict>(*bus_, std::move(method), deadline, std::move(interface));
  if (!told.values) {
    answer.returnError(sdbus::Error(told.error, told.text));
  } else {
    const Dict& values = std::get<0>(*told.values);
    adapter.registered.name = values.at("LocalName").get<std::string>();
    adapter.registered.advertised = values.at("ServiceUUIDs").get<std::vector<std::string>>();
    answer.returnResults();
  }
  bus_->kick();
}

const FakeBluez::Registered& FakeBluez::registered(const std::string& adapter) const {
  return adapters_.at(adapter)->registered;
}

FakePen& FakeBluez::add_played_pen(const std::string& by, const std::string& adapter) {
  const Adapter& player = *adapters_.at(by);
  PenSettings settings;
  settings.name = player.registered.name;
  settings.played_by.owner = player.registered_by;
  settings.played_by.paths = player.registered.paths;
  return add_pen(std::move(settings), adapter);
}

}  // namespace penrig::ble::fake
