#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// A mistake in what the user wrote, with the place to show.
struct Mistake {
  std::string file;
  int line = 0, column = 0;  ///< from 1; 0 = the file as a whole
  int length = 1;            ///< of the underlined text
  std::string message;       ///< what, and what to write instead in brackets
  std::string source_line;
};

/// A longer line is no line that a person wrote; what is shown of it ends here. In characters.
inline constexpr std::size_t kLongestLineShown = 240;

/// A text in the signs that an output has.
using Signs = std::function<std::string(std::string_view)>;

/// `file:line:column: message`, the line with its number, a caret under the first character and tildes under the rest.
/// colour: ANSI escapes for a terminal. signs: where not every sign can be shown; none = UTF-8.
std::string render(const Mistake& mistake, bool colour, const Signs& signs = {});

/// All mistakes of one text at once; empty = value is whole. `file` is the name to show. No I/O: the text is handed in.
template <class T>
struct Loaded {
  T value;
  std::vector<Mistake> mistakes;
  bool ok() const { return mistakes.empty(); }
};

Loaded<Product> load_product(std::string_view text, const std::string& file);
/// The same of a product in a record, whose serial_pattern stays as it is: no serial number is held against it any
/// more, and the program of that day may have taken one that load_product() refuses.
Loaded<Product> load_recorded_product(std::string_view text, const std::string& file);
/// Checks syntax, keys, units and types.
Loaded<Plan> load_plan(std::string_view text, const std::string& file);
/// The plan against its product: settings, requirements that exist and are exercised. Places are those in the plan's
/// text. May be asked of a plan that load_plan() found mistakes in, so that a person sees all at once; what is wrong
/// with the text itself is then reported again.
std::vector<Mistake> check_plan(const Plan& plan, std::string_view plan_text, const std::string& plan_file,
                                const Product& product);
/// The plan against the rig that is to run it: fresh spots for all settings, depths below the interlock.
std::vector<Mistake> check_plan_on_rig(const Plan& plan, std::string_view plan_text, const std::string& plan_file,
                                       const RigDescription& rig);
Loaded<RigDescription> load_rig(std::string_view text, const std::string& file);

}  // namespace penrig
