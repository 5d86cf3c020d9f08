#include "reports/station/sessions.hpp"

#include <algorithm>
#include <utility>

#include "reports/station/secrets.hpp"

namespace penrig::station {
namespace {

constexpr std::size_t kTokenBytes = 32, kTokenLength = 2 * kTokenBytes, kNamesTried = 1000;

}  // namespace

void Sessions::drop_old(TimePoint now) {
  std::erase_if(sessions_, [&](const auto& entry) {
    return now - entry.second.last_used > rules_.idle || now - entry.second.since > rules_.at_most;
  });
}

Result<std::string> Sessions::begin(const Person& person, TimePoint now) {
  drop_old(now);
  if (sessions_.size() >= rules_.sessions_at_most)
    return fail(Errc::refused, "too many people are signed in: sign one of them out");
  const auto token = random_hex(kTokenBytes), csrf = random_hex(kTokenBytes);
  if (!token) return token.error();
  if (!csrf) return csrf.error();
  sessions_[digest_of(*token)] = Session{person.name, person.role, *csrf, now, now};
  return *token;
}

Session* Sessions::find(const std::string& token, TimePoint now) {
  if (token.size() != kTokenLength) return nullptr;
  drop_old(now);
  const auto found = sessions_.find(digest_of(token));
  return found == sessions_.end() ? nullptr : &found->second;
}

const Session* Sessions::use(const std::string& token, TimePoint now) {
  Session* const session = find(token, now);
  if (session != nullptr) session->last_used = now;
  return session;
}

const Session* Sessions::look(const std::string& token, TimePoint now) { return find(token, now); }

bool Sessions::is_one(const std::string& token, TimePoint now) const {
  const auto found = sessions_.find(digest_of(token));
  return found != sessions_.end() && now - found->second.last_used <= rules_.idle &&
         now - found->second.since <= rules_.at_most;
}

void Sessions::end(const std::string& token) { sessions_.erase(digest_of(token)); }

void Sessions::end_all_of(const std::string& name) {
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.name == name; });
}

std::optional<Nanoseconds> Sessions::locked_for(const std::string& name, TimePoint now) const {
  const auto found = tries_.find(name);
  if (found == tries_.end() || found->second.locked_until <= now) return std::nullopt;
  return found->second.locked_until - now;
}

bool Sessions::failed(const std::string& name, TimePoint now) {
  std::erase_if(tries_, [&](const auto& entry) { return now - entry.second.last > rules_.locked; });
  if (tries_.size() >= kNamesTried && !tries_.contains(name)) {
    // Of too many names the one goes whose lock ends first, or which has none.
    const auto ends = [](const auto& t) { return std::pair(t.second.locked_until, t.second.last); };
    tries_.erase(std::ranges::min_element(tries_, {}, ends));
  }
  Tries& tries = tries_[name];
  tries.last = now;
  if (++tries.failures < rules_.failures) return false;
  tries.failures = 0;
  tries.locked_until = now + rules_.locked;
  return true;
}

}  // namespace penrig::station
