#include "protocols/ble/gatt_pen.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <sys/socket.h>

#include "protocols/await_code.hpp"
#include "protocols/ble/explain.hpp"
#include "protocols/ble/find_pen.hpp"
#include "protocols/ble/pen_objects.hpp"
#include "protocols/ble/picture.hpp"

namespace penrig::ble {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds kAnswers{5};  ///< bluetoothd asks back before it answers
constexpr std::chrono::milliseconds kTryAgain{300};
constexpr unsigned kChunkWindow = 8;

/// Shared: bluetoothd's calls and what serves a connection come home to it.
struct PenState final : PenStreamSide, std::enable_shared_from_this<PenState> {
  PenState(Timeline& t, std::string on, PenProfile p, PenFirmware f)
      : timeline(t), adapter(std::move(on)), profile(std::move(p)), firmware(std::move(f)), changed(t) {}

  Timeline& timeline;
  std::string adapter;
  PenProfile profile;
  PenFirmware firmware;
  std::function<void(const std::string&)> told;
  std::function<void()> heard;
  Event changed;  ///< what is wanted, or it has ended

  bool wants_services = true, wants_advertising = true, ending = false, ended = false;
  bool silent = false;
  Nanoseconds slow{0};

  std::shared_ptr<Bluez> bluez;
  std::unique_ptr<PenObjects> objects;  // of the bus: gone before it
  std::string adapter_path;
  unsigned pulled_out = 0;  ///< of the adapter that it is registered with
  bool registered = false, advertised = false, prepared = false;
  std::map<std::string, sdbus::Variant> adapter_was;  ///< properties that it gets back

  PenWirePtr wire;
  std::string host;  ///< device that is connected

  void say(const std::string& what) const {
    if (told) told(what);
  }
  /// Wakes what keeps it registered.
  void turn() {
    changed.notify_all();
    if (bluez) bluez->changed().notify_all();
  }
  bool settled() const {
    return bluez && !bluez->gone() && !adapter_path.empty() && prepared && registered == wants_services &&
           advertised == wants_advertising;
  }
  void forget() {
    end_wire("");
    objects.reset();
    bluez.reset();
    adapter_path.clear();
    registered = advertised = prepared = false;
  }
  void end_wire(const std::string& why) {
    host.clear();
    if (!wire || wire->ended) return;
    wire->end();
    if (!why.empty()) say(why);
  }
  PenWirePtr new_wire() {
    end_wire("");
    wire = std::make_shared<PenWire>(timeline);
    wire->silent = silent;
    wire->slow = slow;
    wire->on_heard = heard;
    return wire;
  }
  PenWire* live_wire() const { return wire && !wire->ended ? wire.get() : nullptr; }
  /// From here on hosts may open streams.
  void serve(std::uint16_t mtu) {
    ChunkConfig config;
    config.largest_out = std::min(chunk_for_mtu(mtu), profile.longest_chunk);
    config.largest_in = profile.longest_chunk;
    config.window = kChunkWindow;
    timeline.spawn(serve_streams(wire, config, profile.name + " over BLE", firmware));
    say("a host has subscribed");
  }
  /// What bluetoothd shows may say that a host, or the adapter, is gone.
  void look() {
    if (!bluez || bluez->gone()) return;
    const auto device = bluez->device(host);
    if (!host.empty() && (!device || !device->connected)) end_wire("the host's connection ended");
    const auto all = bluez->adapters();
    const auto own = std::ranges::find(all, adapter, &AdapterInfo::name);
    if (own == all.end() || own->pulled_out != pulled_out) {
      // What was registered is gone with it.
      adapter_path.clear();
      registered = advertised = prepared = false;
    } else if (!own->powered) {
      advertised = prepared = false;
    }
  }

  std::optional<FileDescriptor> acquire_notify(const std::string& device, std::uint16_t mtu) override;
  std::optional<FileDescriptor> acquire_write(const std::string& device, std::uint16_t mtu) override;
  void start_notify() override {
    new_wire()->notify_value = [this](const std::vector<std::byte>& chunk) {
      if (!objects || !bluez || bluez->gone()) return;
      objects->notify(chunk);
      bluez->bus().kick();
    };
    serve(kMtuMin);
  }
  void stop_notify() override { end_wire("the host has unsubscribed"); }
  void wrote(const std::string& device, std::uint16_t, std::vector<std::byte> chunk) override {
    host = device;
    if (live_wire() != nullptr) wire->host_wrote(std::move(chunk));
  }
  void advertising_released() override {
    advertised = false;
    turn();
  }
};
using PenPtr = std::shared_ptr<PenState>;

/// bluetoothd closes its end when the host unsubscribes or goes.
Awaitable<void> watch_notify_end(PenPtr pen, PenWirePtr wire) {
  std::byte nothing{};
  while (!wire->ended) {
    co_await wire->out.async_wait(asio::posix::stream_descriptor::wait_read, kAwaitCode);
    if (wire->ended || ::recv(wire->out.native_handle(), &nothing, 1, MSG_DONTWAIT) == 0) break;
  }
  if (wire == pen->wire) pen->end_wire("the host's stream ended");
}

Awaitable<void> read_writes(PenPtr pen, PenWirePtr wire) {
  co_await read_descriptor(wire);
  if (wire == pen->wire) pen->end_wire("the host's stream ended");
}

std::optional<FileDescriptor> PenState::acquire_notify(const std::string& device, std::uint16_t mtu) {
  new_wire();
  host = device;
  auto other_end = open_wire_end(wire->out);
  if (!other_end) return std::nullopt;
  timeline.spawn(watch_notify_end(shared_from_this(), wire));
  serve(mtu);
  return other_end;
}

std::optional<FileDescriptor> PenState::acquire_write(const std::string& device, std::uint16_t) {
  if (live_wire() == nullptr || wire->in.is_open()) new_wire();
  host = device;
  auto other_end = open_wire_end(wire->in);
  if (other_end) timeline.spawn(read_writes(shared_from_this(), wire));
  return other_end;
}

/// Calls a method of the adapter that takes one of the pen's objects.
template <class... A>
Awaitable<Result<void>> ask_adapter(PenPtr pen, const char* interface, const char* name, std::string path, A... more) {
  BusMethod method{kBluezName, pen->adapter_path, interface, name};
  const TimePoint deadline = pen->timeline.now() + kAnswers;
  sdbus::ObjectPath object(std::move(path));
  const auto reply =
      co_await call_bus<>(pen->bluez->bus(), std::move(method), deadline, std::move(object), std::move(more)...);
  if (!reply.values) co_return explain(name, reply.error, reply.text);
  co_return Result<void>{};
}

Awaitable<void> set_adapter(PenPtr pen, std::string name, sdbus::Variant value) {
  const TimePoint deadline = pen->timeline.now() + kAnswers;
  const std::string interface = kAdapterInterface;
  BusMethod set{kBluezName, pen->adapter_path, kPropertiesInterface, "Set"};
  co_await call_bus<>(pen->bluez->bus(), std::move(set), deadline, interface, std::move(name), std::move(value));
}

/// Sets a property of the adapter, and remembers what it was.
Awaitable<void> lend_adapter(PenPtr pen, std::string name, sdbus::Variant value) {
  const TimePoint deadline = pen->timeline.now() + kAnswers;
  const std::string interface = kAdapterInterface;
  BusMethod get{kBluezName, pen->adapter_path, kPropertiesInterface, "Get"};
  const auto was = co_await call_bus<sdbus::Variant>(pen->bluez->bus(), std::move(get), deadline, interface, name);
  if (was.values) pen->adapter_was.try_emplace(name, std::get<0>(*was.values));
  co_await set_adapter(pen, std::move(name), std::move(value));
}

Awaitable<Result<void>> register_services(PenPtr pen, bool on) {
  constexpr const char* kInterface = "org.bluez.GattManager1";
  const std::string path = pen->objects->application_path();
  Dict none;
  Result<void> done;
  if (on) done = co_await ask_adapter(pen, kInterface, "RegisterApplication", path, std::move(none));
  if (!on) done = co_await ask_adapter(pen, kInterface, "UnregisterApplication", path);
  if (done) pen->registered = on;
  co_return done;
}

Awaitable<Result<void>> register_advertisement(PenPtr pen, bool on) {
  constexpr const char* kInterface = "org.bluez.LEAdvertisingManager1";
  const std::string path = pen->objects->advertisement_path();
  Dict none;
  Result<void> done;
  if (on) done = co_await ask_adapter(pen, kInterface, "RegisterAdvertisement", path, std::move(none));
  if (!on) done = co_await ask_adapter(pen, kInterface, "UnregisterAdvertisement", path);
  if (done) pen->advertised = on;
  co_return done;
}

Awaitable<Result<void>> connect_bluez(PenPtr pen) {
  pen->forget();
  auto bluez = co_await Bluez::connect(pen->timeline);
  if (!bluez) co_return bluez.error();
  pen->bluez = std::move(*bluez);
  try {
    pen->objects = std::make_unique<PenObjects>(pen->bluez->bus().connection(), pen->profile, *pen);
  } catch (const sdbus::Error& e) {
    co_return explain("the pen's services", e.getName(), e.getMessage());
  }
  co_return Result<void>{};
}

/// Makes what is there what is wanted.
Awaitable<Result<void>> settle(PenPtr pen) {
  if (!pen->bluez || pen->bluez->gone()) {
    const Result<void> connected = co_await connect_bluez(pen);
    if (!connected) co_return connected.error();
  }
  pen->look();
  const auto adapter = choose_adapter(*pen->bluez, pen->adapter);
  if (!adapter) co_return adapter.error();
  if (pen->adapter_path != adapter->path) {
    const Result<void> narrowed = co_await pen->bluez->narrow_to(adapter->path);
    if (!narrowed) co_return narrowed.error();
    pen->adapter_path = adapter->path;
    pen->pulled_out = adapter->pulled_out;
  }
  if (!pen->prepared) {
    sdbus::Variant name(pen->profile.name);
    co_await lend_adapter(pen, "Alias", std::move(name));
    if (pen->profile.needs_pairing) {
      sdbus::Variant allowed(!pen->profile.refuses_pairing);
      co_await lend_adapter(pen, "Pairable", std::move(allowed));
    }
    pen->prepared = true;
  }
  if (pen->registered != pen->wants_services) {
    const Result<void> done = co_await register_services(pen, pen->wants_services);
    if (!done) co_return done.error();
  }
  if (pen->advertised != pen->wants_advertising) {
    const Result<void> done = co_await register_advertisement(pen, pen->wants_advertising);
    if (!done) co_return done.error();
  }
  co_return Result<void>{};
}

Awaitable<void> withdraw(PenPtr pen) {
  if (pen->settled()) {
    if (!pen->host.empty()) pen->bluez->disconnect_device(pen->host);
    pen->wants_advertising = pen->wants_services = false;
    co_await settle(pen);
    for (const auto& [name, value] : pen->adapter_was) co_await set_adapter(pen, name, value);
  }
  pen->forget();
}

Awaitable<void> keep(PenPtr pen) {
  bool told = false;
  while (!pen->ending) {
    pen->look();
    if (pen->settled()) {
      told = false;
      co_await pen->bluez->changed().wait_until(kNever);
      continue;
    }
    const Result<void> done = co_await settle(pen);
    if (done || pen->ending) continue;
    if (!std::exchange(told, true)) pen->say("the pen is not in the air: " + done.error().message);
    co_await pen->changed.wait_until(pen->timeline.now() + kTryAgain);
  }
  co_await withdraw(pen);
  pen->ended = true;
  pen->changed.notify_all();
}

class BluezGattPen final : public GattPen {
 public:
  explicit BluezGattPen(PenPtr pen) : pen_(std::move(pen)) {}
  ~BluezGattPen() override {
    pen_->told = nullptr;
    pen_->ending = true;
    pen_->turn();
  }

  Awaitable<void> stop() override {
    const PenPtr pen = pen_;
    pen->ending = true;
    pen->turn();
    while (!pen->ended) co_await pen->changed.wait_until(kNever);
  }
  void on_change(std::function<void(const std::string&)> told) override { pen_->told = std::move(told); }
  void on_heard(std::function<void()> heard) override { pen_->heard = std::move(heard); }
  void fall_silent(bool silent) override {
    pen_->silent = silent;
    if (pen_->wire) pen_->wire->silent = silent;
  }
  void make_slow(Nanoseconds for_each_chunk) override {
    pen_->slow = for_each_chunk;
    if (pen_->wire) pen_->wire->slow = for_each_chunk;
  }
  void lose_chunks(unsigned count) override {
    if (pen_->wire) pen_->wire->lose_next += count;
  }
  void disconnect() override {
    if (pen_->bluez && !pen_->host.empty()) pen_->bluez->disconnect_device(pen_->host);
  }
  void show_services(bool shown) override {
    pen_->wants_services = shown;
    pen_->turn();
  }
  void advertise(bool on) override {
    pen_->wants_advertising = on;
    pen_->turn();
  }

 private:
  PenPtr pen_;
};

}  // namespace

Awaitable<Result<std::unique_ptr<GattPen>>> GattPen::start(Timeline& timeline, std::string adapter, PenProfile profile,
                                                           PenFirmware firmware) {
  auto pen = std::make_shared<PenState>(timeline, std::move(adapter), std::move(profile), std::move(firmware));
  const Result<void> begun = co_await settle(pen);
  if (!begun) {
    pen->forget();
    co_return begun.error();
  }
  timeline.spawn(keep(pen));
  std::unique_ptr<GattPen> handle = std::make_unique<BluezGattPen>(std::move(pen));
  co_return handle;
}

}  // namespace penrig::ble
