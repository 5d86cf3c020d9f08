#include "tools/penrig/open_slot.hpp"

#include "fixtures/bench_ports.hpp"
#include "protocols/links.hpp"
#include "rig/spec/pen_link.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kAdapterAtMost = std::chrono::minutes{10};

Awaitable<Result<Leases::Lease>> take_adapter(std::string uri, std::string slot, SlotOpening how) {
  if (how.leases == nullptr || !uri.starts_with("ble:")) co_return Leases::Lease{};
  const auto parsed = parse_ble_uri(uri);
  LeaseRequest request;
  request.resources = {"Bluetooth adapter " +
                       (parsed && !parsed->adapter.empty() ? parsed->adapter : "of this computer")};
  request.who = "slot " + slot;
  request.why = "connects its pen";
  request.at_most = kAdapterAtMost;
  request.given_up = std::move(how.given_up);
  co_return co_await how.leases->take(std::move(request));
}

Awaitable<Result<std::unique_ptr<ByteLink>>> open_pen(Timeline& timeline, std::string uri, std::string slot,
                                                      SlotOpening how) {
  auto taking = take_adapter(uri, std::move(slot), how);
  const auto adapter = co_await std::move(taking);
  if (!adapter) co_return adapter.error();
  auto link = co_await open_link(timeline, std::move(uri), std::move(how.pairing));
  if (!link) co_return link.error();
  co_return how.wrap ? how.wrap(std::move(*link)) : std::move(*link);
}

}  // namespace

Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot, SlotOpening how) {
  auto opening = open_pen(timeline, slot.pen_link, slot.name, how);
  auto pen = co_await std::move(opening);
  if (!pen) co_return pen.error();
  auto daq = open_serial(timeline, slot.daq_link);
  if (!daq) co_return daq.error();
  auto daq_link = how.wrap ? how.wrap(std::move(*daq)) : std::move(*daq);
  std::unique_ptr<ByteLink> pen_ble_link;
  if (!slot.pen_ble_link.empty()) {
    auto opening_ble = open_pen(timeline, slot.pen_ble_link, slot.name, how);
    auto pen_ble = co_await std::move(opening_ble);
    if (!pen_ble) co_return pen_ble.error();
    pen_ble_link = std::move(*pen_ble);
  }
  OpenPenLink again = [&timeline, slot, how](PenLink link) {
    return open_pen(timeline, pen_link_of(slot.pen_link) == link ? slot.pen_link : slot.pen_ble_link, slot.name, how);
  };
  co_return co_await make_bench_ports(timeline, std::move(*pen), std::move(daq_link), std::move(pen_ble_link),
                                      std::move(again));
}

}  // namespace penrig::cli
