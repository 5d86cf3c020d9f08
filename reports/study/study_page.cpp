#include "reports/study/study_page.hpp"

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/style.hpp"

namespace penrig {
namespace {

std::string head_word(const StudySummary& s) {
  if (s.verdict == Verdict::not_judged) return "";
  return fmt::format("<span class=\"v {}\">{} {}</span>", html::colour_class(s.verdict), html::mark(s.verdict),
                     html::escape(s.word));
}

std::string study_navigation(const StudySummary& s, const std::vector<StudySection>& sections) {
  std::string out =
      fmt::format("<nav><div class=\"w long\">{}</div><b>{}</b><hr>", head_word(s), html::escape(s.title));
  for (std::size_t i = 0; i < s.tables.size(); ++i)
    out += fmt::format("<a href=\"#t{}\">{}</a>", i, html::escape(s.tables[i].title));
  for (const StudySection& section : sections)
    out += fmt::format("<a href=\"#{}\">{}</a>", section.id, html::escape(section.title));
  return out + "<a href=\"#method\">How it was worked out</a></nav>\n";
}

}  // namespace

std::string study_figure(const std::string& title, const std::string& light, const std::string& drawing) {
  return fmt::format("<div><p class=\"cap\">{} <span style=\"font-weight:400\">{}</span></p>{}</div>\n",
                     html::escape(title), html::escape(light), drawing);
}

std::string study_table_html(const StudyTable& table) {
  const std::string note = table.note.empty() ? "" : fmt::format("<p class=\"note\">{}</p>", html::escape(table.note));
  if (table.rows.empty()) return note + "\n";  // a head over nothing
  std::string out = "<div class=\"scroll\"><table class=\"study\"><tr>";
  for (const StudyTable::Column& c : table.columns)
    out += fmt::format("<th class=\"{}\">{}</th>", c.left ? "l" : c.picture ? "c" : "", html::escape(c.head));
  out += "</tr>\n";
  for (const StudyTable::Row& row : table.rows) {
    const bool bold = row.strong || row.verdict == Verdict::fail;
    out += bold ? "<tr class=\"strong\">" : "<tr>";
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const StudyTable::Column& column = table.columns[c];
      const std::string pad =
          c == 0 && row.indent > 0 ? fmt::format(" style=\"padding-left:{}px\"", 14 * row.indent) : "";
      out += fmt::format("<td class=\"{}\"{}>{}</td>",
                         column.picture ? "pic"
                         : column.left  ? "l"
                                        : "",
                         pad, column.picture ? row.cells[c] : html::escape(row.cells[c]));
    }
    out += "</tr>\n";
  }
  return out + "</table></div>" + note + "\n";
}

std::string study_page(const StudySummary& s, const std::vector<StudySection>& sections) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{}</title>\n<style>{}</style></head><body>{}\n",
      html::escape(s.title), html::style_sheet(), html::patterns());
  page += study_navigation(s, sections);
  page += fmt::format("<main>\n<header><h1>{} {}</h1><p class=\"lead\">{}</p></header>\n", head_word(s),
                      html::escape(s.title), html::escape(s.lead));
  for (std::size_t i = 0; i < s.tables.size(); ++i)
    page +=
        fmt::format("<h2 id=\"t{}\">{}</h2>\n{}", i, html::escape(s.tables[i].title), study_table_html(s.tables[i]));
  for (const StudySection& section : sections)
    page += fmt::format("<h2 id=\"{}\">{}</h2>\n{}\n", section.id, html::escape(section.title), section.markup);
  page += "<h2 id=\"method\">How it was worked out</h2>\n<ul class=\"note\">\n";
  for (const std::string& sentence : s.method) page += fmt::format("<li>{}</li>\n", html::escape(sentence));
  return page + "</ul></main></body></html>\n";
}

}  // namespace penrig
