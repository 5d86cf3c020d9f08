#include "protocols/ble/ble_link.hpp"
#include "protocols/links.hpp"

namespace penrig {
namespace {

bool is_ble(std::string_view uri) { return uri.starts_with("ble:"); }

}  // namespace

Awaitable<Result<std::unique_ptr<ByteLink>>> open_link(Timeline& timeline, std::string uri, PairingOperator pairing) {
  if (is_ble(uri)) co_return co_await open_ble(timeline, std::move(uri), std::move(pairing));
  co_return open_serial(timeline, uri);
}

Result<void> check_link_uri(std::string_view uri) {
  if (is_ble(uri)) {
    const Result<BleUri> parsed = parse_ble_uri(uri);
    return parsed ? Result<void>{} : Result<void>(parsed.error());
  }
  const Result<SerialUri> parsed = parse_serial_uri(uri);
  return parsed ? Result<void>{} : Result<void>(parsed.error());
}

}  // namespace penrig
