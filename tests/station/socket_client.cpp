#include "tests/station/socket_client.hpp"

#include <cctype>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

namespace penrig::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

constexpr Nanoseconds kAnswerWithin = std::chrono::seconds{30};

/// Closes a socket when its time is over; shared with the coroutine that waits.
struct Watch : std::enable_shared_from_this<Watch> {
  Watch(Timeline& line, tcp::socket& what) : timeline(line), socket(what), ended(line) {}
  static Awaitable<void> run(std::shared_ptr<Watch> watch, Nanoseconds at_most) {
    const TimePoint deadline = watch->timeline.now() + at_most;
    while (!watch->over && watch->timeline.now() < deadline) co_await watch->ended.wait_until(deadline);
    error_code ignored;
    if (!watch->over) watch->socket.close(ignored);
  }
  void end() {
    over = true;
    ended.notify_all();
  }
  Timeline& timeline;
  tcp::socket& socket;
  Event ended;
  bool over = false;
};

std::shared_ptr<Watch> watch(Timeline& timeline, tcp::socket& socket, Nanoseconds at_most) {
  auto watching = std::make_shared<Watch>(timeline, socket);
  timeline.spawn(Watch::run(watching, at_most));
  return watching;
}

tcp::endpoint at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

Answered answered_of(const http::response<http::string_body>& response) {
  Answered answered;
  answered.status = response.result_int();
  for (const auto& field : response) {
    std::string name{field.name_string().data(), field.name_string().size()};
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string& value = answered.headers[name];
    if (!value.empty()) value += ", ";
    value.append(field.value().data(), field.value().size());
  }
  answered.body = response.body();
  return answered;
}

}  // namespace

Awaitable<Answered> SocketClient::ask(std::string method, std::string target, std::string body, Headers headers) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
  if (!cookie.empty()) request.set(http::field::cookie, cookie);
  if (!csrf.empty()) request.set("X-CSRF-Token", csrf);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = std::move(body);
  request.prepare_payload();
  tcp::socket socket(timeline_.io());
  const auto watching = watch(timeline_, socket, kAnswerWithin);
  error_code error;
  co_await socket.async_connect(at(port_), asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_await http::async_write(socket, request, asio::redirect_error(asio::use_awaitable, error));
  http::response_parser<http::string_body> parser;
  parser.body_limit(64U << 20U);
  parser.skip(method == "HEAD");
  beast::flat_buffer buffer;
  if (!error) co_await http::async_read(socket, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  watching->end();
  if (error) co_return Answered{};
  co_return answered_of(parser.get());
}

Awaitable<Answered> SocketClient::sign_in(std::string name, std::string password) {
  cookie.clear();
  csrf.clear();
  std::string body = nlohmann::json{{"name", name}, {"password", password}}.dump();
  Answered answered = co_await ask("POST", "/api/session", std::move(body));
  if (answered.status == 200) {
    const std::string& set = answered.headers["set-cookie"];
    cookie = set.substr(0, set.find(';'));
    csrf = nlohmann::json::parse(answered.body).at("csrf_token");
  }
  co_return answered;
}

Awaitable<std::string> SocketClient::raw(std::string bytes, Nanoseconds at_most) {
  tcp::socket socket(timeline_.io());
  const auto watching = watch(timeline_, socket, at_most);
  error_code error;
  co_await socket.async_connect(at(port_), asio::redirect_error(asio::use_awaitable, error));
  // It may answer and end before it has taken all.
  if (!error) {
    error_code ignored;
    co_await asio::async_write(socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ignored));
  }
  std::string all;
  while (!error) {
    std::string part(4096, '\0');
    const std::size_t n =
        co_await socket.async_read_some(asio::buffer(part), asio::redirect_error(asio::use_awaitable, error));
    all.append(part, 0, n);
  }
  watching->end();
  co_return all;
}

struct SocketListener::Impl {
  Impl(Timeline& line, std::uint16_t to) : timeline(line), socket(line.io()), port(to) {}
  tcp::socket& lowest() { return socket.next_layer(); }
  Timeline& timeline;
  websocket::stream<tcp::socket> socket;
  std::uint16_t port;
};

SocketListener::SocketListener(Timeline& timeline, std::uint16_t port)
    : impl_(std::make_shared<Impl>(timeline, port)) {}
SocketListener::~SocketListener() { drop(); }

Awaitable<unsigned> SocketListener::open(std::string target, SocketClient::Headers headers) {
  const auto watching = watch(impl_->timeline, impl_->lowest(), kAnswerWithin);
  error_code error;
  co_await impl_->lowest().async_connect(at(impl_->port), asio::redirect_error(asio::use_awaitable, error));
  impl_->socket.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
    for (const auto& [name, value] : headers) request.set(name, value);
  }));
  websocket::response_type response;
  std::string host = "127.0.0.1:" + std::to_string(impl_->port);
  if (!error) {
    co_await impl_->socket.async_handshake(response, host, target, asio::redirect_error(asio::use_awaitable, error));
  }
  watching->end();
  co_return response.result_int() == 200 && error ? 0 : response.result_int();
}

Awaitable<std::optional<std::string>> SocketListener::next(Nanoseconds at_most) {
  const TimePoint until = impl_->timeline.now() + at_most;
  for (;;) {
    auto text = co_await next_of_all(until - impl_->timeline.now());
    if (!text || *text != R"({"type":"alive"})") co_return text;
  }
}

Awaitable<std::optional<std::string>> SocketListener::next_of_all(Nanoseconds at_most) {
  const auto watching = watch(impl_->timeline, impl_->lowest(), at_most);
  beast::flat_buffer buffer;
  error_code error;
  co_await impl_->socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
  watching->end();
  if (error) co_return std::nullopt;
  co_return beast::buffers_to_string(buffer.data());
}

Awaitable<void> SocketListener::send(std::string text) {
  error_code ignored;
  co_await impl_->socket.async_write(asio::buffer(text), asio::redirect_error(asio::use_awaitable, ignored));
}

Awaitable<void> SocketListener::send_raw(std::string bytes) {
  error_code ignored;
  co_await asio::async_write(impl_->lowest(), asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ignored));
}

unsigned SocketListener::close_code() const { return impl_->socket.reason().code; }

void SocketListener::drop() {
  error_code ignored;
  impl_->lowest().close(ignored);
}

}  // namespace penrig::testing
