#include "reports/station/http_client.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "reports/station/transport.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kLargestHead = 16U << 10U, kLargestBody = 64U << 10U, kLongestUrl = 2000;

/// Characters that a host's name, or an address, is made of.
bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
}

bool is_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 &&
         std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         std::stoul(std::string(port)) - 1 < 65535;
}

bool on_this_machine(const std::string& host) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return error ? host == "localhost" : address.is_loopback();
}

/// What one question came to. Whoever asked may be gone before it ends.
struct Exchange {
  Exchange(Timeline& line, Url where) : timeline(line), url(std::move(where)), socket(line.io()), ended(line) {}
  void finish(Result<HttpReply> with) {
    if (!reply) reply = std::move(with);
    ended.notify_all();
  }
  void give_up() {
    given_up = true;
    if (transport) transport->close();
    error_code ignored;
    socket.close(ignored);
  }

  Timeline& timeline;
  Url url;
  tcp::socket socket;
  std::unique_ptr<Transport> transport;
  std::optional<Result<HttpReply>> reply;
  bool given_up = false;
  Event ended;
};

Error lost(const Exchange& exchange, std::string_view doing, const error_code& error) {
  return fail(Errc::link_lost, fmt::format("{}: {}: {}", exchange.url.text, doing, error.message()));
}

/// A socket that is connected, or why there is none.
Awaitable<Result<void>> connect(std::shared_ptr<Exchange> exchange) {
  error_code error;
  tcp::resolver resolver(exchange->timeline.io());
  const auto found = co_await resolver.async_resolve(exchange->url.host, exchange->url.port,
                                                     asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return lost(*exchange, "its name is not known", error);
  if (exchange->given_up) co_return fail(Errc::aborted, "given up");
  co_await asio::async_connect(exchange->socket, found, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return lost(*exchange, "cannot be reached", error);
  co_return Result<void>{};
}

Awaitable<Result<HttpReply>> talk(std::shared_ptr<Exchange> exchange, http::request<http::string_body> request) {
  error_code error = co_await exchange->transport->begin();
  if (error) co_return lost(*exchange, "TLS did not come about", error);
  Stream stream(*exchange->transport);
  co_await http::async_write(stream, request, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return lost(*exchange, "the request could not be sent", error);
  beast::flat_buffer buffer(kLargestHead + kLargestBody);
  http::response_parser<http::string_body> parser;
  parser.header_limit(kLargestHead);
  parser.body_limit(kLargestBody);
  co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return lost(*exchange, "there came no HTTP reply of at most 64 kB", error);
  co_return HttpReply{parser.get().result_int(), std::move(parser.get().body())};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::usage, fmt::format("'{}': {} (write it as https://mes.example/penrig)", shown(text), why));
  };
  if (text.size() > kLongestUrl) return wrong("is longer than 2000 characters");
  if (std::ranges::any_of(text, [](unsigned char c) { return c <= 0x20 || c >= 0x7f || c == '\\'; }))
    return wrong("has characters that no address has");
  Url url;
  url.text = text;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    url.port = "443";
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.secure = false;
    url.port = "80";
  } else {
    return wrong("is no http or https address");
  }
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  rest.remove_prefix(slash);
  if (rest.find('#') != std::string_view::npos) return wrong("has a fragment, which is never sent");
  if (!rest.empty()) url.target = (rest.front() == '?' ? "/" : "") + std::string(rest);
  if (authority.find('@') != std::string_view::npos) return wrong("has a name or a password in it");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority.remove_prefix(1);
    authority.remove_suffix(1);
  }
  url.host = authority;
  if (!is_host(url.host)) return wrong("names no host");
  if (!is_port(url.port)) return wrong(fmt::format("'{}' is no port", url.port));
  if (!url.secure && !on_this_machine(url.host)) return wrong("another machine is only asked over https");
  return url;
}

struct HttpClient::Impl {
  Timeline& timeline;
  std::unique_ptr<asio::ssl::context> tls;

  static Awaitable<void> ask(std::shared_ptr<Impl> self, std::shared_ptr<Exchange> exchange,
                             http::request<http::string_body> request) {
    const Result<void> connected = co_await connect(exchange);
    if (!connected) {
      exchange->finish(connected.error());
      co_return;
    }
    const Url& url = exchange->url;
    exchange->transport = url.secure
                              ? make_tls_client_transport(std::move(exchange->socket), *self->tls, url.host)
                              : make_plain_transport(std::move(exchange->socket));
    if (!exchange->transport) {
      exchange->finish(fail(Errc::link_lost, url.text + ": TLS cannot be set up for this host"));
      co_return;
    }
    auto talking = talk(exchange, std::move(request));
    Result<HttpReply> reply = co_await std::move(talking);
    exchange->transport->close();
    exchange->finish(std::move(reply));
  }
};

HttpClient::HttpClient(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(Timeline& timeline) {
  auto tls = make_client_tls();
  if (!tls) return tls.error();
  return std::unique_ptr<HttpClient>(new HttpClient(std::make_shared<Impl>(Impl{timeline, std::move(*tls)})));
}

Awaitable<Result<HttpReply>> HttpClient::post(Url url, std::vector<std::pair<std::string, std::string>> headers,
                                              std::string body, Nanoseconds within) {
  const bool usual = url.port == (url.secure ? "443" : "80");
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  http::request<http::string_body> request(http::verb::post, url.target, 11);
  request.set(http::field::host, usual ? host : host + ":" + url.port);
  request.set(http::field::user_agent, "penrig");
  request.set(http::field::content_type, "application/json");
  request.set(http::field::accept, "application/json");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.keep_alive(false);
  request.body() = std::move(body);
  request.prepare_payload();
  Timeline& timeline = impl_->timeline;
  const TimePoint until = timeline.now() + within;
  auto exchange = std::make_shared<Exchange>(timeline, std::move(url));
  timeline.spawn(Impl::ask(impl_, exchange, std::move(request)));
  while (!exchange->reply && timeline.now() < until) co_await exchange->ended.wait_until(until);
  if (exchange->reply) co_return std::move(*exchange->reply);
  exchange->give_up();
  co_return fail(Errc::timeout, fmt::format("{}: there was no reply within {:g} s", exchange->url.text,
                                            static_cast<double>(within.count()) * 1e-9));
}

}  // namespace penrig::station
