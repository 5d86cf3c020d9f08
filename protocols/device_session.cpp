#include <optional>
#include <utility>

#include <penrig.pb.h>

#include "protocols/device_core.hpp"
#include "protocols/session.hpp"
#include "protocols/session_pump.hpp"

namespace penrig {
namespace {

/// Closing a pty drops what the other program has not read yet: it gets this long to read the goodbye.
constexpr Nanoseconds kGoodbyeLinger = std::chrono::milliseconds{20};

struct DeviceEnd;
using DeviceEndPtr = std::shared_ptr<DeviceEnd>;

/// Shared, because handlers may still be at work when a session is destroyed: their coroutines keep this block.
struct DeviceEnd : SessionPump<DeviceEnd>, std::enable_shared_from_this<DeviceEnd> {
  DeviceEnd(Timeline& timeline, ByteLink& link, DeviceSession::Config config, DeviceSession::Handler handler_)
      : SessionPump(timeline, link),
        handler(std::move(handler_)),
        ticks([&timeline, hz = config.tick_hz] { return static_cast<std::uint64_t>(timeline.now().seconds() * hz); }),
        core(
            config, [this] { return ticks(); },
            [this](wire::Envelope& envelope) {
              if (fill) fill(envelope);
            }) {}

  void happened();
  void write_failed(const Error&) { link().close(); }  // the reader ends, and serve() with it

  DeviceSession::Handler handler;
  std::function<std::uint64_t()> ticks;
  std::function<void(wire::Envelope&)> fill;
  std::function<void()> on_dead_man, on_host_back;
  DeviceCore core;
};

Awaitable<void> execute(DeviceEndPtr end, DeviceCore::Execute what) {
  wire::Envelope reply = co_await end->handler(what.request);
  end->core.reply(what.session, what.request.request_id(), std::move(reply));
  end->turn();
  end->one_ended();
}

void DeviceEnd::happened() {
  while (auto happening = core.take_happening()) {
    if (auto* request = std::get_if<DeviceCore::Execute>(&*happening)) {
      auto task = execute(shared_from_this(), std::move(*request));
      start(std::move(task));
    } else if (std::holds_alternative<DeviceCore::DeadMan>(*happening)) {
      if (on_dead_man) on_dead_man();
    } else if (std::holds_alternative<DeviceCore::HostBack>(*happening)) {
      if (on_host_back) on_host_back();
    }
  }
}

Awaitable<Error> serve_link(DeviceEndPtr end) {
  DeviceEnd::start_writing(end);
  end->start(DeviceEnd::watch_deadlines(end));
  const Error why = co_await DeviceEnd::read(end);
  end->core.link_ended();  // nobody is in control any more: the device makes itself safe, and its handlers end
  end->turn();
  end->shut();
  co_await end->all_ended();
  co_return why;
}

Awaitable<void> close_device(DeviceEndPtr end, std::string goodbye) {
  if (!end->closing()) {
    end->core.say_goodbye(goodbye);
    end->turn();
    co_await end->flushed(end->timeline().now() + kGoodbyeBound);
    co_await end->timeline().sleep_for(kGoodbyeLinger);
  }
  end->shut();
  co_await end->all_ended();
}

}  // namespace

struct DeviceSession::Impl {
  DeviceEndPtr end;
};

DeviceSession::DeviceSession(Timeline& timeline, ByteLink& link, Config config, Handler handler)
    : impl_(std::make_unique<Impl>(Impl{std::make_shared<DeviceEnd>(timeline, link, config, std::move(handler))})) {}

DeviceSession::~DeviceSession() {
  auto& end = *impl_->end;
  end.on_dead_man = nullptr;
  end.on_host_back = nullptr;
  end.fill = nullptr;
  end.shut();
}

Awaitable<Error> DeviceSession::serve() { return serve_link(impl_->end); }

void DeviceSession::send(const wire::Envelope& envelope) {
  impl_->end->core.send(envelope);
  impl_->end->turn();
}

void DeviceSession::on_dead_man(std::function<void()> handler) { impl_->end->on_dead_man = std::move(handler); }
void DeviceSession::on_host_back(std::function<void()> handler) { impl_->end->on_host_back = std::move(handler); }
void DeviceSession::set_heartbeat_payload(std::function<void(wire::Envelope&)> fill) {
  impl_->end->fill = std::move(fill);
}
void DeviceSession::set_clock(std::function<std::uint64_t()> ticks) { impl_->end->ticks = std::move(ticks); }
std::size_t DeviceSession::queued_bytes() const { return impl_->end->core.queued_bytes(); }
Awaitable<void> DeviceSession::close(std::string goodbye) { return close_device(impl_->end, std::move(goodbye)); }

}  // namespace penrig
