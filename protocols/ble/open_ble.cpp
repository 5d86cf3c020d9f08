#include <algorithm>
#include <map>
#include <utility>

#include "protocols/ble/agent.hpp"
#include "protocols/ble/ble_link.hpp"
#include "protocols/ble/find_pen.hpp"
#include "protocols/ble/gatt_port.hpp"
#include "protocols/ble/read_facts.hpp"
#include "protocols/forwarding_link.hpp"

namespace penrig {
namespace ble {
namespace {

constexpr std::chrono::seconds kTryAgainWithin{8};  ///< what passes, passes soon
/// A try. The kernel itself gives up after 20 s; Debian's 6.1 takes bluetoothd down where somebody else does before.
constexpr std::chrono::seconds kOneConnect{22};
constexpr std::chrono::seconds kResolveWithin{10};
constexpr std::chrono::seconds kPairWithin{60};
constexpr std::chrono::seconds kDownWithin{5};
constexpr std::chrono::milliseconds kConnectedFollows{500};  ///< bluetoothd says that it connected before it shows it
constexpr std::chrono::milliseconds kBeforeAnotherTry{500};

/// What one opening knows all the time.
struct Opening {
  Timeline& timeline;
  std::string name;
  BleUri uri;
  PairingOperator pairing;
  std::shared_ptr<Bluez> bluez;
  AdapterInfo adapter;
  DeviceInfo pen;

  Error named(const Error& error) const {
    return error.message.starts_with(name + ": ") ? error : fail(error.code, name + ": " + error.message);
  }
};

struct StreamCharacteristics {
  CharacteristicInfo to_pen, from_pen, info;
};

/// A pen that is connected when it is opened is so from before: by a program that died, or by a link that goes down
/// only now, and would take a new stream with it. It begins anew, unless somebody uses it.
Awaitable<Result<void>> end_connection_before(Opening& o) {
  for (const CharacteristicInfo& characteristic : o.bluez->characteristics_of(o.pen.path)) {
    const bool of_stream = characteristic.uuid == kToPen || characteristic.uuid == kFromPen;
    if (of_stream && characteristic.acquired) {
      co_return fail(Errc::port_busy,
                     "another program uses the pen's stream (end it, or disconnect the pen: "
                     "bluetoothctl disconnect " +
                         o.pen.address + ")");
    }
  }
  o.bluez->disconnect_device(o.pen.path);
  const TimePoint down_by = o.timeline.now() + kDownWithin;
  for (;;) {
    if (const auto gone = o.bluez->gone()) co_return *gone;
    const auto now = o.bluez->device(o.pen.path);
    if (!now || !now->connected) co_return Result<void>{};
    const bool told = co_await o.bluez->changed().wait_until(down_by);
    if (!told) co_return fail(Errc::link_lost, "the pen's connection from before does not end");
  }
}

Awaitable<Result<void>> connect(Opening& o) {
  if (const auto before = o.bluez->device(o.pen.path); before && before->connected) {
    const Result<void> ended = co_await end_connection_before(o);
    if (!ended) co_return ended.error();
  }
  if (!o.bluez->device(o.pen.path)) co_return fail(Errc::link_lost, "the pen was removed from bluetoothd");
  const TimePoint deadline = o.timeline.now() + kOneConnect;
  const Result<void> connected = co_await o.bluez->connect_device(o.pen.path, deadline);
  if (!connected) {
    o.bluez->disconnect_device(o.pen.path);  // else bluetoothd goes on trying by itself
    co_return connected.error();
  }
  if (const auto now = o.bluez->device(o.pen.path); now && !now->connected) {
    const Result<void> looked = co_await o.bluez->look_again();  // bluetoothd 5.66 does not always tell it
    if (!looked) co_return looked.error();
  }
  const TimePoint connected_by = o.timeline.now() + kConnectedFollows;
  const TimePoint resolved_by = o.timeline.now() + kResolveWithin;
  for (;;) {
    if (const auto gone = o.bluez->gone()) co_return *gone;
    const auto now = o.bluez->device(o.pen.path);
    if (!now) co_return fail(Errc::link_lost, "the pen was removed from bluetoothd");
    if (now->resolved && now->connected) co_return co_await o.bluez->look_again();
    const TimePoint until = now->connected ? resolved_by : connected_by;
    const bool told = co_await o.bluez->changed().wait_until(until);
    if (told && o.timeline.now() < until) continue;
    const char* what = now->connected ? "the pen is connected and does not tell its services"
                                      : "the pen's connection ended before it told its services";
    co_return fail(Errc::link_lost, what);
  }
}

Result<StreamCharacteristics> find_stream(const Opening& o) {
  StreamCharacteristics stream;
  int found = 0;
  for (const CharacteristicInfo& characteristic : o.bluez->characteristics_of(o.pen.path)) {
    for (const auto& [uuid, into] : {std::pair{kToPen, &stream.to_pen}, std::pair{kFromPen, &stream.from_pen},
                                     std::pair{kStreamInfo, &stream.info}}) {
      if (characteristic.uuid != uuid) continue;
      *into = characteristic;
      ++found;
    }
  }
  if (found == 3) return stream;
  return fail(Errc::wrong_device, o.pen.address + (o.pen.name.empty() ? "" : " '" + o.pen.name + "'") +
                                      " is no pen of this profile: it has " + std::to_string(found) +
                                      " of the three characteristics of the Pen service (protocols/GATT.md)");
}

Awaitable<Result<void>> pair(Opening& o) {
  const auto agent = co_await PairingAgent::begin(o.timeline, o.bluez, o.pairing);
  if (!agent) co_return agent.error();
  const TimePoint deadline = o.timeline.now() + kPairWithin;
  const Result<void> paired = co_await o.bluez->pair_device(o.pen.path, deadline);
  if (!paired && !o.pairing.confirm && !o.pairing.passkey && paired.error().code == Errc::refused) {
    co_return fail(Errc::refused, paired.error().message +
                                      "; a pen that shows a number or asks for one needs somebody who answers: run "
                                      "this in a terminal, or pair it once by hand (bluetoothctl pair " +
                                      o.pen.address + ")");
  }
  if (!paired) co_return paired.error();
  // bluetoothd 5.66 dies of a subscription to what needs a pairing that is not there.
  const Result<void> looked = co_await o.bluez->look_again();
  if (!looked) co_return looked.error();
  const auto now = o.bluez->device(o.pen.path);
  if (now && now->paired) co_return Result<void>{};
  co_return fail(Errc::refused,
                 "pairing: bluetoothd says that it paired, and the pen is not paired (look at: dmesg, journalctl -u "
                 "bluetooth; switch the adapter off and on: bluetoothctl power off)");
}

/// The largest chunk that the pen takes; whether it needs pairing is done with here.
Awaitable<Result<std::size_t>> agree(Opening& o, const StreamCharacteristics& stream) {
  const Result<std::vector<std::byte>> info = co_await o.bluez->read_value(stream.info.path);
  if (!info) co_return info.error();
  if (info->size() < kStreamInfoBytes) {
    co_return fail(Errc::protocol, "the pen's stream info has " + std::to_string(info->size()) + " bytes, " +
                                       std::to_string(kStreamInfoBytes) + " were expected (it needs other firmware)");
  }
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>((*info)[i]); };
  if (at(0) != kProfileVersion) {
    co_return fail(Errc::protocol, "the pen speaks version " + std::to_string(at(0)) +
                                       " of the profile, this program version " + std::to_string(kProfileVersion) +
                                       " (the pen needs other firmware, or this program an update)");
  }
  const auto device = o.bluez->device(o.pen.path);
  const bool wants_pairing = (at(1) & kNeedsPairing) != 0 || o.uri.pair;
  if (wants_pairing && device && !device->paired) {
    const Result<void> paired = co_await pair(o);
    if (!paired) co_return paired.error();
  }
  co_return std::clamp<std::size_t>(at(2) | (at(3) << 8), kChunkMin, kChunkMax);
}

Awaitable<Result<GattPair>> subscribe(Opening& o, const StreamCharacteristics& stream) {
  GattPair pair;
  pair.device_path = o.pen.path;
  pair.adapter_path = o.adapter.path;
  pair.to_pen_path = stream.to_pen.path;
  pair.from_pen_path = stream.from_pen.path;
  auto notify = co_await o.bluez->acquire_notify(stream.from_pen.path);
  if (!notify) co_return notify.error();
  pair.notify = std::move(*notify);
  auto write = co_await o.bluez->acquire_write(stream.to_pen.path);
  if (!write) {
    const auto port = make_gatt_port(o.timeline, o.bluez, std::move(pair));
    port->close({});
    co_await port->let_go();
    co_return write.error();
  }
  pair.write = std::move(*write);
  co_return pair;
}

Awaitable<Result<std::unique_ptr<ByteLink>>> try_once(Opening& o) {
  const Result<void> connected = co_await connect(o);
  if (!connected) co_return connected.error();
  const auto stream = find_stream(o);
  if (!stream) co_return stream.error();
  const Result<std::size_t> largest = co_await agree(o, *stream);
  if (!largest) co_return largest.error();
  Result<LinkFacts> facts = co_await read_facts(o.bluez, o.pen);
  if (!facts) co_return facts.error();
  auto pair = co_await subscribe(o, *stream);
  if (!pair) co_return pair.error();

  std::size_t mtu = stream->to_pen.mtu.value_or(kMtuMin);
  if (pair->write) mtu = pair->write->mtu;
  ChunkConfig config;
  config.largest_out = std::min(*largest, chunk_for_mtu(mtu));
  const bool by_signals = !pair->notify;
  const std::string from_pen = pair->from_pen_path;
  auto port = make_gatt_port(o.timeline, o.bluez, std::move(*pair));
  if (by_signals) {
    const Result<void> notified = co_await o.bluez->start_notify(from_pen);
    if (!notified) co_return notified.error();
  }
  const auto nonce = static_cast<std::uint32_t>(o.timeline.utc_ns(o.timeline.now()) / 1000);
  auto link = co_await open_chunk_link(o.timeline, std::move(port), o.name, config, nonce);
  if (!link) co_return link.error();
  std::unique_ptr<ByteLink> known = std::make_unique<KnownLink>(std::move(*link), std::move(*facts));
  co_return known;
}

/// What may be over when it is tried again: a link that was still going down, a connection that did not come about.
bool may_pass(const Error& error) { return error.code == Errc::link_lost || error.code == Errc::timeout; }

Awaitable<Result<std::unique_ptr<ByteLink>>> open_found(Opening o) {
  const TimePoint until = o.timeline.now() + kTryAgainWithin;
  for (;;) {
    auto link = co_await try_once(o);
    if (link) co_return link;
    Error why = o.named(link.error());
    if (const auto gone = o.bluez->gone()) co_return o.named(*gone);
    o.bluez->disconnect_device(o.pen.path);
    if (!may_pass(why) || o.timeline.now() + kBeforeAnotherTry >= until) co_return why;
    co_await o.timeline.sleep_for(kBeforeAnotherTry);
  }
}

}  // namespace
}  // namespace ble

Awaitable<Result<std::unique_ptr<ByteLink>>> open_ble(Timeline& timeline, std::string uri, PairingOperator pairing) {
  const Result<BleUri> parsed = parse_ble_uri(uri);
  if (!parsed) co_return parsed.error();
  if (timeline.is_virtual()) co_return fail(Errc::internal, uri + ": a radio cannot be driven in virtual time");
  ble::Opening o{timeline, uri, *parsed, std::move(pairing), nullptr, {}, {}};
  auto bluez = co_await ble::Bluez::connect(timeline);
  if (!bluez) co_return o.named(bluez.error());
  o.bluez = std::move(*bluez);
  const Result<ble::AdapterInfo> adapter = ble::choose_adapter(*o.bluez, o.uri.adapter);
  if (!adapter) co_return o.named(adapter.error());
  o.adapter = *adapter;
  const Result<ble::DeviceInfo> pen = co_await ble::find_pen(timeline, o.bluez, o.adapter, o.uri);
  if (!pen) co_return o.named(pen.error());
  o.pen = *pen;
  const Result<void> narrowed = co_await o.bluez->narrow_to(o.pen.path);
  if (!narrowed) co_return o.named(narrowed.error());
  co_return co_await ble::open_found(std::move(o));
}

Awaitable<Result<std::unique_ptr<ByteLink>>> open_ble(Timeline& timeline, std::string uri) {
  return open_ble(timeline, std::move(uri), PairingOperator{});
}

Awaitable<Result<std::string>> describe_adapter(Timeline& timeline, std::string adapter) {
  auto connected = co_await ble::Bluez::connect(timeline);
  if (!connected) co_return connected.error();
  const Result<ble::AdapterInfo> usable = ble::choose_adapter(**connected, adapter);
  if (!usable) co_return usable.error();
  co_return usable->name + ", " + usable->address;
}

Awaitable<Result<std::vector<BleAdvertiser>>> list_advertisers(Timeline& timeline, std::string adapter,
                                                               Nanoseconds scan) {
  auto connected = co_await ble::Bluez::connect(timeline);
  if (!connected) co_return connected.error();
  const std::shared_ptr<ble::Bluez> bluez = *connected;
  const Result<ble::AdapterInfo> usable = ble::choose_adapter(*bluez, adapter);
  if (!usable) co_return usable.error();
  std::map<std::string, std::string> scanned;  // path → name
  for (const ble::AdapterInfo& one : bluez->adapters()) {
    if (!one.powered || (!adapter.empty() && one.name != adapter)) continue;
    const Result<void> started = co_await bluez->start_discovery(one.path);
    if (!started) co_return started.error();
    scanned[one.path] = one.name;
  }
  co_await timeline.sleep_for(scan);
  const Result<void> looked = co_await bluez->look_again();
  if (!looked) co_return looked.error();
  std::vector<BleAdvertiser> heard;
  for (const ble::DeviceInfo& device : bluez->devices()) {
    if (!scanned.contains(device.adapter_path) || (!device.rssi_dbm && !device.connected)) continue;
    const bool is_pen = std::ranges::find(device.services, ble::kPenService) != device.services.end();
    std::optional<int> rssi_dbm = device.rssi_dbm;
    if (rssi_dbm == ble::kRssiUnknown) rssi_dbm.reset();
    BleAdvertiser advertiser{device.name, device.address,  scanned[device.adapter_path],
                             rssi_dbm,    device.services, is_pen};
    heard.push_back(std::move(advertiser));
  }
  std::ranges::stable_sort(heard, [](const BleAdvertiser& a, const BleAdvertiser& b) {
    return std::pair{a.is_pen, a.rssi_dbm} > std::pair{b.is_pen, b.rssi_dbm};
  });
  co_return heard;
}

}  // namespace penrig
