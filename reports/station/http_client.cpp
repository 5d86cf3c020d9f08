#include "reports/station/http_client.hpp"

#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "reports/station/transport.hpp"

namespace penrig::station {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kLargestHead = 16U << 10U, kLargestBody = 64U << 10U;

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
    exchange->transport = url.secure ? make_tls_client_transport(std::move(exchange->socket), *self->tls, url.host)
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
