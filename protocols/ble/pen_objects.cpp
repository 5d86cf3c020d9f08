#include "protocols/ble/pen_objects.hpp"

#include <algorithm>
#include <utility>

#include "protocols/ble/picture.hpp"

namespace penrig::ble {
namespace {

constexpr const char* kServiceInterface = "org.bluez.GattService1";
constexpr const char* kAdvertisementInterface = "org.bluez.LEAdvertisement1";

template <class T>
T option(const Dict& options, const char* name, T otherwise) {
  const auto found = options.find(name);
  return found != options.end() && found->second.containsValueOfType<T>() ? found->second.get<T>() : otherwise;
}
std::string device_of(const Dict& options) { return option<sdbus::ObjectPath>(options, "device", {}); }
std::uint16_t mtu_of(const Dict& options) { return option<std::uint16_t>(options, "mtu", kMtuMin); }

using Acquired = std::tuple<sdbus::UnixFd, std::uint16_t>;
Acquired acquired(std::optional<FileDescriptor> descriptor, std::uint16_t mtu) {
  if (!descriptor) throw sdbus::Error("org.bluez.Error.Failed", "no descriptor is left");
  return {sdbus::UnixFd(descriptor->release(), sdbus::adopt_fd), mtu};
}

}  // namespace

PenObjects::PenObjects(sdbus::IConnection& connection, const PenProfile& profile, PenStreamSide& side)
    : connection_(connection), root_(sdbus::createObject(connection, root_path_)) {
  root_->addObjectManager();
  root_->finishRegistration();
  add_stream(add_service(kPenService), profile, side);
  const std::string information = add_service(kDeviceInformation);
  add_text(information, kManufacturer, profile.manufacturer);
  add_text(information, kModel, profile.model);
  add_text(information, kSerialNumber, profile.serial_number);
  add_text(information, kFirmware, profile.firmware);
  add_text(information, kHardware, profile.hardware);
  const auto level = static_cast<std::uint8_t>(std::min(profile.battery_percent, 100U));
  add_value(add_service(kBattery), kBatteryLevel, {"read", "notify"}, Value(1, level));
  add_advertisement(connection, profile, side);
}

std::string PenObjects::add_service(std::string_view uuid) {
  const std::string path = root_path_ + "/service" + std::to_string(services_++);
  auto object = sdbus::createObject(connection_, path);
  object->registerProperty("UUID").onInterface(kServiceInterface).withGetter([of = std::string(uuid)] { return of; });
  object->registerProperty("Primary").onInterface(kServiceInterface).withGetter([] { return true; });
  object->finishRegistration();
  objects_.push_back(std::move(object));
  return path;
}

/// What it can do is registered by whoever adds it, who also finishes it.
sdbus::IObject& PenObjects::add_characteristic(const std::string& service, std::string_view uuid,
                                               const std::vector<std::string>& flags) {
  const auto& in = kCharacteristicInterface;
  auto object = sdbus::createObject(connection_, service + "/characteristic" + std::to_string(objects_.size()));
  object->registerProperty("UUID").onInterface(in).withGetter([of = std::string(uuid)] { return of; });
  object->registerProperty("Service").onInterface(in).withGetter([service] { return sdbus::ObjectPath(service); });
  object->registerProperty("Flags").onInterface(in).withGetter([flags] { return flags; });
  objects_.push_back(std::move(object));
  return *objects_.back();
}

void PenObjects::add_value(const std::string& service, std::string_view uuid, const std::vector<std::string>& flags,
                           Value value) {
  sdbus::IObject& object = add_characteristic(service, uuid, flags);
  const auto& in = kCharacteristicInterface;
  object.registerMethod("ReadValue").onInterface(in).implementedAs([value](const Dict& options) {
    const std::size_t offset = option<std::uint16_t>(options, "offset", 0);
    if (offset > value.size()) throw sdbus::Error("org.bluez.Error.InvalidOffset", "beyond the value");
    return Value(value.begin() + static_cast<std::ptrdiff_t>(offset), value.end());
  });
  object.registerProperty("Value").onInterface(in).withGetter([value] { return value; });
  if (std::ranges::find(flags, "notify") != flags.end()) {
    object.registerMethod("StartNotify").onInterface(in).implementedAs([] {});
    object.registerMethod("StopNotify").onInterface(in).implementedAs([] {});
  }
  object.finishRegistration();
}

void PenObjects::add_text(const std::string& service, std::string_view uuid, const std::string& text) {
  add_value(service, uuid, {"read"}, Value(text.begin(), text.end()));
}

void PenObjects::add_stream(const std::string& service, const PenProfile& profile, PenStreamSide& side) {
  const auto& in = kCharacteristicInterface;
  const auto longest = static_cast<std::uint16_t>(profile.longest_chunk);
  const std::uint8_t flags = profile.needs_pairing ? kNeedsPairing : 0;
  add_value(
      service, kStreamInfo, {"read"},
      {kProfileVersion, flags, static_cast<std::uint8_t>(longest & 0xff), static_cast<std::uint8_t>(longest >> 8)});

  std::vector<std::string> writes{"write-without-response"}, notifies{"notify"};
  if (profile.needs_pairing) {
    writes.emplace_back("encrypt-write");
    notifies.emplace_back("encrypt-notify");
  }
  sdbus::IObject& to_pen = add_characteristic(service, kToPen, writes);
  to_pen.registerMethod("WriteValue").onInterface(in).implementedAs([&side](const Value& value, const Dict& options) {
    const auto bytes = std::as_bytes(std::span(value));
    side.wrote(device_of(options), mtu_of(options), {bytes.begin(), bytes.end()});
  });
  // That the property is there tells bluetoothd that it may ask for a descriptor.
  if (profile.descriptors) {
    to_pen.registerProperty("WriteAcquired").onInterface(in).withGetter([] { return false; });
    to_pen.registerMethod("AcquireWrite").onInterface(in).implementedAs([&side](const Dict& options) {
      return acquired(side.acquire_write(device_of(options), mtu_of(options)), mtu_of(options));
    });
  }
  to_pen.finishRegistration();

  sdbus::IObject& from_pen = add_characteristic(service, kFromPen, notifies);
  from_pen.registerProperty("Value").onInterface(in).withGetter([this] { return notified_; });
  from_pen.registerMethod("StartNotify").onInterface(in).implementedAs([&side] { side.start_notify(); });
  from_pen.registerMethod("StopNotify").onInterface(in).implementedAs([&side] { side.stop_notify(); });
  if (profile.descriptors) {
    from_pen.registerProperty("NotifyAcquired").onInterface(in).withGetter([] { return false; });
    from_pen.registerMethod("AcquireNotify").onInterface(in).implementedAs([&side](const Dict& options) {
      return acquired(side.acquire_notify(device_of(options), mtu_of(options)), mtu_of(options));
    });
  }
  from_pen.finishRegistration();
  from_pen_ = &from_pen;
}

void PenObjects::add_advertisement(sdbus::IConnection& connection, const PenProfile& profile, PenStreamSide& side) {
  advertisement_ = sdbus::createObject(connection, advertisement_path_);
  const auto& in = kAdvertisementInterface;
  advertisement_->registerProperty("Type").onInterface(in).withGetter([] { return std::string("peripheral"); });
  advertisement_->registerProperty("ServiceUUIDs").onInterface(in).withGetter([] {
    return std::vector<std::string>(1, std::string(kPenService));
  });
  advertisement_->registerProperty("LocalName").onInterface(in).withGetter([name = profile.name] { return name; });
  advertisement_->registerMethod("Release").onInterface(in).implementedAs([&side] { side.advertising_released(); });
  advertisement_->finishRegistration();
}

void PenObjects::notify(const std::vector<std::byte>& chunk) {
  notified_.clear();
  for (const std::byte b : chunk) notified_.push_back(std::to_integer<std::uint8_t>(b));
  from_pen_->emitPropertiesChangedSignal(kCharacteristicInterface, std::vector<std::string>(1, "Value"));
}

}  // namespace penrig::ble
