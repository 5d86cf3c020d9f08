// The GATT side of a fake pen: its service and characteristics, and the firmware behind them.
#include <utility>

#include <poll.h>

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

bool FakePen::holds_notify() {
  if (!wire_->out.is_open()) return false;
  pollfd out{wire_->out.native_handle(), POLLOUT, 0};
  if (::poll(&out, 1, 0) >= 0 && (out.revents & POLLHUP) == 0) return true;
  const TimePoint now = bluez_.timeline().now();
  if (!hung_up_) hung_up_ = now;
  return now < *hung_up_ + settings_.notices_after;
}

void FakePen::hide_services() {
  for (const auto& characteristic : characteristics_) characteristic->emitInterfacesRemovedSignal();
  if (service_) service_->emitInterfacesRemovedSignal();
  from_pen_ = nullptr;
  characteristics_.clear();
  service_.reset();
}

sdbus::UnixFd FakePen::acquire(boost::asio::posix::stream_descriptor& own_end) {
  auto other_end = open_wire_end(own_end);
  if (!other_end) throw sdbus::Error("org.bluez.Error.Failed", "no socket");
  return {other_end->release(), sdbus::adopt_fd};
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
    if (!std::exchange(serving_, true)) serve();
  };
  if (!settings_.played_by.owner.empty()) {
    add_played(*object, of);
  } else if (uuid == kStreamInfo) {
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
      subscriber = from_pen_->getCurrentlyProcessedMessage()->getSender();
      hung_up_.reset();
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
    object->registerProperty("NotifyAcquired").onInterface(in).withGetter([this] { return holds_notify(); });
    from_pen_ = object.get();
  }
  object->finishRegistration();
  object->emitInterfacesAddedSignal();
  characteristics_.push_back(std::move(object));
}

/// Asks the program that plays the pen; its descriptors go to the host as they are.
template <class... R>
Awaitable<void> pass_on(Bus& bus, BusMethod method, std::uint16_t mtu, sdbus::Result<R...> answer) {
  Dict options;
  options["mtu"] = mtu;
  const TimePoint deadline = bus.timeline().now() + std::chrono::seconds{2};
  const auto said = co_await call_bus<R...>(bus, std::move(method), deadline, std::move(options));
  if (said.values) {
    std::apply([&](const auto&... values) { answer.returnResults(values...); }, *said.values);
  } else {
    answer.returnError(sdbus::Error(said.error, said.text));
  }
  bus.kick();
}

void FakePen::add_played(sdbus::IObject& object, const std::string& uuid) {
  const auto asks = [this, uuid](const char* method) {
    const PlayedBy& by = settings_.played_by;
    return BusMethod{by.owner, by.paths.at(uuid), kCharacteristicInterface, method};
  };
  using Value = std::vector<std::uint8_t>;
  object.registerMethod("ReadValue")
      .onInterface(kCharacteristicInterface)
      .implementedAs([this, asks](sdbus::Result<Value>&& answer, const Dict&) {
        bluez_.timeline().spawn(pass_on(bluez_.bus(), asks("ReadValue"), settings_.mtu, std::move(answer)));
      });
  for (const char* method : {"AcquireWrite", "AcquireNotify"}) {
    object.registerMethod(method)
        .onInterface(kCharacteristicInterface)
        .implementedAs([this, asks, method](sdbus::Result<sdbus::UnixFd, std::uint16_t>&& answer, const Dict&) {
          bluez_.timeline().spawn(pass_on(bluez_.bus(), asks(method), settings_.mtu, std::move(answer)));
        });
  }
}

void FakePen::serve() {
  if (!firmware_) return;
  ChunkConfig config;
  config.largest_out = chunk_for_mtu(settings_.mtu);
  config.largest_in = settings_.longest_chunk;
  config.window = 8;
  PenFirmware counted = [this](std::unique_ptr<ByteLink> link) {
    ++streams;
    return firmware_(std::move(link));
  };
  bluez_.timeline().spawn(serve_streams(wire_, config, "fake pen", std::move(counted)));
}

}  // namespace penrig::ble::fake
