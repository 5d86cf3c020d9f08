#include "reports/station/live_hub.hpp"

#include <fmt/format.h>

namespace penrig::station {

std::optional<std::string> LiveClient::next() {
  if (!events_.empty()) {
    std::string text = std::move(events_.front());
    events_.pop_front();
    return text;
  }
  // The slot behind the one that was taken last.
  for (auto slot = frames_.upper_bound(last_slot_); !frames_.empty();) {
    if (slot == frames_.end()) slot = frames_.begin();
    last_slot_ = slot->first;
    std::string text = std::move(slot->second.front());
    slot->second.pop_front();
    if (slot->second.empty()) frames_.erase(slot);
    return text;
  }
  return std::nullopt;
}

void LiveClient::close() {
  closed_ = true;
  arrived_.notify_all();
}

void LiveClient::happened(const std::string& text) {
  if (behind_) return;
  if (events_.size() >= kEventsAtMost) {
    // It asks for the whole state anew: half of what happened is worse than none.
    events_.clear();
    behind_ = true;
    events_.emplace_back(R"({"type":"behind"})");
    closed_ = true;
  } else {
    events_.push_back(text);
  }
  arrived_.notify_all();
}

void LiveClient::frame(const std::string& slot, std::string text) {
  if (closed_) return;
  auto& waiting = frames_[slot];
  waiting.push_back(std::move(text));
  if (waiting.size() > kFramesPerSlot) {
    waiting.pop_front();
    ++lost_frames_;
  }
  arrived_.notify_all();
}

std::string LiveHub::numbered(const std::string& json) const {
  return fmt::format("{{\"seq\":{},{}", sequence_, json.substr(1));
}

void LiveHub::drop_gone() {
  std::erase_if(clients_, [](const auto& client) { return client.expired(); });
}

void LiveHub::happened(const std::string& json) {
  ++sequence_;
  kept_.push_back(numbered(json));
  if (kept_.size() > kKept) kept_.pop_front();
  drop_gone();
  for (const auto& client : clients_) {
    if (const auto there = client.lock()) there->happened(kept_.back());
  }
}

void LiveHub::frame(const std::string& slot, const std::string& json) {
  drop_gone();
  for (const auto& client : clients_) {
    if (const auto there = client.lock()) there->frame(slot, json);
  }
}

std::shared_ptr<LiveClient> LiveHub::listen(std::optional<std::uint64_t> since, const std::string& whole) {
  auto client = std::make_shared<LiveClient>(timeline_);  // the connection holds it; the hub only looks
  const std::uint64_t oldest = sequence_ - kept_.size();  // what one must know at least, to be given the rest
  if (since && *since >= oldest && *since <= sequence_ && sequence_ - *since < LiveClient::kEventsAtMost) {
    for (std::size_t i = static_cast<std::size_t>(*since - oldest); i < kept_.size(); ++i) client->happened(kept_[i]);
  } else {
    client->happened(numbered(whole));
  }
  drop_gone();
  clients_.push_back(client);
  return client;
}

std::size_t LiveHub::listeners() {
  drop_gone();
  return clients_.size();
}

void LiveHub::close_all() {
  for (const auto& client : clients_) {
    if (const auto there = client.lock()) there->close();
  }
}

}  // namespace penrig::station
