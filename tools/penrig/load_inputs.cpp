#include "tools/penrig/load_inputs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "reports/digest.hpp"
#include "rig/base/file_descriptor.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/load_pictures.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLargestFile = 16U << 20U;
/// Who made more has made one of them over and over.
constexpr std::size_t kMostRendered = 50;

Mistake of_whole_file(const std::string& file, std::string message) {
  Mistake mistake;
  mistake.file = file;
  mistake.message = std::move(message);
  return mistake;
}

void append(std::vector<Mistake>& all, const std::vector<Mistake>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

/// What a second look at a file found, without what the first said of the same place; in the order of the lines.
void append_new(std::vector<Mistake>& all, const std::vector<Mistake>& more) {
  const auto place_of = [](const Mistake& m) { return std::tuple(m.file, m.line, m.column); };
  std::set<std::tuple<std::string, int, int>> known;
  for (const Mistake& mistake : all) known.insert(place_of(mistake));
  for (const Mistake& mistake : more) {
    if (known.insert(place_of(mistake)).second) all.push_back(mistake);
  }
  if (more.empty()) return;
  const auto own =
      std::stable_partition(all.begin(), all.end(), [&](const Mistake& m) { return m.file != more.front().file; });
  std::stable_sort(own, all.end(), [](const Mistake& a, const Mistake& b) { return a.line < b.line; });
}

SourceDocument document(std::string kind, std::string name, std::string path, std::string bytes) {
  SourceDocument d;
  d.kind = std::move(kind);
  d.name = std::move(name);
  d.path = std::move(path);
  d.sha256 = sha256_hex(bytes);
  d.bytes = std::move(bytes);
  return d;
}

std::string name_and_revision(const std::string& name, std::uint32_t revision) {
  return fmt::format("{} rev {}", name, revision);
}

Error cannot_be_read(const std::error_code& cause) {
  return fail(Errc::usage, fmt::format("cannot be read: {} (check the path, and who may read the file and its folders)",
                                       cause.message()));
}

/// The text, or a mistake that says why not.
std::optional<std::string> text_of(const std::string& path, std::vector<Mistake>& mistakes) {
  Result<std::string> text = read_text(path);
  if (text) return std::move(*text);
  mistakes.push_back(of_whole_file(path, text.error().message));
  return std::nullopt;
}

void load_product_of(Inputs& inputs, const std::string& plan_path, const std::string& plan_text) {
  if (inputs.plan.product_path.empty()) return;  // the plan's own mistakes say so
  const std::string path = (fs::path(plan_path).parent_path() / inputs.plan.product_path).lexically_normal().string();
  auto text = text_of(path, inputs.mistakes);
  if (!text) return;
  Loaded<Product> product = load_product(*text, path);
  append(inputs.mistakes, product.mistakes);
  inputs.has_product = product.ok();
  inputs.product = std::move(product.value);
  inputs.documents.push_back(
      document("product", name_and_revision(inputs.product.name, inputs.product.revision), path, std::move(*text)));
  if (inputs.has_product) append_new(inputs.mistakes, check_plan(inputs.plan, plan_text, plan_path, inputs.product));
}

/// The plan of a golden check and its product: a run by others of that name is none.
void load_golden(Inputs& inputs, const std::string& plan_path, const std::string& plan_text) {
  const GoldenCheck& check = *inputs.plan.golden_check;
  const auto mistake = [&](std::string message) {
    inputs.mistakes.push_back(mistake_at(plan_path, TextLines(plan_text), check.place, std::move(message)));
  };
  const fs::path folder = fs::path(plan_path).parent_path();
  const std::string path = (folder / (check.plan + ".yaml")).lexically_normal().string();
  const std::string looked_for = fmt::format("golden plan '{}' is looked for beside this plan, in {}",
                                             penrig::shown(check.plan), penrig::shown(path));
  if (check.plan.find('/') != std::string::npos) return mistake(looked_for + ": a name was expected, not a path");
  Result<std::string> text = read_text(path);
  if (!text) return mistake(fmt::format("{}: {}", looked_for, text.error().message));
  const Loaded<Plan> golden = load_plan(*text, path);
  if (!golden.ok())
    return mistake(fmt::format("{}, and that has mistakes (penrig plan check {})", looked_for, penrig::shown(path)));
  if (golden.value.name != check.plan)
    return mistake(fmt::format("{}, and that is plan '{}' (give it the name of its file)", looked_for,
                               penrig::shown(golden.value.name)));
  const fs::path product_folder = fs::path(path).parent_path();
  const std::string product_path = (product_folder / golden.value.product_path).lexically_normal().string();
  Result<std::string> product = read_text(product_path);
  if (!product)
    return mistake(fmt::format("the product of golden plan '{}', {}: {}", penrig::shown(check.plan),
                               penrig::shown(product_path), product.error().message));
  inputs.golden = GoldenInputs{document("plan", check.plan, path, std::move(*text)),
                               document("product", golden.value.product_path, product_path, std::move(*product))};
}

void load_simulated(Inputs& inputs, const std::string& uri) {
  Result<sim::SimulatedRigUri> parsed = sim::parse_simulated_rig_uri(uri);
  if (!parsed) {
    inputs.mistakes.push_back(of_whole_file("--rig", parsed.error().message));
    return;
  }
  inputs.simulated = *parsed;
  sim::PlantParameters plant = load_plant_file(parsed->plant_path, inputs.mistakes, inputs.documents);
  inputs.faults = load_fault_file(parsed->faults_path, inputs.mistakes, inputs.documents);
  for (unsigned number = 1; number <= parsed->slots; ++number) {
    Result<sim::PlantParameters> applied = sim::apply_uri(plant, *parsed, number);
    if (!applied) {
      inputs.mistakes.push_back(of_whole_file("--rig", applied.error().message));
      return;
    }
    SimulatedSlot slot{std::move(*applied), inputs.faults, {}};
    const auto own = parsed->of_slot.find(number);
    if (own != parsed->of_slot.end() && !own->second.faults_path.empty()) {
      slot.faults = load_fault_file(own->second.faults_path, inputs.mistakes, slot.documents);
    }
    inputs.simulated_slots.push_back(std::move(slot));
    if (number == 1) continue;
    inputs.rig.slots.push_back(inputs.rig.slots.front());
    inputs.rig.slots.back().name = fmt::format("{}", number);
  }
  inputs.plant = inputs.simulated_slots.front().plant;
}

void load_rig_of(Inputs& inputs, const std::string& rig) {
  std::string path = rig;
  std::optional<std::string> text;
  const bool simulated = sim::is_simulated_rig_uri(rig);
  std::error_code ec;
  if (simulated) {
    path = kSimulatedRigName;
    text = simulated_rig_yaml();
  } else if (rig.find(':') != std::string::npos && rig.find('/') > rig.find(':') && !fs::exists(rig, ec)) {
    inputs.mistakes.push_back(of_whole_file(
        "--rig", fmt::format("'{}' is neither a file nor a URI that is known (write a YAML file, or sim:seed=1; the "
                             "serial: links of a real rig stand in its file)",
                             rig)));
    return;
  } else {
    text = text_of(rig, inputs.mistakes);
  }
  if (!text) return;
  Loaded<RigDescription> loaded = load_rig(*text, path);
  append(inputs.mistakes, loaded.mistakes);
  inputs.has_rig = loaded.ok();
  inputs.rig = std::move(loaded.value);
  inputs.documents.push_back(
      document("rig", name_and_revision(inputs.rig.name, inputs.rig.revision), path, std::move(*text)));
  if (simulated) load_simulated(inputs, rig);
}

/// The plan as it is with `--via`: a line more. A plan that it does not fit, or of which nothing takes it, is a mistake
/// of the option.
void drive_by(Loaded<Plan>& plan, std::string& text, const std::string& path, const std::string& via) {
  const auto mistake = [&](const std::string& message) {
    plan.mistakes.push_back(of_whole_file("--via", fmt::format("'{}' {}", penrig::shown(via), message)));
  };
  const std::string longer = fmt::format("{}{}via: {}  # --via\n", text, text.ends_with('\n') ? "" : "\n", via);
  Loaded<Plan> driven = load_plan(longer, path);
  if (!driven.ok()) {
    return mistake(fmt::format("cannot be added to {} as a last line: {} (write via: {} into the plan itself)",
                               penrig::shown(path), driven.mistakes.front().message, penrig::shown(via)));
  }
  const auto takes_it = [](const PhaseSpec& before, const PhaseSpec& with) {
    return via_of(before) != via_of(with) || is_watched(before) != is_watched(with);
  };
  if (std::ranges::equal(plan.value.phases, driven.value.phases, std::not_fn(takes_it))) {
    return mistake(
        fmt::format("drives no phase of plan '{}': each names its own link, or drives no pen (leave it out, "
                    "or take via out of the phases)",
                    penrig::shown(plan.value.name)));
  }
  plan = std::move(driven);
  text = longer;
}

/// The script of faults of a simulated rig, and whatever else its slots have, against the plan that it is to break.
void check_faults_of_slots(Inputs& inputs) {
  if (!inputs.simulated) return;
  const auto file_of = [](const std::vector<SourceDocument>& documents) {
    const auto found = std::ranges::find(documents, "faults", &SourceDocument::kind);
    return found == documents.end() ? std::string("--rig") : found->path;
  };
  check_faults(inputs.faults, file_of(inputs.documents), inputs);
  for (const SimulatedSlot& slot : inputs.simulated_slots)
    if (!slot.documents.empty()) check_faults(slot.faults, file_of(slot.documents), inputs);
}

/// Whether it is the command line that is wrong: an option, an argument as the help names it (SELECTION), a command.
bool of_command_line(const std::string& name) {
  const auto of_argument = [](char c) { return (c >= 'A' && c <= 'Z') || c == ',' || c == ' '; };
  return name.starts_with("--") || name.starts_with("penrig ") || std::ranges::all_of(name, of_argument);
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  std::error_code ec;
  const fs::file_status status = fs::status(path, ec);
  if (status.type() == fs::file_type::not_found) {
    return fail(Errc::usage, "no such file (check the path, and the folder you stand in)");
  }
  if (!fs::exists(status)) return cannot_be_read(ec);
  if (fs::is_directory(status)) return fail(Errc::usage, "this is a directory, not a file");
  // It might be waited for, or never end; and its path, which a record keeps, would say nothing later.
  if (!fs::is_regular_file(status))
    return fail(Errc::usage, "this is a pipe or a device, not a file (write it to a file first)");
  // A signal ends the wait for a slow disk: whoever sends one does not want to go on.
  const auto error = [] { return std::error_code(errno, std::generic_category()); };
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return cannot_be_read(error());
  std::string bytes;
  std::array<char, 1U << 16U> part;
  // Counted while reading: a file may grow meanwhile.
  while (bytes.size() <= kLargestFile) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got < 0) return cannot_be_read(error());
    if (got == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
  }
  return fail(Errc::usage, "larger than 16 MiB: no description is");
}

sim::PlantParameters load_plant_file(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::vector<SourceDocument>& documents) {
  if (path.empty()) return {};
  auto text = text_of(path, mistakes);
  if (!text) return {};
  Loaded<sim::PlantParameters> plant = sim::load_plant(*text, path);
  append(mistakes, plant.mistakes);
  documents.push_back(document("plant", fs::path(path).filename().string(), path, std::move(*text)));
  return plant.value;
}

faults::FaultScript load_fault_file(const std::string& path, std::vector<Mistake>& mistakes,
                                    std::vector<SourceDocument>& documents) {
  if (path.empty()) return {};
  auto text = text_of(path, mistakes);
  if (!text) return {};
  Loaded<faults::FaultScript> script = faults::load_fault_script(*text, path);
  append(mistakes, script.mistakes);
  documents.push_back(document("faults", script.value.name, path, std::move(*text)));
  return std::move(script.value);
}

Inputs load_inputs(const std::string& plan_path, const std::string& rig, const std::string& via) {
  Inputs inputs;
  if (auto text = text_of(plan_path, inputs.mistakes)) {
    Loaded<Plan> plan = load_plan(*text, plan_path);
    if (!via.empty() && plan.ok()) drive_by(plan, *text, plan_path, via);
    append(inputs.mistakes, plan.mistakes);
    inputs.has_plan = plan.ok();
    inputs.plan = std::move(plan.value);
    inputs.documents.push_back(
        document("plan", name_and_revision(inputs.plan.name, inputs.plan.revision), plan_path, *text));
    load_product_of(inputs, plan_path, *text);
    if (inputs.has_plan) {
      for (SourceDocument& picture : load_pictures(inputs.plan, *text, plan_path, inputs.mistakes))
        inputs.documents.push_back(std::move(picture));
      if (inputs.plan.golden_check) load_golden(inputs, plan_path, *text);
    }
  }
  if (!rig.empty()) load_rig_of(inputs, rig);
  if (inputs.has_plan && inputs.has_rig) {
    const SourceDocument& plan = inputs.documents.front();
    append(inputs.mistakes, check_plan_on_rig(inputs.plan, plan.bytes, plan.path, inputs.rig));
    check_faults_of_slots(inputs);
  }
  return inputs;
}

void check_faults(const faults::FaultScript& script, const std::string& file, Inputs& inputs) {
  if (!inputs.has_plan || !inputs.has_rig) return;
  std::vector<std::string> steps;
  std::set<std::string> known;
  for (const PlanStep& step : lay_out(inputs.plan, inputs.rig))
    if (known.insert(step.name).second) steps.push_back(step.name);
  for (const faults::Fault& fault : script.faults) {
    const std::optional<std::string>& phase = fault.start.at_phase;
    const auto is_part = [&](const std::string& step) { return step.find(*phase) != std::string::npos; };
    if (!phase || std::ranges::any_of(steps, is_part)) continue;
    inputs.mistakes.push_back(of_whole_file(
        file, fmt::format("at_phase '{}': no step of plan '{}' is called so, and the fault would never begin (it has: "
                          "{})",
                          penrig::shown(*phase), penrig::shown(inputs.plan.name), fmt::join(steps, ", "))));
  }
}

Inputs load_rig_inputs(const std::string& rig) {
  Inputs inputs;
  load_rig_of(inputs, rig);
  return inputs;
}

std::string render_mistakes(const std::vector<Mistake>& mistakes, const TerminalStyle& style,
                            const std::string& not_happened) {
  const Signs signs = [&style](std::string_view text) { return shown(style, text); };
  std::string out;
  std::set<std::string> files;
  bool in_command_line = false;
  for (const Mistake& mistake : mistakes) {
    if (of_command_line(mistake.file)) {
      in_command_line = true;
    } else {
      files.insert(mistake.file);
    }
  }
  const std::size_t rendered = std::min(mistakes.size(), kMostRendered);
  for (std::size_t i = 0; i < rendered; ++i) out += render(mistakes[i], style.colour, signs) + '\n';
  if (rendered < mistakes.size()) out += fmt::format("and {} more\n\n", mistakes.size() - rendered);
  std::string where = in_command_line ? "the command line" : "";
  if (!files.empty()) {
    where += fmt::format("{}{} file{}", where.empty() ? "" : " and ", files.size(), files.size() == 1 ? "" : "s");
  }
  return out +
         fmt::format("{} mistake{} in {}; {}\n", mistakes.size(), mistakes.size() == 1 ? "" : "s", where, not_happened);
}

}  // namespace penrig::cli
