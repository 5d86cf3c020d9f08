#include "tools/penrig/terminal_prompter.hpp"

#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "rig/spec/key_unit.hpp"
#include "tools/penrig/terminal.hpp"
#include "tools/penrig/typed_lines.hpp"

namespace penrig::cli {
namespace {

constexpr const char* kIndent = "         ";

/// Shared with the coroutine that reads, which may still look when the run has ended.
struct Reader {
  Timeline& timeline;
  std::string who, folder;
  std::function<void()> look_for_signals;
  TypedLines input{};
  std::shared_ptr<OpenPrompt> prompt{};  ///< null: nothing is asked
  bool reads = false;
  bool stale = false;  ///< what was typed so far was for an earlier question
};
using ReaderPtr = std::shared_ptr<Reader>;

void say_line(const std::string& head, const std::string& text) {
  const TerminalStyle style = detect_style(STDERR_FILENO);
  std::string before = head;
  for (const std::string& part : wrap(style, text, style.columns - width(kIndent))) {
    std::fputs(render(style, {{before, Ink::label}, {part}}).c_str(), stderr);
    before = kIndent;
  }
}

/// Line by line, as it stands in the plan.
void say_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    say_line(kIndent, text.substr(at, end - at));
    at = end + 1;
  }
}

void say_how(const PromptPhase& what) {
  std::string how;
  if (what.kind == PromptKind::choice) {
    how = fmt::format("1 to {}", what.choices.size());
  } else {
    how = how_to_answer(what);
  }
  say_at_terminal(kIndent + how + ": ");
}

void say_question(const Reader& reader, const PromptPhase& what) {
  std::fputc('\n', stderr);
  say_line("asked    ", what.title);
  say_text(what.text);
  for (const PromptPicture& picture : what.pictures) {
    const std::string path = (std::filesystem::path(reader.folder) / picture.file).lexically_normal().string();
    std::string about = picture.title;
    if (!picture.text.empty()) about += (about.empty() ? "" : ": ") + picture.text;
    say_line(kIndent, fmt::format("picture {}{}", path, about.empty() ? "" : " (" + about + ")"));
  }
  for (std::size_t i = 0; i < what.choices.size(); ++i)
    say_line(kIndent, fmt::format("{:>2}  {}", i + 1, what.choices[i]));
  say_line(kIndent, fmt::format("The pen stands. Without an answer within {} s the run is an ERROR.",
                                number_text(what.within_s)));
  say_how(what);
}

void take_answer(const Reader& reader, OpenPrompt& prompt, const std::string& line) {
  const Result<AnswerValue> value = read_answer(prompt.what(), line);
  const Result<void> taken = value ? prompt.answer(*value, reader.who) : Result<void>(value.error());
  if (taken) return;
  say_line(kIndent, line.empty() ? "Enter alone answers nothing." : taken.error().message + ".");
  if (!prompt.over()) say_how(prompt.what());
}

/// In real time the loop goes on beside it; virtual time goes on as fast as the real one while somebody thinks.
Awaitable<void> read(ReaderPtr reader) {
  while (reader->prompt && !reader->prompt->over()) {
    reader->look_for_signals();
    if (std::exchange(reader->stale, false)) reader->input = TypedLines{};
    const std::shared_ptr<OpenPrompt> prompt = reader->prompt;
    std::string line;
    auto state = TypedLines::State::nothing;
    const auto look = [&] { state = reader->input.take(line, TypedLines::kLook); };
    co_await reader->timeline.run_blocking(look);
    if (reader->stale || prompt->over()) continue;
    if (state == TypedLines::State::line) {
      take_answer(*reader, *prompt, line);
    } else if (state == TypedLines::State::ended) {
      prompt->give_up("the standard input ended");
    }
    if (reader->timeline.is_virtual()) co_await reader->timeline.sleep_for(TypedLines::kLook);
  }
  reader->reads = false;
}

class TerminalPrompter final : public Prompter {
 public:
  explicit TerminalPrompter(ReaderPtr reader) : reader_(std::move(reader)) {}
  ~TerminalPrompter() override { reader_->prompt.reset(); }

  void ask(std::shared_ptr<OpenPrompt> prompt) override {
    ::tcflush(STDIN_FILENO, TCIFLUSH);
    reader_->stale = reader_->reads;  // then a worker may be reading right now
    if (!reader_->reads) reader_->input = TypedLines{};
    say_question(*reader_, prompt->what());
    reader_->prompt = std::move(prompt);
    if (std::exchange(reader_->reads, true)) return;
    reader_->timeline.spawn(read(reader_));
  }
  void asked(const OpenPrompt& prompt) override {
    reader_->prompt.reset();
    if (prompt.given()) return;
    std::fputc('\n', stderr);  // of the line that nobody ended
  }

 private:
  ReaderPtr reader_;
};

}  // namespace

std::unique_ptr<Prompter> make_terminal_prompter(Timeline& timeline, std::string who, std::string plan_folder,
                                                 std::function<void()> look_for_signals) {
  const auto reader =
      std::make_shared<Reader>(Reader{timeline, std::move(who), std::move(plan_folder), std::move(look_for_signals)});
  return std::make_unique<TerminalPrompter>(reader);
}

}  // namespace penrig::cli
