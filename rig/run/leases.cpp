#include "rig/run/leases.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr Nanoseconds kLookForGivenUp = std::chrono::milliseconds{20};

struct Holder {
  std::uint64_t ticket;
  std::string who, why;
  TimePoint since;
};

struct Resource {
  std::uint32_t at_once = 1;
  std::vector<Holder> holders;
  std::deque<std::uint64_t> waiting;  // tickets, in order of arrival
};

}  // namespace

struct Leases::State {
  explicit State(Timeline& line) : timeline(line), changed(line) {}

  void leave(const std::string& resource, std::uint64_t ticket) {
    Resource& r = resources[resource];
    std::erase(r.waiting, ticket);
    std::erase_if(r.holders, [ticket](const Holder& h) { return h.ticket == ticket; });
    changed.notify_all();
  }

  Timeline& timeline;
  std::map<std::string, Resource> resources;
  std::uint64_t next_ticket = 1;
  Event changed;
};

namespace {

std::string held_text(const Resource& resource, TimePoint now) {
  std::string text;
  for (const Holder& h : resource.holders) {
    text += fmt::format("{}{} holds (since {:.1f} s: {})", text.empty() ? "" : ", ", h.who,
                        TimePoint{now - h.since}.seconds(), h.why);
  }
  return text.empty() ? std::string("others wait for as well") : text;
}

}  // namespace

Leases::Leases(Timeline& timeline) : state_(std::make_shared<State>(timeline)) {}

void Leases::share(const std::string& resource, std::uint32_t at_once) {
  state_->resources[resource].at_once = at_once;
}

Leases::Lease::~Lease() {
  if (!state_) return;
  for (const auto& [resource, ticket] : held_) state_->leave(resource, ticket);
}

Awaitable<Result<Leases::Lease>> Leases::take(LeaseRequest request) {
  const std::shared_ptr<State> state = state_;
  std::ranges::sort(request.resources);
  const auto same = std::ranges::unique(request.resources);
  request.resources.erase(same.begin(), same.end());
  if (!request.resources.empty()) {
    for (const auto& [name, resource] : state->resources) {
      const bool his = std::ranges::any_of(resource.holders, [&](const Holder& h) { return h.who == request.who; });
      if (!his || name < request.resources.front()) continue;
      co_return fail(Errc::internal, fmt::format("{} asks for {} while it holds {}: that could wait for ever",
                                                 request.who, request.resources.front(), name));
    }
  }
  const TimePoint began = state->timeline.now(), deadline = began + request.at_most;
  Lease lease;  // what it holds or waits for is given back with it
  lease.state_ = state;
  for (const std::string& name : request.resources) {
    Resource& resource = state->resources[name];
    const std::uint64_t ticket = state->next_ticket++;
    resource.waiting.push_back(ticket);
    lease.held_.emplace_back(name, ticket);
    while (resource.waiting.front() != ticket || resource.holders.size() >= resource.at_once) {
      const TimePoint now = state->timeline.now();
      if (request.given_up && request.given_up()) {
        co_return fail(Errc::aborted, fmt::format("{} does not wait for {} any more", request.who, name));
      }
      if (now >= deadline) {
        co_return fail(
            Errc::locked,
            fmt::format("{} has waited {:.1f} s for {} ({}), which {}: see what keeps it there, then start "
                        "again",
                        request.who, TimePoint{now - began}.seconds(), name, request.why, held_text(resource, now)));
      }
      co_await state->changed.wait_until(request.given_up ? std::min(deadline, now + kLookForGivenUp) : deadline);
    }
    resource.waiting.pop_front();
    resource.holders.push_back({ticket, request.who, request.why, state->timeline.now()});
    state->changed.notify_all();  // the next may fit as well
  }
  co_return std::move(lease);
}

}  // namespace penrig
