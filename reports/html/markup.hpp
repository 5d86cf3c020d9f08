#pragma once

#include <string>
#include <string_view>

#include "rig/record/measurement.hpp"

namespace penrig::html {

/// Text from outside with U+FFFD in place of bytes that are no UTF-8 and of control characters.
std::string well_formed(std::string_view text);
/// The same, safe between tags and in quoted attributes.
std::string escape(std::string_view text);

/// Escaped, with the indices of our symbols set low: k_T, U_sys, n_eff, ν_eff, z_u, z_c, c_tip ...
std::string formula(std::string_view text);

/// "pass", "fail" or "" : the only two that have a colour.
std::string_view colour_class(Verdict v);
/// ✓ ✗ ◇ ■ ▲: the shape that goes with the word.
std::string_view mark(Verdict v);
/// The mark and the word, coloured.
std::string verdict_markup(Verdict v);
/// The same for a head: `word` may be INTERRUPTED.
std::string verdict_markup(Verdict v, std::string_view word);

/// Three cells: with what probability it conforms, that of a false acceptance, and the most that the rule allows; –
/// where there is none.
std::string probability_cells(const Decision& decision);

inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermillion = "#D55E00";

}  // namespace penrig::html
