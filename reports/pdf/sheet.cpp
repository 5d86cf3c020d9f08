#include "reports/pdf/sheet.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include <qrencode.h>

#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/drawing_functions.hpp"

#ifdef __SANITIZE_ADDRESS__
// fontconfig keeps one pattern for the life of the program that nobody can give back.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }
#endif
#ifdef __SANITIZE_THREAD__
// The libraries are not built with the thread sanitizer, which does not see how they lock.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:libfontconfig.so\nrace:libpangoft2-1.0.so\nrace:libcairo.so\nrace:libglib-2.0.so\n";
}
#endif

namespace penrig::pdf {

namespace {

struct Unref {
  void operator()(cairo_surface_t* p) const { drawing::cairo_surface_destroy(p); }
  void operator()(cairo_t* p) const { drawing::cairo_destroy(p); }
  void operator()(PangoFontMap* p) const { drawing::g_object_unref(p); }
  void operator()(PangoContext* p) const { drawing::g_object_unref(p); }
  void operator()(PangoLayout* p) const { drawing::g_object_unref(p); }
  void operator()(PangoFontDescription* p) const { drawing::pango_font_description_free(p); }
  void operator()(QRcode* p) const { QRcode_free(p); }
};

cairo_status_t append(void* to, const unsigned char* bytes, unsigned int n) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), n);
  return CAIRO_STATUS_SUCCESS;
}

int hex_digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// "#rrggbb", or "#rgb".
void set_colour(cairo_t* cr, std::string_view colour) {
  double rgb[3] = {0, 0, 0};
  const bool is_short = colour.size() == 4;
  for (std::size_t i = 0; i < 3; ++i) {
    const char high = colour[is_short ? 1 + i : 1 + 2 * i], low = colour[is_short ? 1 + i : 2 + 2 * i];
    rgb[i] = (16 * hex_digit(high) + hex_digit(low)) / 255.0;
  }
  drawing::cairo_set_source_rgb(cr, rgb[0], rgb[1], rgb[2]);
}

}  // namespace

struct Sheet::Impl {
  std::string bytes;
  std::unique_ptr<cairo_surface_t, Unref> surface;
  std::unique_ptr<cairo_t, Unref> cr;
  std::unique_ptr<PangoFontMap, Unref> fonts;
  std::unique_ptr<PangoContext, Unref> context;
  std::unique_ptr<PangoLayout, Unref> layout;

  void set(std::string_view markup, const Font& font, double wrap, Align align) {
    const std::unique_ptr<PangoFontDescription, Unref> description(drawing::pango_font_description_new());
    drawing::pango_font_description_set_family_static(
        description.get(), font.mono ? "DejaVu Sans Mono" : "Inter,Helvetica,Arial,Liberation Sans,DejaVu Sans");
    drawing::pango_font_description_set_absolute_size(description.get(), font.size * PANGO_SCALE);
    drawing::pango_font_description_set_weight(description.get(), static_cast<PangoWeight>(font.weight));
    drawing::pango_layout_set_font_description(layout.get(), description.get());
    drawing::pango_layout_set_width(layout.get(), wrap > 0 ? static_cast<int>(wrap * PANGO_SCALE) : -1);
    drawing::pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    drawing::pango_layout_set_alignment(layout.get(), align == Align::left     ? PANGO_ALIGN_LEFT
                                                      : align == Align::centre ? PANGO_ALIGN_CENTER
                                                                               : PANGO_ALIGN_RIGHT);
    drawing::pango_layout_set_line_spacing(layout.get(), 1.1F);
    // Figures of one width stand under each other. Pango's own <sub> is too small to read in print.
    std::string whole = "<span font_features=\"tnum=1\">" + std::string(markup) + "</span>";
    for (const auto& [of, by] :
         {std::pair<std::string_view, std::string_view>{"<sub>", "<span size=\"76%\" rise=\"-1600\">"},
          {"</sub>", "</span>"}}) {
      for (std::size_t at = whole.find(of); at != std::string::npos; at = whole.find(of, at))
        whole.replace(at, of.size(), by);
    }
    GError* error = nullptr;
    char* plain = nullptr;
    PangoAttrList* attributes = nullptr;
    if (!drawing::pango_parse_markup(whole.data(), static_cast<int>(whole.size()), 0, &attributes, &plain, nullptr,
                                     &error)) {
      const std::string why = error->message;
      drawing::g_error_free(error);
      throw std::logic_error("text of a certificate is no markup: " + why);
    }
    drawing::pango_layout_set_text(layout.get(), plain, -1);
    drawing::pango_layout_set_attributes(layout.get(), attributes);
    drawing::pango_attr_list_unref(attributes);
    drawing::g_free(plain);
  }
  Size size() const {
    int width = 0, height = 0;
    drawing::pango_layout_get_size(layout.get(), &width, &height);
    return {static_cast<double>(width) / PANGO_SCALE, static_cast<double>(height) / PANGO_SCALE};
  }
};

Sheet::Sheet(Paper paper, const std::string& title, const std::string& subject, std::int64_t utc_ns)
    : width_(paper == Paper::a4 ? 210 * kMm : 612),
      height_(paper == Paper::a4 ? 297 * kMm : 792),
      impl_(std::make_unique<Impl>()) {
  impl_->surface.reset(drawing::cairo_pdf_surface_create_for_stream(append, &impl_->bytes, width_, height_));
  cairo_surface_t* surface = impl_->surface.get();
  drawing::cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title.c_str());
  drawing::cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, subject.c_str());
  drawing::cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "penrig");
  // Not the time of writing: the same record gives the same bytes.
  drawing::cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, format_iso8601(utc_ns).c_str());
  impl_->cr.reset(drawing::cairo_create(surface));
  // A map of this document's own: the default one lives as long as the thread and is never given back.
  impl_->fonts.reset(drawing::pango_cairo_font_map_new());
  impl_->context.reset(drawing::pango_font_map_create_context(impl_->fonts.get()));
  drawing::pango_cairo_update_context(impl_->cr.get(), impl_->context.get());
  impl_->layout.reset(drawing::pango_layout_new(impl_->context.get()));
  // Positions in the file, not on a screen: no rounding to pixels.
  cairo_font_options_t* options = drawing::cairo_font_options_create();
  drawing::cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  drawing::cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  drawing::pango_cairo_context_set_font_options(drawing::pango_layout_get_context(impl_->layout.get()), options);
  drawing::cairo_font_options_destroy(options);
  drawing::pango_context_set_round_glyph_positions(drawing::pango_layout_get_context(impl_->layout.get()), FALSE);
}

Sheet::~Sheet() = default;

double Sheet::text(double x, double y, std::string_view markup, const Font& font, double wrap, Align align) {
  impl_->set(markup, font, wrap, align);
  const Size size = impl_->size();
  const double shift = wrap > 0 || align == Align::left ? 0 : align == Align::centre ? size.width / 2 : size.width;
  cairo_t* cr = impl_->cr.get();
  set_colour(cr, font.colour);
  drawing::cairo_move_to(cr, x - shift, y);
  drawing::pango_cairo_show_layout(cr, impl_->layout.get());
  return size.height;
}

void Sheet::text_on_line(double x, double y, std::string_view markup, const Font& font, Align align, double halo) {
  impl_->set(markup, font, 0, Align::left);
  const double top = y - static_cast<double>(drawing::pango_layout_get_baseline(impl_->layout.get())) / PANGO_SCALE;
  if (halo > 0) {
    const double width = impl_->size().width;
    cairo_t* cr = impl_->cr.get();
    drawing::cairo_save(cr);
    drawing::cairo_move_to(cr, x - (align == Align::left ? 0 : align == Align::centre ? width / 2 : width), top);
    drawing::pango_cairo_layout_path(cr, impl_->layout.get());
    set_colour(cr, "#ffffff");
    drawing::cairo_set_line_width(cr, 2 * halo);
    drawing::cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    drawing::cairo_stroke(cr);
    drawing::cairo_restore(cr);
  }
  text(x, top, markup, font, 0, align);
}

std::string Sheet::shortened(std::string_view plain, const Font& font, double width) {
  const std::string whole = html::well_formed(plain);
  if (measure(html::escape(whole), font).width <= width) return html::escape(whole);
  std::vector<std::size_t> ends;  // of characters
  for (std::size_t i = 1; i <= whole.size(); ++i) {
    if (i == whole.size() || (static_cast<unsigned char>(whole[i]) & 0xC0U) != 0x80U) ends.push_back(i);
  }
  std::string best = "…";
  std::size_t low = 0, high = ends.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    std::string tried = html::escape(whole.substr(0, ends[middle])) + "…";
    if (measure(tried, font).width <= width) {
      best = std::move(tried);
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return best;
}

Sheet::Size Sheet::measure(std::string_view markup, const Font& font, double wrap) {
  impl_->set(markup, font, wrap, Align::left);
  return impl_->size();
}

void Sheet::line(double x1, double y1, double x2, double y2, double width, std::string_view colour) {
  cairo_t* cr = impl_->cr.get();
  set_colour(cr, colour);
  drawing::cairo_set_line_width(cr, width);
  drawing::cairo_move_to(cr, x1, y1);
  drawing::cairo_line_to(cr, x2, y2);
  drawing::cairo_stroke(cr);
}

void Sheet::rect(double x, double y, double width, double height, std::string_view fill) {
  if (!(width > 0) || !(height > 0)) return;
  cairo_t* cr = impl_->cr.get();
  set_colour(cr, fill);
  drawing::cairo_rectangle(cr, x, y, width, height);
  drawing::cairo_fill(cr);
}

void Sheet::frame(double x, double y, double width, double height, double line_width) {
  cairo_t* cr = impl_->cr.get();
  set_colour(cr, "#111111");
  drawing::cairo_set_line_width(cr, line_width);
  drawing::cairo_rectangle(cr, x, y, width, height);
  drawing::cairo_stroke(cr);
}

void Sheet::hatch(double x, double y, double width, double height) {
  if (!(width > 0) || !(height > 0)) return;
  cairo_t* cr = impl_->cr.get();
  drawing::cairo_save(cr);
  drawing::cairo_rectangle(cr, x, y, width, height);
  drawing::cairo_clip(cr);
  set_colour(cr, "#555555");
  drawing::cairo_set_line_width(cr, 0.7);
  // Strips of one page-wide pattern, so that neighbouring rows fit together.
  constexpr double kStep = 2.1;
  const double from = std::floor((x - height) / kStep) * kStep;
  for (int i = 0; from + i * kStep < x + width; ++i) {
    drawing::cairo_move_to(cr, from + i * kStep, y + height);
    drawing::cairo_line_to(cr, from + i * kStep + height, y);
  }
  drawing::cairo_stroke(cr);
  drawing::cairo_restore(cr);
}

void Sheet::circle(double x, double y, double radius, std::string_view fill, std::string_view stroke, double width) {
  cairo_t* cr = impl_->cr.get();
  drawing::cairo_new_sub_path(cr);
  drawing::cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
  set_colour(cr, fill);
  drawing::cairo_fill_preserve(cr);
  set_colour(cr, stroke);
  drawing::cairo_set_line_width(cr, width);
  drawing::cairo_stroke(cr);
}

void Sheet::polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
                    std::string_view stroke, double width) {
  cairo_t* cr = impl_->cr.get();
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) drawing::cairo_line_to(cr, x[i], y[i]);
  drawing::cairo_close_path(cr);
  set_colour(cr, fill);
  drawing::cairo_fill_preserve(cr);
  set_colour(cr, stroke);
  drawing::cairo_set_line_width(cr, width);
  drawing::cairo_stroke(cr);
}

void Sheet::outline_word(std::string_view word) {
  cairo_t* cr = impl_->cr.get();
  drawing::cairo_save(cr);
  impl_->set(word, {.size = 100, .weight = 700}, 0, Align::left);
  const Size size = impl_->size();
  // Short words no larger than long ones: they must lie on the page whole.
  constexpr double kScaleMax = 1.45;
  const double diagonal = 0.82 * std::sqrt(width_ * width_ + height_ * height_),
               scale = std::min(diagonal / size.width, kScaleMax);
  drawing::cairo_translate(cr, width_ / 2, height_ / 2);
  drawing::cairo_rotate(cr, -std::atan2(height_, width_));
  drawing::cairo_scale(cr, scale, scale);
  drawing::cairo_move_to(cr, -size.width / 2, -size.height / 2);
  drawing::pango_cairo_layout_path(cr, impl_->layout.get());
  set_colour(cr, "#c4c4c4");
  drawing::cairo_set_line_width(cr, 0.9 / scale);
  drawing::cairo_stroke(cr);
  drawing::cairo_restore(cr);
}

bool Sheet::qr_code(double x, double y, double side, std::string_view text) {
  const std::string characters(text);
  const std::unique_ptr<QRcode, Unref> code(QRcode_encodeString(characters.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
  if (!code) return false;
  constexpr int kQuiet = 2;  // the page around is white as well
  const double module = side / (code->width + 2 * kQuiet);
  cairo_t* cr = impl_->cr.get();
  set_colour(cr, "#000000");
  for (int row = 0; row < code->width; ++row) {
    for (int column = 0; column < code->width; ++column) {
      if ((code->data[row * code->width + column] & 1U) == 0) continue;
      drawing::cairo_rectangle(cr, x + (column + kQuiet) * module, y + (row + kQuiet) * module, module, module);
    }
  }
  drawing::cairo_fill(cr);
  return true;
}

void Sheet::next_page() { drawing::cairo_show_page(impl_->cr.get()); }

std::string Sheet::take() {
  drawing::cairo_show_page(impl_->cr.get());
  impl_->layout.reset();
  impl_->cr.reset();
  drawing::cairo_surface_finish(impl_->surface.get());
  if (drawing::cairo_surface_status(impl_->surface.get()) != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error("the PDF could not be written");
  }
  return std::move(impl_->bytes);
}

}  // namespace penrig::pdf
