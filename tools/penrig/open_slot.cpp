#include "tools/penrig/open_slot.hpp"

#include "fixtures/bench_ports.hpp"
#include "protocols/links.hpp"

namespace penrig::cli {

Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot, LinkWrap wrap) {
  auto pen = co_await open_link(timeline, slot.pen_link);
  if (!pen) co_return pen.error();
  auto daq = open_serial(timeline, slot.daq_link);
  if (!daq) co_return daq.error();
  auto pen_link = wrap(std::move(*pen));
  auto daq_link = wrap(std::move(*daq));
  std::unique_ptr<ByteLink> pen_ble_link;
  if (!slot.pen_ble_link.empty()) {
    auto pen_ble = co_await open_link(timeline, slot.pen_ble_link);
    if (!pen_ble) co_return pen_ble.error();
    pen_ble_link = wrap(std::move(*pen_ble));
  }
  co_return co_await make_bench_ports(timeline, std::move(pen_link), std::move(daq_link), std::move(pen_ble_link));
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> open_slot(Timeline& timeline, SlotDescription slot) {
  return open_slot(timeline, std::move(slot), [](std::unique_ptr<ByteLink> link) { return link; });
}

}  // namespace penrig::cli
