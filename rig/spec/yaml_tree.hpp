#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"
#include "rig/spec/text_place.hpp"

namespace penrig {

/// A text cut into lines (LF, CR LF or CR), to turn byte offsets into places and places into lines to show.
class TextLines {
 public:
  explicit TextLines(std::string_view text);
  /// Bytes [begin, end) as a place; cut at the end of the first line, blanks at its end left out.
  TextPlace place(std::size_t begin, std::size_t end) const;
  /// Line number `line`, from 1, without its end; empty if there is none.
  std::string_view line(int line) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

/// A mistake of the file whose text these lines are; line 0 = the file as a whole.
Mistake mistake_at(const std::string& file, const TextLines& lines, const TextPlace& at, std::string message);

/// One node of a YAML document, with its place. Plain data: nothing of the parser's is left in it.
struct YamlNode {
  enum class Kind { empty, scalar, sequence, mapping };
  Kind kind = Kind::empty;
  bool plain = true;  ///< a scalar without quotes
  std::string text;   ///< of a scalar
  TextPlace place;
  std::vector<YamlNode> items;                       ///< of a sequence, or the values of a mapping
  std::vector<YamlNode> keys;                        ///< of a mapping, one for each item
  const YamlNode* find(std::string_view key) const;  ///< the first value of that key; nullptr if there is none
};

struct YamlTree {
  YamlNode root;
  /// What is wrong with the text as YAML. After a syntax error the tree is empty; a duplicate key leaves it whole.
  std::vector<Mistake> mistakes;
  bool whole = false;  ///< false: there is no tree to look at
};

/// Parses one YAML document. Never throws for what the text says, prints nothing, and takes any bytes: what is no
/// UTF-8, longer than 1 MiB, nested deeper than 32 or uses aliases and tags is a mistake with its place.
YamlTree parse_yaml(std::string_view text, const std::string& file);

}  // namespace penrig
