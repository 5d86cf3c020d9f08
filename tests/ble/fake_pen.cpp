#include "tests/ble/fake_pen.hpp"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

#include "protocols/ble/gatt.hpp"
#include "protocols/ble/picture.hpp"
#include "tests/ble/fake_bluez.hpp"

namespace penrig::ble::fake {
namespace {

constexpr const char* kServiceInterface = "org.bluez.GattService1";

sdbus::Error error(const char* name, const char* text) {
  return sdbus::Error(std::string("org.bluez.Error.") + name, text);
}

}  // namespace

FakePen::FakePen(FakeBluez& bluez, PenSettings settings, std::string adapter_path)
    : bluez_(bluez), settings_(std::move(settings)), adapter_path_(std::move(adapter_path)) {
  wire_ = std::make_shared<PenWire>(bluez_.timeline());
  if (settings_.known || settings_.connected) show_device(false);
  if (settings_.connected) {
    show_services();
    set_connected(true, true);
  }
}

FakePen::~FakePen() {
  *alive_ = false;
  wire_->end();
}

std::string FakePen::path() const {
  std::string address = settings_.address;
  std::ranges::replace(address, ':', '_');
  return adapter_path_ + "/dev_" + address;
}

void FakePen::show_device(bool with_rssi) {
  device_ = sdbus::createObject(bluez_.connection(), path());
  sdbus::IObject& d = *device_;
  const auto& in = kDeviceInterface;
  d.registerProperty("Address").onInterface(in).withGetter([this] { return settings_.address; });
  d.registerProperty("Name").onInterface(in).withGetter([this] { return settings_.name; });
  d.registerProperty("Adapter").onInterface(in).withGetter([this] { return sdbus::ObjectPath(adapter_path_); });
  d.registerProperty("Connected").onInterface(in).withGetter([this] { return connected_; });
  d.registerProperty("Paired").onInterface(in).withGetter([this] { return paired_; });
  d.registerProperty("ServicesResolved").onInterface(in).withGetter([this] { return resolved_; });
  d.registerProperty("UUIDs").onInterface(in).withGetter([this] {
    std::vector<std::string> uuids(1, std::string(kBattery));
    if (settings_.is_pen) uuids.emplace_back(kPenService);
    return uuids;
  });
  if (settings_.battery_kept && settings_.battery_percent) {
    d.registerProperty("Percentage").onInterface(kBatteryInterface).withGetter([this] {
      return *settings_.battery_percent;
    });
  }
  if (with_rssi) d.registerProperty("RSSI").onInterface(in).withGetter([this] { return settings_.rssi_dbm; });
  d.registerMethod("Connect").onInterface(in).implementedAs(
      [this](sdbus::Result<>&& answer) { bluez_.timeline().spawn(connect(std::move(answer))); });
  d.registerMethod("Disconnect").onInterface(in).implementedAs([this] {
    if (settings_.disconnect_takes == Nanoseconds{0}) return disconnect();
    bluez_.timeline().spawn(disconnect_later());
  });
  d.registerMethod("Pair").onInterface(in).implementedAs([this](sdbus::Result<>&& answer) {
    const std::string owner = device_->getCurrentlyProcessedMessage()->getSender();
    bluez_.timeline().spawn(pair(std::move(answer), owner));
  });
  d.finishRegistration();
}

void FakePen::advertise() {
  if (!device_) {
    show_device(true);
    device_->emitInterfacesAddedSignal();
  } else {
    Dict values;
    values["RSSI"] = settings_.rssi_dbm;
    tell_changed(*device_, kDeviceInterface, values);
  }
  bluez_.bus().kick();
}

void FakePen::set_connected(bool connected, bool resolved) {
  connected_ = connected;
  resolved_ = resolved;
  if (!device_) return;
  Dict values;
  if (!connected || settings_.tells_that_it_connected) values["Connected"] = connected_;
  values["ServicesResolved"] = resolved_;
  tell_changed(*device_, kDeviceInterface, values);
  bluez_.bus().kick();
}

Awaitable<void> FakePen::disconnect_later() {
  const auto alive = alive_;
  co_await bluez_.timeline().sleep_for(settings_.disconnect_takes);
  if (*alive) disconnect();
}

Awaitable<void> FakePen::connect(sdbus::Result<> answer) {
  const auto alive = alive_;
  co_await bluez_.timeline().sleep_for(settings_.connect_takes);
  if (!*alive) co_return;
  if (settings_.refused_connects > 0) {
    --settings_.refused_connects;
    answer.returnError(error("Failed", "le-connection-abort-by-local"));
    bluez_.bus().kick();
    co_return;
  }
  ++connections;
  set_connected(true, false);
  answer.returnResults();
  bluez_.bus().kick();
  co_await bluez_.timeline().sleep_for(settings_.connect_takes);
  if (!*alive || !connected_ || !settings_.resolves) co_return;
  show_services();
  set_connected(true, true);
}

Awaitable<void> FakePen::pair(sdbus::Result<> answer, std::string owner) {
  const auto alive = alive_;
  const auto agent = bluez_.agent_of(owner);
  bool agreed = settings_.pairing != Pairing::refused;
  const TimePoint patience = bluez_.timeline().now() + std::chrono::seconds{10};
  sdbus::ObjectPath device(path());
  const bool can_ask = agent && agent->capability != "NoInputNoOutput";
  if (settings_.pairing == Pairing::confirm && can_ask) {
    BusMethod method{agent->owner, agent->path, "org.bluez.Agent1", "RequestConfirmation"};
    const auto said = co_await call_bus<>(bluez_.bus(), std::move(method), patience, device, settings_.passkey);
    agreed = said.values.has_value();
  } else if (settings_.pairing == Pairing::passkey) {
    agreed = false;
    if (can_ask) {
      BusMethod method{agent->owner, agent->path, "org.bluez.Agent1", "RequestPasskey"};
      const auto said = co_await call_bus<std::uint32_t>(bluez_.bus(), std::move(method), patience, device);
      agreed = said.values && std::get<0>(*said.values) == settings_.passkey;
    }
  }
  if (!*alive) co_return;
  if (!agent || !agreed) {
    answer.returnError(error("AuthenticationFailed", "Authentication Failed"));
  } else {
    paired_ = settings_.pairing != Pairing::only_claimed;
    Dict values;
    values["Paired"] = paired_;
    tell_changed(*device_, kDeviceInterface, values);
    answer.returnResults();
  }
  bluez_.bus().kick();
}

void FakePen::disconnect() {
  if (!connected_) return;
  wire_->end();
  set_connected(false, false);
  hide_services();
}

void FakePen::end_descriptors() { wire_->end(); }

void FakePen::say_disconnected() { set_connected(false, false); }

void FakePen::remove() {
  hide_services();
  if (device_) device_->emitInterfacesRemovedSignal();
  device_.reset();
  connected_ = resolved_ = false;
  bluez_.bus().kick();
}

void FakePen::change_services() {
  hide_services();
  bluez_.bus().kick();
}

void FakePen::fall_silent(bool silent) { wire_->silent = silent; }

}  // namespace penrig::ble::fake
