#include "reports/verdict_word.hpp"

#include <fmt/format.h>

#include "reports/number_format.hpp"

namespace penrig {

namespace {

std::string reason_without_void(const RunRecord& run) {
  const RunHeader& h = run.header;
  const RunStanding& s = run.standing;
  if (h.simulated) return "No pen was tested: a simulated rig stood in for pen, cell and encoder.";
  if (h.engineering) {
    return h.engineering_because.empty()
               ? "An engineering run: plan, product and rig were not approved for certifying, and no key signed it."
               : fmt::format("An engineering run: {}.", h.engineering_because);
  }
  if (mark_without_void(run).empty()) return "";
  return s.signature_fault.empty() ? "Nobody signed this record, or its signature is gone."
                                   : fmt::format("The signature of this record does not count: {}.", s.signature_fault);
}

}  // namespace

std::string void_reason(const RunRecord& run) {
  const RunStanding& s = run.standing;
  std::string before = reason_without_void(run);
  if (!s.voided) return before;
  if (!before.empty()) before = fmt::format(" {}: {}", mark_without_void(run), before);
  return fmt::format("{} declared this run void on {}: {}.{}{}", s.voided->who, format_utc(s.voided->at_utc_ns),
                     s.voided->text, s.superseded_by.empty() ? "" : " Run " + s.superseded_by + " counts instead.",
                     before);
}

}  // namespace penrig
