// The GATT side of a fake pen: its service and characteristics, and the firmware behind them.
#include <utility>

#include <sys/socket.h>

#include "protocols/ble/gatt.hpp"
#include "protocols/ble/picture.hpp"
#include "tests/ble/fake_bluez.hpp"

namespace penrig::ble::fake {

std::vector<std::uint8_t> FakePen::stream_info() const {
  const std::uint8_t flags = settings_.pairing == Pairing::none ? 0 : kNeedsPairing;
  return {settings_.profile_version, flags, static_cast<std::uint8_t>(settings_.longest_chunk & 0xff),
          static_cast<std::uint8_t>(settings_.longest_chunk >> 8)};
}

void FakePen::show_services() {
  hide_services();
  wire_->end();
  wire_ = std::make_shared<PenWire>(bluez_.timeline());
  serving_ = false;
  if (!settings_.is_pen) return;
  service_ = sdbus::createObject(bluez_.connection(), path() + "/service0010");
  service_->registerProperty("UUID").onInterface("org.bluez.GattService1").withGetter([] {
    return std::string(kPenService);
  });
  service_->finishRegistration();
  service_->emitInterfacesAddedSignal();
  add_characteristic(kStreamInfo, {"read"}, 1);
  add_characteristic(kToPen, {"write-without-response"}, 2);
  add_characteristic(kFromPen, {"notify"}, 3);
  add_information();
}

void FakePen::add_information() {
  int number = 4;
  for (const std::string_view uuid : {kModel, kSerialNumber, kFirmware, kHardware}) {
    const std::string& text = settings_.information.at(static_cast<std::size_t>(number - 4));
    if (!text.empty()) add_value(uuid, {text.begin(), text.end()}, number);
    ++number;
  }
  if (settings_.battery_percent && !settings_.battery_kept) add_value(kBatteryLevel, {*settings_.battery_percent}, 8);
}

void FakePen::add_value(std::string_view uuid, std::vector<std::uint8_t> value, int number) {
  auto object = sdbus::createObject(bluez_.connection(), path() + "/service0020/char002" + std::to_string(number));
  const auto& in = kCharacteristicInterface;
  object->registerProperty("UUID").onInterface(in).withGetter([of = std::string(uuid)] { return of; });
  object->registerProperty("Flags").onInterface(in).withGetter([] { return std::vector<std::string>{"read"}; });
  object->registerMethod("ReadValue").onInterface(in).implementedAs([value = std::move(value)](const Dict&) {
    return value;
  });
  object->finishRegistration();
  object->emitInterfacesAddedSignal();
  characteristics_.push_back(std::move(object));
}

void FakePen::hide_services() {
  for (const auto& characteristic : characteristics_) characteristic->emitInterfacesRemovedSignal();
  if (service_) service_->emitInterfacesRemovedSignal();
  from_pen_ = nullptr;
  characteristics_.clear();
  service_.reset();
}

sdbus::UnixFd FakePen::acquire(boost::asio::posix::stream_descriptor& own_end) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    throw sdbus::Error("org.bluez.Error.Failed", "no socket");
  }
  own_end.assign(ends[0]);
  return {ends[1], sdbus::adopt_fd};
}

void FakePen::add_characteristic(std::string_view uuid, const std::vector<std::string>& flags, int number) {
  auto object = sdbus::createObject(bluez_.connection(), path() + "/service0010/char001" + std::to_string(number));
  const std::string of(uuid);
  const auto& in = kCharacteristicInterface;
  object->registerProperty("UUID").onInterface(in).withGetter([of] { return of; });
  object->registerProperty("Flags").onInterface(in).withGetter([flags] { return flags; });
  object->registerProperty("MTU").onInterface(in).withGetter([this] { return settings_.mtu; });
  using Acquired = std::tuple<sdbus::UnixFd, std::uint16_t>;
  const auto unsupported = [this] {
    if (!settings_.descriptors) throw sdbus::Error("org.bluez.Error.NotSupported", "Operation is not supported");
  };
  const auto began = [this] {
    if (std::exchange(serving_, true)) return;
    bluez_.timeline().spawn(serve(wire_));
  };
  if (uuid == kStreamInfo) {
    object->registerMethod("ReadValue").onInterface(in).implementedAs([this](const Dict&) { return stream_info(); });
  } else if (uuid == kToPen) {
    object->registerMethod("WriteValue")
        .onInterface(in)
        .implementedAs([this](const std::vector<std::uint8_t>& value, const Dict&) {
          const auto bytes = std::as_bytes(std::span(value));
          wire_->host_wrote({bytes.begin(), bytes.end()});
        });
    object->registerMethod("AcquireWrite").onInterface(in).implementedAs([this, unsupported](const Dict&) {
      unsupported();
      if (wire_->in.is_open()) throw sdbus::Error("org.bluez.Error.NotPermitted", "Write acquired");
      Acquired acquired{acquire(wire_->in), settings_.mtu};
      bluez_.timeline().spawn(read_descriptor(wire_));
      return acquired;
    });
  } else {
    object->registerMethod("AcquireNotify").onInterface(in).implementedAs([this, unsupported, began](const Dict&) {
      unsupported();
      if (wire_->out.is_open()) throw sdbus::Error("org.bluez.Error.NotPermitted", "Notify acquired");
      Acquired acquired{acquire(wire_->out), settings_.mtu};
      began();
      return acquired;
    });
    object->registerMethod("StartNotify").onInterface(in).implementedAs([this, began] {
      wire_->notify_value = [this](const std::vector<std::byte>& chunk) {
        if (from_pen_ == nullptr) return;
        std::vector<std::uint8_t> value;
        for (const std::byte b : chunk) value.push_back(std::to_integer<std::uint8_t>(b));
        Dict values;
        values["Value"] = value;
        tell_changed(*from_pen_, kCharacteristicInterface, values);
        bluez_.bus().kick();
      };
      began();
    });
    from_pen_ = object.get();
  }
  object->finishRegistration();
  object->emitInterfacesAddedSignal();
  characteristics_.push_back(std::move(object));
}

Awaitable<void> FakePen::serve(PenWirePtr wire) {
  const auto alive = alive_;
  while (*alive && !wire->ended && firmware_) {
    ++streams;
    ChunkConfig config;
    config.largest_out = chunk_for_mtu(settings_.mtu);
    config.largest_in = settings_.longest_chunk;
    config.window = 8;
    auto link = make_pen_chunk_link(bluez_.timeline(), make_pen_port(wire), "fake pen", config);
    co_await firmware_(std::move(link));
  }
}

}  // namespace penrig::ble::fake
