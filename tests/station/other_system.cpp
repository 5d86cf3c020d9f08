#include "tests/station/other_system.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace penrig::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

OtherSystem::Asked read_head(const std::string& head) {
  OtherSystem::Asked asked;
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);
  asked.target = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
  while (std::getline(lines, line) && line.size() > 1) {
    const std::size_t colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    asked.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return asked;
}

}  // namespace

OtherSystem::OtherSystem(Timeline& timeline)
    : arrived(timeline), timeline_(timeline), acceptor_(timeline.io(), {asio::ip::make_address("127.0.0.1"), 0}) {}

std::string OtherSystem::url() const {
  return fmt::format("http://127.0.0.1:{}/hook", acceptor_.local_endpoint().port());
}

void OtherSystem::close() {
  closed_ = true;
  hanging_.clear();
  error_code ignored;
  acceptor_.close(ignored);
}

std::string OtherSystem::reply(unsigned status, const std::string& body) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", status, body.size(),
                     body);
}

Awaitable<void> OtherSystem::serve() {
  while (!closed_) {
    error_code error;
    tcp::socket socket(timeline_.io());
    co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    timeline_.spawn(serve_one(std::move(socket)));
  }
}

Awaitable<void> OtherSystem::serve_one(tcp::socket socket) {
  std::string bytes;
  error_code error;
  const std::size_t head = co_await asio::async_read_until(socket, asio::dynamic_buffer(bytes), "\r\n\r\n",
                                                           asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  Asked one = read_head(bytes.substr(0, head));
  const std::size_t size = std::stoul(one.headers["content-length"]);
  if (bytes.size() < head + size) {
    co_await asio::async_read(socket, asio::dynamic_buffer(bytes), asio::transfer_exactly(head + size - bytes.size()),
                              asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) co_return;
  one.body = bytes.substr(head, size);
  const std::string said = answer(one);
  asked.push_back(std::move(one));
  arrived.notify_all();
  if (said == "hang") {
    hanging_.push_back(std::move(socket));
    co_return;
  }
  co_await asio::async_write(socket, asio::buffer(said), asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace penrig::testing
