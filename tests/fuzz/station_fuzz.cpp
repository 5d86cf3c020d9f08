// libFuzzer target: any bytes through what a station reads of others: the address and the cookies of a request, a
// label, the address and the secret of a hook. Nothing may crash; what is taken keeps what it promises.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>

#include "reports/station/gs1.hpp"
#include "reports/station/hook_secret.hpp"
#include "reports/station/http.hpp"
#include "reports/station/url.hpp"
#include "tests/fuzz/demand.hpp"

using penrig::fuzz::demand;

namespace {

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void address(const std::string& text) {
  const auto target = penrig::station::parse_target(text);
  if (!target) return;
  demand(target->path.starts_with('/') && is_plain(target->path), "a path begins with a slash and is plain");
  const std::string path = target->path + "/";
  demand(path.find("/../") == std::string::npos && path.find("/./") == std::string::npos &&
             path.find('\\') == std::string::npos,
         "a path does not climb");
  for (const auto& [name, value] : target->query) demand(is_plain(name) && is_plain(value), "a query is plain");
}

void cookies(const std::string& text) {
  penrig::station::Request request;
  request.headers["cookie"] = text;
  demand(request.cookie("penrig_session").size() <= text.size(), "a cookie is no longer than its header");
}

void label(const std::string& text) {
  const auto label = penrig::station::read_label(text);
  if (!label) {
    demand(!label.error().message.empty() && is_plain(label.error().message),
           "a refusal has words, and no control codes");
    return;
  }
  demand(!label->serial_number.empty() && is_plain(label->serial_number), "a label has a plain serial number");
  demand(label->gtin.empty() || label->gtin.size() == 14, "a GTIN has 14 digits");
}

/// The rule once more, as the system reads addresses.
bool is_this_machine(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

void url(const std::string& text) {
  const auto url = penrig::station::parse_url(text);
  if (!url) {
    demand(is_plain(url.error().message), "a refusal has no control codes");
    return;
  }
  demand(!url->host.empty() && url->target.starts_with('/') && is_plain(url->target), "an address is whole");
  const int port = std::stoi(url->port);
  demand(port >= 1 && port <= 65535, "a port is one");
  demand(url->secure || is_this_machine(url->host), "another machine is asked over TLS alone");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  address(text);
  cookies(text);
  label(text);
  url(text);
  (void)penrig::station::HookSecret::parse(text);
  return 0;
}
