#include "tools/penrig/pairing_prompt.hpp"

#include <charconv>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "tools/penrig/typed_lines.hpp"

namespace penrig::cli {
namespace {

constexpr std::chrono::seconds kPairingWithin{45};  ///< bluetoothd gives up after 60 s
constexpr std::uint32_t kLargestPasskey = 999'999;

/// Shared with whoever is still being asked when the opening has ended.
struct Prompt {
  Timeline& timeline;
  StopRequest& stop;
  std::function<void()> look_for_signals;
  TypedLines input{};
};
using PromptPtr = std::shared_ptr<Prompt>;

void end_line() { std::fputc('\n', stderr); }

/// None: nobody answered, or the run is to stop.
Awaitable<std::optional<std::string>> answer_to(PromptPtr prompt, std::string question) {
  say_at_terminal(question);
  const TimePoint deadline = prompt->timeline.now() + kPairingWithin;
  while (prompt->timeline.now() < deadline) {
    prompt->look_for_signals();
    if (prompt->stop.requested()) break;
    std::string line;
    auto state = TypedLines::State::nothing;
    const auto look = [&] { state = prompt->input.take(line, TypedLines::kLook); };
    co_await prompt->timeline.run_blocking(look);
    if (state == TypedLines::State::line) co_return line;
    if (state == TypedLines::State::ended) break;
  }
  end_line();
  say_at_terminal("nobody answered: the pen is not paired");
  end_line();
  co_return std::nullopt;
}

Awaitable<bool> confirmed(PromptPtr prompt, std::string pen, std::uint32_t number) {
  std::string question = fmt::format("{} wants to be paired. Does it show {:06}? y or n, within {} s: ", pen, number,
                                     kPairingWithin.count());
  const auto answer = co_await answer_to(prompt, std::move(question));
  co_return answer && (*answer == "y" || *answer == "yes");
}

Awaitable<std::optional<std::uint32_t>> typed(PromptPtr prompt, std::string pen) {
  std::string question = fmt::format("{} wants to be paired. Type the six digits that it shows, within {} s: ", pen,
                                     kPairingWithin.count());
  const auto answer = co_await answer_to(prompt, std::move(question));
  if (!answer) co_return std::nullopt;
  std::uint32_t number = 0;
  const char* const end = answer->data() + answer->size();
  const auto [stop, code] = std::from_chars(answer->data(), end, number);
  if (code == std::errc{} && stop == end && answer->size() <= 6 && number <= kLargestPasskey) co_return number;
  say_at_terminal("that is no number of six digits: the pen is not paired");
  end_line();
  co_return std::nullopt;
}

}  // namespace

PairingOperator pairing_at_terminal(Timeline& timeline, StopRequest& stop, std::function<void()> look_for_signals) {
  PairingOperator pairing;
  if (!somebody_at_terminal()) return pairing;
  const auto prompt = std::make_shared<Prompt>(Prompt{timeline, stop, std::move(look_for_signals)});
  pairing.confirm = [prompt](std::string pen, std::uint32_t number) {
    return confirmed(prompt, std::move(pen), number);
  };
  pairing.passkey = [prompt](std::string pen) { return typed(prompt, std::move(pen)); };
  return pairing;
}

}  // namespace penrig::cli
