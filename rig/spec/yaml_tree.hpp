#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rig/spec/load.hpp"
#include "rig/spec/text_place.hpp"

namespace penrig {

/// A text cut into lines (LF, CR LF or CR), to turn byte offsets into places and places into lines to show. Asked in
/// the order of the text it counts each character once; it remembers how far it came, so two threads need two of them.
class TextLines {
 public:
  explicit TextLines(std::string_view text);
  /// Bytes [begin, end) as a place; cut at the end of the first line, blanks at its end left out.
  TextPlace place(std::size_t begin, std::size_t end) const;
  /// Line number `line`, from 1, without its end; empty if there is none.
  std::string_view line(int line) const;
  /// Bytes that were looked at for all places so far, to find their columns.
  std::size_t bytes_counted() const { return bytes_counted_; }

 private:
  /// Characters before byte `first` of line `index`, which is `whole`.
  std::size_t characters_before(std::size_t index, std::string_view whole, std::size_t first) const;

  struct Counted {
    std::size_t index = 0, bytes = 0, characters = 0;
  };
  std::string_view text_;
  std::vector<std::size_t> starts_;
  mutable Counted counted_;  ///< up to the last place that was asked for
  mutable std::size_t bytes_counted_ = 0;
};

/// A mistake of the file whose text these lines are; line 0 = the file as a whole. Of a very long line it keeps what
/// render() shows.
Mistake mistake_at(const std::string& file, const TextLines& lines, const TextPlace& at, std::string message);

/// One node of a YAML document, with its place. Plain data: nothing of the parser's is left in it.
struct YamlNode {
  enum class Kind { empty, scalar, sequence, mapping };
  Kind kind = Kind::empty;
  bool plain = true;  ///< a scalar without quotes
  std::string text;   ///< of a scalar
  TextPlace place;
  std::vector<YamlNode> items;  ///< of a sequence, or the values of a mapping
  std::vector<YamlNode> keys;   ///< of a mapping, one for each item
  /// Of a mapping: which of `keys` a text is; the first, where it is given twice.
  std::map<std::string, std::size_t, std::less<>> index_of;
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
