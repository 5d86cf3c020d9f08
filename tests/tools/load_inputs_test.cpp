#include "tools/penrig/load_inputs.hpp"

#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/scratch_directory.hpp"

namespace penrig::cli {
namespace {

TEST(ReadText, SaysWhyAFileCannotBeReached) {
  const std::string loop = ::testing::TempDir() + "penrig-loop-" + std::to_string(getpid());
  std::filesystem::create_symlink(loop, loop);
  const Result<std::string> in_a_circle = read_text(loop);
  std::filesystem::remove(loop);
  ASSERT_FALSE(in_a_circle);
  EXPECT_EQ(in_a_circle.error().code, Errc::usage);
  EXPECT_NE(in_a_circle.error().message.find("Too many levels of symbolic links"), std::string::npos)
      << in_a_circle.error().message;

  const Result<std::string> long_name = read_text(std::string(5000, 'x'));
  ASSERT_FALSE(long_name);
  EXPECT_NE(long_name.error().message.find("File name too long"), std::string::npos) << long_name.error().message;
}

TEST(ReadText, SaysThatThereIsNoSuchFileOnlyWhereThatIsSo) {
  const Result<std::string> none = read_text("no-such-folder/no-such-file");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no such file"), std::string::npos) << none.error().message;
}

TEST(ReadText, RefusesAPipeAndADeviceWithoutWaiting) {
  const ScratchDirectory folder;
  const std::string pipe = folder.path() / "pipe", link = folder.path() / "link";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", link);
  for (const std::string& file : {pipe, link, std::string("/dev/null")}) {
    const Result<std::string> text = read_text(file);
    ASSERT_FALSE(text) << file;
    EXPECT_EQ(text.error().code, Errc::usage);
    EXPECT_NE(text.error().message.find("this is a pipe or a device, not a file"), std::string::npos)
        << text.error().message;
  }
  const std::string large = folder.path() / "large";
  std::ofstream(large).flush();
  std::filesystem::resize_file(large, 17U << 20U);
  EXPECT_NE(read_text(large).error().message.find("larger than 16 MiB"), std::string::npos);
}

TEST(LoadInputs, TakesANameThatNoFileCanHaveForAMistake) {
  for (const std::string& name : {std::string(5000, 'x'), "ab:" + std::string(5000, 'x')}) {
    const Inputs inputs = load_inputs(name, name);
    EXPECT_EQ(inputs.mistakes.size(), 2U);
    EXPECT_FALSE(inputs.ok());
  }
}

const std::string kPlans = PENRIG_SOURCE_DIR "/rig/plans/";

/// The mistakes of the shipped smoke plan, changed, with --via ble and this rig.
std::string mistakes_of_smoke(const std::function<void(std::string&)>& change, const std::string& via = "ble",
                              const std::string& faults = "") {
  const ScratchDirectory folder;
  std::string plan = read_text(kPlans + "smoke.yaml").value();
  plan.replace(plan.find("../../fixtures"), 14, PENRIG_SOURCE_DIR "/fixtures");
  change(plan);
  std::ofstream(folder.path() / "plan.yaml") << plan;
  std::ofstream(folder.path() / "faults.yaml") << "name: f\nfaults:\n" << faults;
  const std::string rig = "sim:seed=1" + (faults.empty() ? "" : "&faults=" + (folder.path() / "faults.yaml").string());
  return render_mistakes(load_inputs((folder.path() / "plan.yaml").string(), rig, via).mistakes, {}, "");
}

TEST(LoadInputs, TakesALinkForPhasesThatNameNone) {
  EXPECT_EQ(load_inputs(kPlans + "smoke.yaml", "sim:seed=1", "ble").mistakes.size(), 0U);
}

TEST(LoadInputs, SayOnceOfAPlanThatItLacksAKey) {
  const std::string shown = mistakes_of_smoke([](std::string& plan) { plan.erase(plan.find("judge: ")); }, "");
  EXPECT_NE(shown.find("plan.yaml:2:1: missing key 'judge' "), std::string::npos) << shown;
  EXPECT_NE(shown.find("\n     2 | name: smoke\n       | ^~~~\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("1 mistake in 1 file"), std::string::npos) << shown;
}

// It was "over ble" in a suite's list, and ran over the line.
TEST(LoadInputs, RefusesALinkThatNoPhaseTakes) {
  const std::string shown = mistakes_of_smoke([](std::string& plan) {
    plan.replace(plan.find("- sweep: one setting"), 20, "- via: serial\n    sweep: one setting");
  });
  EXPECT_NE(shown.find("--via: 'ble' drives no phase of plan 'smoke': each names its own link"), std::string::npos)
      << shown;
}

TEST(LoadInputs, NamesViaWhereAPlanTakesNoLineMore) {
  for (const std::function<void(std::string&)>& change :
       {std::function<void(std::string&)>([](std::string& plan) { plan += "...\n"; }),
        std::function<void(std::string&)>([](std::string& plan) { plan += "via: serial\n"; })}) {
    const std::string shown = mistakes_of_smoke(change);
    EXPECT_NE(shown.find("--via: 'ble' cannot be added to "), std::string::npos) << shown;
    EXPECT_NE(shown.find("(write via: ble into the plan itself)"), std::string::npos) << shown;
    EXPECT_EQ(shown.find('^'), std::string::npos) << "no caret in a line that is in no file\n" << shown;
  }
}

TEST(LoadInputs, RefusesAFaultThatWaitsForAStepThatThePlanDoesNotHave) {
  const auto nothing = [](std::string&) {};
  const std::string shown =
      mistakes_of_smoke(nothing, "", "  - {what: stall, link: daq, at_phase: nosuch, for_s: 1}\n");
  EXPECT_NE(shown.find("faults.yaml: at_phase 'nosuch': no step of plan 'smoke' is called so"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("reference before, 1.0 mm at 7500/min"), std::string::npos) << shown;
  EXPECT_EQ(
      mistakes_of_smoke(nothing, "", "  - {what: stall, link: daq, at_phase: 1.0 mm at, for_s: 1}\n").find("at_phase"),
      std::string::npos);
}

TEST(RenderedMistakes, SayTheSameInAscii) {
  Mistake mistake;
  mistake.file = "plan.yaml";
  mistake.line = 3;
  mistake.message = "a number was expected, in µs (the key says so), not '± 2' (write: a: 2)";
  mistake.source_line = "{t: '≤ 2', a_us: ± 2}";
  mistake.column = 18;
  mistake.length = 3;
  EXPECT_EQ(render_mistakes({mistake}, {.ascii = true}, "nothing has moved."),
            "plan.yaml:3:18: a number was expected, in us (the key says so), not '+- 2' (write: a: 2)\n"
            "     3 | {t: '<= 2', a_us: +- 2}\n"
            "       |                   ^~~~\n"
            "\n"
            "1 mistake in 1 file; nothing has moved.\n");
}

// 40 000 wrong items of one list were 14 MB of text.
TEST(RenderedMistakes, AreFiftyAtMostAndSayHowManyMoreThereAre) {
  const auto text_of = [](int count) {
    std::vector<Mistake> mistakes(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
      mistakes[i].file = "plan.yaml";
      mistakes[i].message = fmt::format("wrong {}.", i + 1);
    }
    return render_mistakes(mistakes, {}, "nothing has moved.");
  };
  const std::string many = text_of(40'000);
  EXPECT_NE(many.find("wrong 50.\n\nand 39950 more\n\n40000 mistakes in 1 file; nothing has moved.\n"),
            std::string::npos)
      << many.substr(0, 4000);
  EXPECT_EQ(many.find("wrong 51."), std::string::npos);
  EXPECT_EQ(text_of(50).find("more"), std::string::npos);
}

TEST(RenderedMistakes, CountFilesAndNotWhatStandsInTheCommandLine) {
  const auto last_line = [](const std::vector<std::string>& names) {
    std::vector<Mistake> mistakes(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) mistakes[i].file = names[i];
    const std::string text = render_mistakes(mistakes, {}, "nothing has moved.");
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  EXPECT_EQ(last_line({"SELECTION"}), "1 mistake in the command line; nothing has moved.\n");
  EXPECT_EQ(last_line({"BASE, NEW", "penrig study size"}), "2 mistakes in the command line; nothing has moved.\n");
  EXPECT_EQ(last_line({"plan.yaml", "--rig"}), "2 mistakes in the command line and 1 file; nothing has moved.\n");
}

}  // namespace
}  // namespace penrig::cli
