#include "rig/record/measurement.hpp"

namespace penrig {

const char* name_of(Verdict v) {
  switch (v) {
    case Verdict::not_judged:
      return "NOT JUDGED";
    case Verdict::pass:
      return "PASS";
    case Verdict::indeterminate:
      return "INDETERMINATE";
    case Verdict::fail:
      return "FAIL";
    case Verdict::aborted:
      return "ABORTED";
    case Verdict::error:
      return "ERROR";
  }
  return "ERROR";
}

}  // namespace penrig
