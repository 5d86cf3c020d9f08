#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig {

/// A table in words, which terminal and page show alike.
struct StudyTable {
  /// What stays where there is no room for all: what a row comes to always, details first of all not.
  enum class Weight : std::uint8_t { detail, usual, verdict };
  struct Column {
    std::string head;
    bool left = false;     ///< text; numbers stand right
    bool picture = false;  ///< of the page alone
    Weight weight = Weight::usual;
  };
  struct Row {
    std::vector<std::string> cells;         ///< plain text, not escaped; of a picture markup
    Verdict verdict = Verdict::not_judged;  ///< its inks
    bool strong = false;
    unsigned indent = 0;  ///< of the first cell: a part of what stands above
  };
  std::string title;
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::string note;  ///< below it
};

/// What a study comes to, in the order in which it is read.
struct StudySummary {
  std::string command;  ///< "penrig study grr"
  Verdict verdict = Verdict::not_judged;
  std::string word;                 ///< "acceptable"; what stands beside the mark
  std::string title, lead;          ///< "gage R&R of penetration"; one or two sentences
  std::vector<std::string> method;  ///< conventions and sources, a sentence each
  std::vector<StudyTable> tables;
};

/// Four significant digits, for estimates without a natural number of decimals.
std::string study_number(double value, int significant = 4);
/// "26.7 %"; of a share.
std::string study_percent(double share, int decimals = 1);
/// "0.974", "< 0.0001".
std::string study_p(double p);
/// "✗ FAIL": a verdict beside its row, "–" where there is none.
std::string study_verdict(Verdict verdict);
/// "too few values (3 of them); all are equal (2 of them); and other reasons": whole, the commonest first. Of one
/// reason alone without its number.
std::string study_reasons(const std::vector<std::string>& reasons);

}  // namespace penrig
