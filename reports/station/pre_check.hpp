#pragma once

#include <string>
#include <utility>

#include "reports/station/hook_secret.hpp"
#include "reports/station/http_client.hpp"

namespace penrig::station {

/// A pen that is about to be judged.
struct PenToCheck {
  std::string serial_number, product, plan, rig, slot, who;
};

/// Asks another system whether a pen may run. What is not a clear yes is a no.
class PreCheck {
 public:
  /// @param client  outlives it.
  PreCheck(Timeline& timeline, HttpClient& client, Url url, HookSecret secret,
           Nanoseconds within = std::chrono::seconds{5})
      : timeline_(timeline), client_(client), url_(std::move(url)), secret_(std::move(secret)), within_(within) {}

  /// Errc::refused: the other system said no, with its reason, or nothing that is a yes in that time.
  Awaitable<Result<void>> ask(PenToCheck pen);

 private:
  Timeline& timeline_;
  HttpClient& client_;
  Url url_;
  HookSecret secret_;
  Nanoseconds within_;
};

}  // namespace penrig::station
