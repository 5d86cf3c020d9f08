// libFuzzer target: any bytes through every loader. Nothing may crash, print or hang, and each text must give a mistake
// or a value. Corpus to begin with: rig/plans, fixtures/products, fixtures/rigs, tests/rig/data/mistakes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rig/spec/load.hpp"
#include "rig/spec/suite.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void render_all(const std::vector<penrig::Mistake>& mistakes) {
  for (const penrig::Mistake& mistake : mistakes) {
    demand(!mistake.message.empty() && mistake.length >= 1);
    demand(!penrig::render(mistake, true).empty());
  }
}

const penrig::Product& reference_product() {
  static const penrig::Loaded<penrig::Product> loaded = penrig::load_product(
      "name: p\nrevision: 1\nserial_pattern: P\ndepth: {from_mm: 0.25, to_mm: 2.5, step_mm: 0.25}\n"
      "rate: {from_per_min: 6000, to_per_min: 9000}\nstroke_mm: 3\n"
      "requirements:\n  - {id: D1, measurand: penetration_ti, tolerance_mm: 0.15}\n"
      "  - {id: S3, measurand: link_loss_stop, max_ms: 800}\n",
      "product");
  demand(loaded.ok());
  return loaded.value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto product = penrig::load_product(text, "fuzz");
  render_all(product.mistakes);
  if (product.ok()) demand(!product.value.requirements.empty());
  const auto rig = penrig::load_rig(text, "fuzz");
  render_all(rig.mistakes);
  if (rig.ok()) demand(!rig.value.slots.empty());
  const auto plan = penrig::load_plan(text, "fuzz");
  render_all(plan.mistakes);
  if (plan.ok()) demand(!plan.value.phases.empty() && !plan.value.judge.empty());
  render_all(penrig::check_plan(plan.value, text, "fuzz", reference_product()));
  const auto suite = penrig::load_suite(text, "fuzz");
  render_all(suite.mistakes);
  if (suite.ok()) demand(!suite.value.entries.empty() && !penrig::items_of(suite.value).empty());
  render_all(penrig::parse_suite_filter(std::string(text.substr(0, 200)), "--filter").mistakes);
  return 0;
}
