#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penrig {

/// Completion token: the error code and what else an operation gives come as a tuple; a failure is not thrown.
inline constexpr auto kAwaitCode = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace penrig
