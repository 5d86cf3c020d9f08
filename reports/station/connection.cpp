#include "reports/station/connection.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace penrig::station {

// What Beast's WebSocket asks of a stream, besides reading and writing.
inline void teardown(boost::beast::role_type, Stream& stream, boost::system::error_code& error) {
  stream.transport().close();
  error = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler) {
  stream.transport().close();
  boost::asio::post(stream.get_executor(),
                    boost::beast::bind_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}
inline void beast_close_socket(Stream& stream) { stream.transport().close(); }

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr Nanoseconds kStillThere = std::chrono::seconds{15}, kLookAtSession = std::chrono::seconds{1};
/// A page sees no ping: what it is told when nothing else was for so long. Without it a lost link looks like a quiet
/// rig.
constexpr Nanoseconds kAliveEvery = std::chrono::seconds{1};
constexpr std::string_view kAlive = R"({"type":"alive"})";
constexpr std::size_t kKeyLength = 24;    // 16 bytes in base64
constexpr unsigned kTextsFromPage = 100;  // none is expected; a page that floods is let go

/// Closes a transport when its deadline is over. Shared with the coroutine that watches.
struct Deadline : std::enable_shared_from_this<Deadline> {
  Deadline(Timeline& line, std::shared_ptr<Transport> what)
      : timeline(line), transport(std::move(what)), changed(line) {}
  void set(Nanoseconds from_now) {
    const TimePoint before = at;
    at = timeline.now() + from_now;
    if (at < before) changed.notify_all();
  }
  void end() {
    over = true;
    transport->close();
    changed.notify_all();
  }
  static Awaitable<void> watch(std::shared_ptr<Deadline> deadline) {
    while (!deadline->over) {
      if (deadline->timeline.now() >= deadline->at) deadline->end();
      if (!deadline->over) co_await deadline->changed.wait_until(deadline->at);
    }
  }

  Timeline& timeline;
  std::shared_ptr<Transport> transport;
  Event changed;
  TimePoint at{};
  bool over = false;
};

std::string copy_of(beast::string_view text) { return {text.data(), text.size()}; }

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

using Parser = http::request_parser<http::string_body>;
using Message = http::response<http::string_body>;

/// The request as the station sees it; none: its address is none.
std::optional<Request> request_of(const http::request<http::string_body>& message, const std::string& from) {
  const auto target = parse_target(copy_of(message.target()));
  if (!target) return std::nullopt;
  Request request;
  request.method = copy_of(message.method_string());
  request.path = target->path;
  request.query = target->query;
  for (const auto& field : message) {
    request.headers.try_emplace(lower(copy_of(field.name_string())), copy_of(field.value()));
  }
  request.body = message.body();
  request.from = from;
  return request;
}

/// No line break gets into a header, whatever it was made of.
std::string on_one_line(std::string value) {
  std::erase_if(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  return value;
}

Message message_of(Response response, bool keep_alive, bool head_only) {
  Message message(static_cast<http::status>(response.status), 11);
  message.set(http::field::content_type, response.type);
  for (const auto& [name, value] : common_headers()) message.set(name, value);
  for (const auto& [name, value] : response.headers) message.set(name, on_one_line(value));
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  if (head_only) message.body().clear();
  return message;
}

Response refusal_of(const error_code& error) {
  if (error == http::error::header_limit) return error_response(431, "too_large", "the head is larger than 16 kB");
  if (error == http::error::body_limit) return error_response(413, "too_large", "the body is larger than 64 kB");
  return error_response(400, "bad_request", "this is no request");
}

Awaitable<bool> send(Stream& stream, Deadline& deadline, ConnectionBounds bounds, Response response, bool keep_alive,
                     bool head_only) {
  Message message = message_of(std::move(response), keep_alive, head_only);
  http::response_serializer<http::string_body> serializer(message);
  error_code error;
  deadline.set(bounds.writing);
  if (head_only) {
    co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  }
  co_return !error && keep_alive;
}

/// A page that listens. Shared by the coroutine that reads and the one that writes.
struct Listening {
  Listening(Stream& stream, std::shared_ptr<LiveClient> what) : socket(stream), client(std::move(what)) {}
  websocket::stream<Stream> socket;
  std::shared_ptr<LiveClient> client;
  std::shared_ptr<Deadline> deadline;
};

/// Takes what the page sends, and forgets it; ends with the connection.
Awaitable<void> read_all(std::shared_ptr<Listening> listening) {
  beast::flat_buffer buffer;
  error_code error;
  for (unsigned texts = 0; !error && texts < kTextsFromPage; ++texts) {
    co_await listening->socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    buffer.clear();
  }
  listening->client->close();
}

Awaitable<void> tell_all(Station& station, std::shared_ptr<Listening> listening, Request request,
                         ConnectionBounds bounds) {
  Deadline& deadline = *listening->deadline;
  LiveClient& client = *listening->client;
  error_code error;
  TimePoint heard = deadline.timeline.now(), looked = heard, told = heard;
  bool signed_in = true;
  while (!error && signed_in) {
    deadline.set(bounds.writing);
    if (deadline.timeline.now() - looked >= kLookAtSession) {
      looked = deadline.timeline.now();
      signed_in = station.still_signed_in(request);
      continue;
    }
    if (const auto text = client.next()) {
      told = deadline.timeline.now();
      co_await listening->socket.async_write(asio::buffer(*text), asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (client.closed()) break;
    if (deadline.timeline.now() - told >= kAliveEvery) {
      told = deadline.timeline.now();
      co_await listening->socket.async_write(asio::buffer(kAlive), asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (deadline.timeline.now() - heard >= kStillThere) {
      heard = deadline.timeline.now();
      const websocket::ping_data nothing;
      co_await listening->socket.async_ping(nothing, asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    co_await client.arrived().wait_until(deadline.timeline.now() + kLookAtSession);
  }
  if (error) co_return;
  deadline.set(std::chrono::seconds{2});
  const websocket::close_reason why(client.closed() ? websocket::close_code::going_away
                                                    : websocket::close_code::policy_error);
  co_await listening->socket.async_close(why, asio::redirect_error(asio::use_awaitable, error));
}

/// @return false: it became no WebSocket, and `refused` says why.
Awaitable<bool> serve_live(Station& station, Stream& stream, std::shared_ptr<Deadline> deadline,
                           const http::request<http::string_body>& message, Request request, ConnectionBounds bounds,
                           Response& refused) {
  auto client = station.listen(request, refused);
  if (!client) co_return false;
  auto listening = std::make_shared<Listening>(stream, std::move(client));
  listening->deadline = deadline;
  listening->socket.read_message_max(1024);
  listening->socket.text(true);
  error_code error;
  deadline->set(bounds.writing);
  co_await listening->socket.async_accept(message, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return true;
  deadline->timeline.spawn(read_all(listening));
  co_await tell_all(station, listening, std::move(request), bounds);
  co_return true;
}

Awaitable<void> serve_http(Station& station, Stream& stream, std::shared_ptr<Deadline> deadline, std::string from,
                           ConnectionBounds bounds) {
  beast::flat_buffer buffer(bounds.header_bytes + bounds.body_bytes + 4096);
  for (unsigned i = 0; i < bounds.requests; ++i) {
    Parser parser;
    parser.header_limit(bounds.header_bytes);
    parser.body_limit(bounds.body_bytes);
    error_code error;
    deadline->set(bounds.idle);
    co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    const bool malformed = error.category() == http::make_error_code(http::error::end_of_stream).category();
    if (error == http::error::end_of_stream || (error && !malformed)) co_return;  // gone
    if (error) {
      co_await send(stream, *deadline, bounds, refusal_of(error), false, false);
      co_return;
    }
    const auto& message = parser.get();
    auto request = request_of(message, from);
    bool keep_alive = message.keep_alive() && i + 1 < bounds.requests;
    Response response;
    if (!request) {
      response = error_response(400, "bad_request", "there is no such address");
      keep_alive = false;
    } else if (websocket::is_upgrade(message) && message["Sec-WebSocket-Key"].size() != kKeyLength) {
      response = error_response(400, "bad_request", "Sec-WebSocket-Key is none");
      keep_alive = false;
    } else if (websocket::is_upgrade(message)) {
      const bool was = co_await serve_live(station, stream, deadline, message, std::move(*request), bounds, response);
      if (was) co_return;
      keep_alive = false;
    } else {
      deadline->set(std::chrono::minutes{2});  // the worker may have others before it
      response = co_await station.answer(std::move(*request));
    }
    const bool head_only = message.method() == http::verb::head;
    const bool on = co_await send(stream, *deadline, bounds, std::move(response), keep_alive, head_only);
    if (!on) co_return;
  }
}

}  // namespace

Awaitable<void> serve_connection(Timeline& timeline, Station& station, std::shared_ptr<Transport> transport,
                                 std::string from, ConnectionBounds bounds) {
  auto deadline = std::make_shared<Deadline>(timeline, transport);
  deadline->set(bounds.idle);
  timeline.spawn(Deadline::watch(deadline));
  const error_code begun = co_await transport->begin();
  if (!begun) {
    Stream stream(*transport);
    co_await serve_http(station, stream, deadline, std::move(from), bounds);
  }
  deadline->end();
}

}  // namespace penrig::station
