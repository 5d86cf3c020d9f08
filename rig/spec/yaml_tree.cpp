#include "rig/spec/yaml_tree.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <libfyaml.h>

#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

constexpr std::size_t kLargestText = std::size_t{1} << 20;
constexpr std::size_t kDeepestNesting = 32;

struct CloseDiag {
  void operator()(fy_diag* d) const { fy_diag_destroy(d); }
};
struct CloseParser {
  void operator()(fy_parser* p) const { fy_parser_destroy(p); }
};

std::string_view text_of(fy_token* token) {
  if (!token) return {};
  std::size_t length = 0;
  const char* text = fy_token_get_text(token, &length);
  return text ? std::string_view{text, length} : std::string_view{};
}

/// Builds the tree from the parser's events.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::string& file) : text_(text), file_(file), lines_(text) {}

  YamlTree build() {
    if (readable()) parse();
    return std::move(tree_);
  }

 private:
  void parse() {
    fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = nullptr;
    diag_cfg.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
    const std::unique_ptr<fy_diag, CloseDiag> diag{fy_diag_create(&diag_cfg)};
    if (!diag) return refuse_whole("the YAML parser could not be started (out of memory)");
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg cfg{};
    cfg.search_path = "";
    cfg.flags = static_cast<fy_parse_cfg_flags>(FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE | FYPCF_DISABLE_MMAP_OPT);
    cfg.diag = diag.get();
    const std::unique_ptr<fy_parser, CloseParser> parser{fy_parser_create(&cfg)};
    if (!parser || fy_parser_set_string(parser.get(), text_.data(), text_.size()) != 0) {
      return refuse_whole("the YAML parser could not be started (out of memory)");
    }
    bool go_on = true, ended = false;
    while (go_on) {
      fy_event* event = fy_parser_parse(parser.get());
      if (!event) break;
      ended = event->type == FYET_STREAM_END;
      go_on = !ended && take(event);
      fy_parser_event_free(parser.get(), event);
    }
    if (!ended && go_on) syntax_mistake(diag.get());
    tree_.whole = ended && !stopped_;
    if (!tree_.whole) tree_.root = YamlNode{};
    if (tree_.whole && tree_.root.kind == YamlNode::Kind::empty) {
      tree_.whole = false;
      refuse_whole("the file is empty (a mapping of keys and values was expected)");
    }
  }

  void refuse_whole(std::string message) { mistake({}, std::move(message)); }

  void mistake(const TextPlace& at, std::string message) {
    tree_.mistakes.push_back(mistake_at(file_, lines_, at, std::move(message)));
  }

  bool readable() {
    if (text_.size() > kLargestText) {
      refuse_whole(fmt::format("the file has {} bytes (a description has at most {})", text_.size(), kLargestText));
      return false;
    }
    for (std::size_t i = 0; i < text_.size();) {
      const std::size_t length = utf8_length(text_.substr(i));
      const unsigned char byte = static_cast<unsigned char>(text_[i]);
      const bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
      if (length == 0 || control) {
        mistake(lines_.place(i, i + 1), fmt::format("byte 0x{:02x} is {} (write the file as UTF-8 text)", byte,
                                                    control ? "a control character" : "no UTF-8"));
        return false;
      }
      i += length;
    }
    return true;
  }

  void syntax_mistake(fy_diag* diag) {
    void* position = nullptr;
    while (const fy_diag_error* error = fy_diag_errors_iterate(diag, &position)) {
      if (error->type != FYET_ERROR || !error->msg) continue;
      TextPlace at{std::max(error->line, 1), std::max(error->column, 1), 1};
      if (const fy_mark* mark = error->fyt ? fy_token_start_mark(error->fyt) : nullptr) {
        const fy_mark* end = fy_token_end_mark(error->fyt);
        at = lines_.place(mark->input_pos, end ? end->input_pos : mark->input_pos + 1);
      }
      const std::string_view what = error->msg;
      // The parser sees what is missing only at the end of the text; a person looks for where it began.
      if (what.find("without a closing") != what.npos && !open_.empty()) at = open_.back().place;
      if (const auto tab = indenting_tab()) {
        mistake(*tab, "a tab cannot indent YAML (use blanks)");
      } else {
        mistake(at, fmt::format("this is no YAML: {}", what));
      }
      return;  // what follows a first error of syntax is its consequence
    }
    refuse_whole("this is no YAML: the parser gave up without saying where");
  }

  /// Where a tab stands before the first word of a line: what the parser says then leads astray.
  std::optional<TextPlace> indenting_tab() const {
    std::size_t begin = 0;
    while (begin < text_.size()) {
      const std::size_t word = text_.find_first_not_of(" \t", begin);
      const std::size_t tab = text_.find('\t', begin);
      const bool blank_line = word == text_.npos || text_[word] == '\n' || text_[word] == '\r' || text_[word] == '#';
      if (!blank_line && tab < word) return lines_.place(tab, tab + 1);
      const std::size_t end = text_.find('\n', begin);
      if (end == text_.npos) break;
      begin = end + 1;
    }
    return std::nullopt;
  }

  TextPlace place_of(fy_token* token) {
    const fy_mark* begin = fy_token_start_mark(token);
    const fy_mark* end = fy_token_end_mark(token);
    if (!begin) return {1, 1, 1};
    return lines_.place(begin->input_pos, end ? end->input_pos : begin->input_pos + 1);
  }

  bool refuse_tag(fy_token* tag) { return stop(place_of(tag), "tags are not used here (leave it out)"); }

  TextPlace place_of(fy_event* event) {
    const fy_mark* begin = fy_event_start_mark(event);
    const fy_mark* end = fy_event_end_mark(event);
    if (!begin) return {1, 1, 1};
    return lines_.place(begin->input_pos, end ? end->input_pos : begin->input_pos + 1);
  }

  /// The parser's mark leaves the star out.
  TextPlace alias_place(fy_event* event) {
    TextPlace at = place_of(event);
    if (at.column > 1) {
      --at.column;
      ++at.length;
    }
    return at;
  }

  bool stop(const TextPlace& at, std::string message) {
    mistake(at, std::move(message));
    stopped_ = true;
    return false;
  }

  bool take(fy_event* event) {
    const bool begins = event->type == FYET_DOCUMENT_START;
    if (begins) ++documents_;
    // A document that begins without '---' has no mark of its own; what stands in it has.
    if (documents_ > 1 && (!begins || fy_event_start_mark(event))) {
      return stop(place_of(event), "a second document begins here (one file, one document)");
    }
    switch (event->type) {
      case FYET_ALIAS:
        return stop(alias_place(event), "aliases are not used here (write the value out)");
      case FYET_SCALAR: {
        if (event->scalar.tag) return refuse_tag(event->scalar.tag);
        YamlNode node;
        node.text = text_of(event->scalar.value);
        node.plain = !event->scalar.value || fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
        const bool nothing = node.plain && (node.text.empty() || node.text == "~" || node.text == "null");
        node.kind = nothing ? YamlNode::Kind::empty : YamlNode::Kind::scalar;
        node.place = place_of(event);
        return add(std::move(node));
      }
      case FYET_MAPPING_START:
        if (event->mapping_start.tag) return refuse_tag(event->mapping_start.tag);
        return open(YamlNode::Kind::mapping, place_of(event));
      case FYET_SEQUENCE_START:
        if (event->sequence_start.tag) return refuse_tag(event->sequence_start.tag);
        return open(YamlNode::Kind::sequence, place_of(event));
      case FYET_MAPPING_END:
      case FYET_SEQUENCE_END: {
        if (open_.empty()) return true;
        YamlNode node = std::move(open_.back());
        open_.pop_back();
        return add(std::move(node));
      }
      default:
        return true;
    }
  }

  bool open(YamlNode::Kind kind, const TextPlace& at) {
    if (open_.size() >= kDeepestNesting) return stop(at, "nested too deeply");
    if (!open_.empty() && expects_key(open_.back())) return stop(at, "a key must be a plain word");
    YamlNode node;
    node.kind = kind;
    node.place = at;
    open_.push_back(std::move(node));
    return true;
  }

  static bool expects_key(const YamlNode& node) {
    return node.kind == YamlNode::Kind::mapping && node.keys.size() == node.items.size();
  }

  bool add(YamlNode node) {
    if (open_.empty()) {
      tree_.root = std::move(node);
      return true;
    }
    YamlNode& parent = open_.back();
    if (!expects_key(parent)) {
      parent.items.push_back(std::move(node));
      return true;
    }
    const auto [earlier, is_new] = parent.index_of.emplace(node.text, parent.keys.size());
    if (!is_new) {
      mistake(node.place, fmt::format("key '{}' is given twice (the first is on line {}; leave one out)",
                                      shown(node.text), parent.keys[earlier->second].place.line));
    }
    parent.keys.push_back(std::move(node));
    return true;
  }

  std::string_view text_;
  const std::string& file_;
  TextLines lines_;
  YamlTree tree_;
  std::vector<YamlNode> open_;
  int documents_ = 0;
  bool stopped_ = false;
};

}  // namespace

TextLines::TextLines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_cr = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || lone_cr) starts_.push_back(i + 1);
  }
}

TextPlace TextLines::place(std::size_t begin, std::size_t end) const {
  begin = std::min(begin, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), begin);
  const std::size_t index = static_cast<std::size_t>(after - starts_.begin()) - 1;
  const std::string_view whole = line(static_cast<int>(index) + 1);
  const std::size_t first = std::min(begin - starts_[index], whole.size());
  const std::size_t last = std::clamp(end, begin, starts_[index] + whole.size()) - starts_[index];
  std::string_view covered = last > first ? whole.substr(first, last - first) : std::string_view{};
  while (covered.ends_with(' ') || covered.ends_with('\t')) covered.remove_suffix(1);
  return {static_cast<int>(index) + 1, static_cast<int>(characters_before(index, whole, first)) + 1,
          std::max(1, static_cast<int>(utf8_count(covered)))};
}

std::size_t TextLines::characters_before(std::size_t index, std::string_view whole, std::size_t first) const {
  const bool goes_on = counted_.index == index && counted_.bytes <= first;
  const Counted from = goes_on ? counted_ : Counted{.index = index};
  const std::size_t characters = from.characters + utf8_count(whole.substr(from.bytes, first - from.bytes));
  bytes_counted_ += first - from.bytes;
  // Within a character nothing can go on: its rest would count as others.
  const bool within = first < whole.size() && (static_cast<unsigned char>(whole[first]) & 0xc0) == 0x80;
  if (!within) counted_ = {index, first, characters};
  return characters;
}

std::string_view TextLines::line(int line) const {
  if (line < 1 || static_cast<std::size_t>(line) > starts_.size()) return {};
  const std::size_t index = static_cast<std::size_t>(line) - 1;
  const std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] : text_.size();
  std::string_view found = text_.substr(starts_[index], end - starts_[index]);
  while (found.ends_with('\n') || found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

Mistake mistake_at(const std::string& file, const TextLines& lines, const TextPlace& at, std::string message) {
  // One more than is shown: then it is seen to go on.
  return {file,
          at.line,
          at.column,
          at.length,
          std::move(message),
          std::string(utf8_first(lines.line(at.line), kLongestLineShown + 1))};
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = index_of.find(key);
  return found != index_of.end() && found->second < items.size() ? &items[found->second] : nullptr;
}

YamlTree parse_yaml(std::string_view text, const std::string& file) {
  // A byte order mark is no part of the text, nor of its columns.
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return TreeBuilder(text, file).build();
}

}  // namespace penrig
