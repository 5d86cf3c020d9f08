#include "reports/html_report.hpp"

#include <fmt/format.h>

#include "reports/atomic_file.hpp"
#include "reports/html/section_answers.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/style.hpp"

namespace penrig {

std::string html_report(const RunRecord& run) {
  const html::RunView view(run);
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<title>{}</title>\n<style>{}{}</style></head><body>{}\n",
      html::page_title(view), html::style_sheet(), html::page_marks(view), html::patterns());
  page += html::navigation(view);
  page += "<main>\n";
  for (const auto section :
       {html::head, html::decided, html::measurements, html::answers, html::distributions, html::settings,
        html::depth_over_settings, html::uncertainty, html::corrections, html::timeline, html::evidence}) {
    page += section(view);
    page += '\n';
  }
  page += fmt::format("</main><script>{}</script></body></html>\n", html::script());
  return page;
}

Result<void> write_html_report(const std::filesystem::path& file, const RunRecord& run) {
  return replace_file(file, html_report(run));
}

}  // namespace penrig
