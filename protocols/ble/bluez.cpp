#include "protocols/ble/bluez.hpp"

#include <utility>

#include <fcntl.h>

#include "protocols/ble/bus_call.hpp"
#include "protocols/ble/bus_probe.hpp"
#include "protocols/ble/explain.hpp"
#include "protocols/ble/picture.hpp"

namespace penrig::ble {
namespace {

constexpr std::chrono::seconds kPenAnswers{5};  ///< what it has to ask the pen for
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kDaemon = "org.freedesktop.DBus";
constexpr const char* kRoot = "/org/bluez";
constexpr const char* kSignals = "type='signal',sender='org.bluez'";
constexpr const char* kNotSupported = "org.bluez.Error.NotSupported";

std::vector<std::byte> to_bytes(const std::vector<std::uint8_t>& value) {
  const auto bytes = std::as_bytes(std::span(value));
  return {bytes.begin(), bytes.end()};
}

Result<void> done(const BusReply<>& reply, const std::string& what) {
  if (reply.values) return {};
  return explain(what, reply.error, reply.text);
}

class SystemBluez final : public Bluez, public std::enable_shared_from_this<SystemBluez> {
 public:
  explicit SystemBluez(std::unique_ptr<Bus> bus) : bus_(std::move(bus)), changed_(bus_->timeline()) {
    bus_->on_lost([this] { changed_.notify_all(); });
  }

  /// Signals first, the picture then: what happens in between is in one of them.
  Awaitable<Result<void>> begin() {
    try {
      subscribe();
    } catch (const sdbus::Error& e) {
      co_return explain("bluetoothd", e.getName(), e.getMessage());
    }
    BusMethod owner{kDaemon, "/org/freedesktop/DBus", kDaemon, "NameHasOwner"};
    const auto running = co_await call_bus<bool>(*bus_, std::move(owner), in(kBluezAnswers), std::string(kBluezName));
    if (!running.values) co_return explain("bluetoothd", running.error, running.text);
    if (!std::get<0>(*running.values)) co_return no_bluetoothd();
    co_return co_await look_again();
  }

  Awaitable<Result<void>> look_again() override {
    BusMethod objects{kBluezName, "/", kObjectManager, "GetManagedObjects"};
    const auto told = co_await call_bus<Objects>(*bus_, std::move(objects), in(kBluezAnswers));
    if (!told.values) co_return explain("bluetoothd", told.error, told.text);
    picture_.clear();
    for (const auto& [path, interfaces] : std::get<0>(*told.values)) picture_.added(path, interfaces);
    co_return Result<void>{};
  }

  /// The rules of the bus change, the handler stays.
  Awaitable<Result<void>> narrow_to(std::string path) override {
    if (narrowed_to_ == path) co_return Result<void>{};
    const std::string all(kSignals);
    const std::string objects = all + ",interface='" + kObjectManager + "',arg0path='";
    std::vector<std::string> rules{all + ",path_namespace='" + path + "'", objects + path + "'", objects + path + "/'"};
    const std::string above = path.substr(0, path.rfind('/'));
    if (above != kRoot) {
      rules.push_back(all + ",path='" + above + "'");
      rules.push_back(objects + above + "'");
    }
    for (std::string& rule : rules) {
      const auto reply = co_await change_rule("AddMatch", std::move(rule));
      if (!reply.values) co_return explain("bluetoothd", reply.error, reply.text);
    }
    if (narrowed_to_.empty()) {
      const auto reply = co_await change_rule("RemoveMatch", all);
      if (!reply.values) co_return explain("bluetoothd", reply.error, reply.text);
    }
    narrowed_to_ = std::move(path);
    co_return Result<void>{};
  }

  Bus& bus() override { return *bus_; }
  Event& changed() override { return changed_; }
  std::optional<Error> gone() const override { return bus_->lost() ? bus_->lost() : gone_; }
  std::vector<AdapterInfo> adapters() const override {
    std::vector<AdapterInfo> all;
    for (const auto& [path, adapter] : picture_.adapters) all.push_back(adapter);
    return all;
  }
  std::vector<DeviceInfo> devices() const override {
    std::vector<DeviceInfo> all;
    for (const auto& [path, device] : picture_.devices) all.push_back(device);
    return all;
  }
  std::optional<DeviceInfo> device(const std::string& path) const override {
    const auto found = picture_.devices.find(path);
    if (found == picture_.devices.end()) return std::nullopt;
    return found->second;
  }
  std::vector<CharacteristicInfo> characteristics_of(const std::string& device_path) const override {
    std::vector<CharacteristicInfo> all;
    for (const auto& [path, characteristic] : picture_.characteristics) {
      if (path.starts_with(device_path + "/")) all.push_back(characteristic);
    }
    return all;
  }

  Awaitable<Result<void>> start_discovery(std::string adapter_path) override {
    Dict filter;
    filter["Transport"] = std::string("le");
    filter["DuplicateData"] = true;
    const auto filtered = co_await call(adapter_path, kAdapterInterface, "SetDiscoveryFilter", kBluezAnswers, filter);
    if (!filtered.values) co_return explain("scanning", filtered.error, filtered.text);
    const auto started = co_await call(adapter_path, kAdapterInterface, "StartDiscovery", kBluezAnswers);
    if (started.error == "org.bluez.Error.InProgress") co_return Result<void>{};
    co_return done(started, "scanning");
  }
  Awaitable<void> stop_discovery(std::string adapter_path) override {
    // Where it fails there is no scan either.
    co_await call(std::move(adapter_path), kAdapterInterface, "StopDiscovery", kBluezAnswers);
  }

  Awaitable<Result<void>> connect_device(std::string path, TimePoint deadline) override {
    BusMethod method{kBluezName, std::move(path), kDeviceInterface, "Connect"};
    const auto reply = co_await call_bus<>(*bus_, std::move(method), deadline);
    if (reply.error == "org.bluez.Error.AlreadyConnected") co_return Result<void>{};
    co_return done(reply, "connecting");
  }
  Awaitable<Result<void>> pair_device(std::string path, TimePoint deadline) override {
    BusMethod method{kBluezName, std::move(path), kDeviceInterface, "Pair"};
    const auto reply = co_await call_bus<>(*bus_, std::move(method), deadline);
    if (reply.error == "org.bluez.Error.AlreadyExists") co_return Result<void>{};
    co_return done(reply, "pairing");
  }
  void disconnect_device(const std::string& path) override { send_only(path, kDeviceInterface, "Disconnect"); }

  Awaitable<Result<std::vector<std::byte>>> read_value(std::string path) override {
    BusMethod method{kBluezName, std::move(path), kCharacteristicInterface, "ReadValue"};
    Dict options;
    const auto reply =
        co_await call_bus<std::vector<std::uint8_t>>(*bus_, std::move(method), in(kPenAnswers), std::move(options));
    if (!reply.values) co_return explain("reading a value", reply.error, reply.text);
    co_return to_bytes(std::get<0>(*reply.values));
  }
  Awaitable<Result<void>> write_value(std::string path, std::vector<std::byte> value) override {
    Dict options;
    options["type"] = std::string("command");
    std::vector<std::uint8_t> bytes;
    bytes.reserve(value.size());
    for (const std::byte b : value) bytes.push_back(std::to_integer<std::uint8_t>(b));
    const auto reply =
        co_await call(std::move(path), kCharacteristicInterface, "WriteValue", kPenAnswers, bytes, options);
    co_return done(reply, "writing a value");
  }
  Awaitable<Result<std::optional<Acquired>>> acquire_write(std::string path) override {
    return acquire(std::move(path), "AcquireWrite");
  }
  Awaitable<Result<std::optional<Acquired>>> acquire_notify(std::string path) override {
    return acquire(std::move(path), "AcquireNotify");
  }
  Awaitable<bool> holds_notify(std::string path) override {
    BusMethod method{kBluezName, std::move(path), kPropertiesInterface, "Get"};
    const auto reply =
        co_await call_bus<sdbus::Variant>(*bus_, std::move(method), in(kBluezAnswers),
                                          std::string(kCharacteristicInterface), std::string("NotifyAcquired"));
    if (!reply.values) co_return false;
    const sdbus::Variant& value = std::get<0>(*reply.values);
    co_return value.containsValueOfType<bool>() && value.get<bool>();
  }
  Awaitable<Result<void>> start_notify(std::string path) override {
    const auto reply = co_await call(std::move(path), kCharacteristicInterface, "StartNotify", kPenAnswers);
    co_return done(reply, "subscribing");
  }
  void on_value(const std::string& path, std::function<void(std::vector<std::byte>)> handler) override {
    if (handler) {
      on_value_[path] = std::move(handler);
    } else {
      on_value_.erase(path);
    }
  }

 private:
  TimePoint in(Nanoseconds time) const { return bus_->timeline().now() + time; }

  Awaitable<BusReply<>> change_rule(const char* how, std::string rule) {
    BusMethod method{kDaemon, "/org/freedesktop/DBus", kDaemon, how};
    return call_bus<>(*bus_, std::move(method), in(kBluezAnswers), std::move(rule));
  }

  template <class... A>
  Awaitable<BusReply<>> call(std::string path, const char* interface, const char* name, Nanoseconds time, A... args) {
    BusMethod method{kBluezName, std::move(path), interface, name};
    return call_bus<>(*bus_, std::move(method), in(time), std::move(args)...);
  }

  Awaitable<Result<std::optional<Acquired>>> acquire(std::string path, const char* name) {
    BusMethod method{kBluezName, std::move(path), kCharacteristicInterface, name};
    Dict options;
    auto reply =
        co_await call_bus<sdbus::UnixFd, std::uint16_t>(*bus_, std::move(method), in(kPenAnswers), std::move(options));
    if (reply.error == kNotSupported) co_return std::optional<Acquired>{};
    if (!reply.values) co_return explain("subscribing", reply.error, reply.text);
    Acquired acquired{FileDescriptor(std::get<0>(*reply.values).release()), std::get<1>(*reply.values)};
    ::fcntl(acquired.descriptor.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(acquired.descriptor.get(), F_SETFD, FD_CLOEXEC);
    co_return std::optional<Acquired>(std::move(acquired));
  }

  void send_only(const std::string& path, const char* interface, const char* name) {
    if (gone()) return;
    try {
      auto proxy = sdbus::createProxy(bus_->connection(), kBluezName, path);
      proxy->callMethod(name).onInterface(interface).dontExpectReply();
      bus_->kick();
    } catch (const sdbus::Error&) {
      // The bus is going; so is what this was to end.
    }
  }

  void subscribe() {
    sdbus::IConnection& bus = bus_->connection();
    told_ = bus.addMatch(kSignals, [this](sdbus::Message& message) { signalled(message); });
    owner_ = bus.addMatch("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
                          [this](sdbus::Message& message) { signalled(message); });
    bus_->kick();
  }

  /// Whatever a signal may hold, nothing is thrown into the loop.
  void signalled(sdbus::Message& message) {
    try {
      understand(message);
    } catch (const sdbus::Error&) {
      return;  // a signal of a shape that bluetoothd does not send
    }
    changed_.notify_all();
  }
  void understand(sdbus::Message& message) {
    const std::string interface = message.getInterfaceName(), member = message.getMemberName();
    if (interface == kDaemon) {
      std::string name, before, after;
      message >> name >> before >> after;
      if (!before.empty()) ended();
    } else if (interface == kObjectManager) {
      sdbus::ObjectPath path;
      message >> path;
      if (member == "InterfacesAdded") {
        Interfaces interfaces;
        message >> interfaces;
        picture_.added(path, interfaces);
      } else if (member == "InterfacesRemoved") {
        std::vector<std::string> interfaces;
        message >> interfaces;
        picture_.removed(path, interfaces);
      }
    } else if (interface == kPropertiesInterface && member == "PropertiesChanged") {
      std::string of;
      Dict values;
      std::vector<std::string> invalidated;
      message >> of >> values >> invalidated;
      const std::string path = message.getPath();
      picture_.changed(path, of, values, invalidated);
      const auto value = values.find("Value");
      const auto handler = on_value_.find(path);
      if (of == kCharacteristicInterface && value != values.end() && handler != on_value_.end()) {
        handler->second(to_bytes(value->second.get<std::vector<std::uint8_t>>()));
      }
    }
  }

  void ended() {
    gone_ = bluetoothd_ended();
    picture_.clear();
  }

  std::unique_ptr<Bus> bus_;
  Event changed_;
  BluezPicture picture_;
  std::string narrowed_to_;
  std::optional<Error> gone_;
  std::map<std::string, std::function<void(std::vector<std::byte>)>> on_value_;
  sdbus::Slot told_, owner_;  // of the bus: gone before it
};

}  // namespace

Awaitable<Result<std::shared_ptr<Bluez>>> Bluez::connect(Timeline& timeline) {
  const Result<void> answers = co_await bus_answers(timeline);
  if (!answers) co_return answers.error();
  auto bus = Bus::open_system(timeline);
  if (!bus) co_return bus.error();
  auto bluez = std::make_shared<SystemBluez>(std::move(*bus));
  const Result<void> begun = co_await bluez->begin();
  if (!begun) co_return begun.error();
  std::shared_ptr<Bluez> connected = std::move(bluez);
  co_return connected;
}

}  // namespace penrig::ble
