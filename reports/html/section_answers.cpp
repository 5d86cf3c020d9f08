#include "reports/html/section_answers.hpp"

#include <fmt/format.h>

#include "reports/answers_given.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {

std::string answers(const RunView& view) {
  std::string rows;
  for (const AnswerGiven& a : answers_given(view.run)) {
    rows += fmt::format(
        "<tr><td>{}</td><td class=\"l\">{}</td><td class=\"l wrap\">{}</td><td class=\"l wrap\"><b>{}</b></td><td "
        "class=\"l wrap\">{}</td></tr>\n",
        format_number(a.asked_s, 1), escape(a.prompt), escape(a.question), escape(a.answer.empty() ? "–" : a.answer),
        escape(a.how));
  }
  if (rows.empty()) return "";
  return "<h2 id=\"asked\">What a person answered</h2><table class=\"full\"><tr><th>time<br>s</th><th "
         "class=\"l\">prompt</th><th class=\"l\">question</th><th class=\"l\">answer</th><th class=\"l\">by "
         "whom</th></tr>" +
         rows + "</table>";
}

}  // namespace penrig::html
