#pragma once

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "reports/pdf/drawing_library.hpp"

// What a sheet is drawn with, under the names that the libraries give it.
namespace penrig::pdf::drawing {

// Name, type and symbol are one word, so that none of them can be another function's.
#define PENRIG_LOADED(name) inline constexpr Loaded<decltype(::name)> name(#name)
PENRIG_LOADED(cairo_arc);
PENRIG_LOADED(cairo_clip);
PENRIG_LOADED(cairo_close_path);
PENRIG_LOADED(cairo_create);
PENRIG_LOADED(cairo_destroy);
PENRIG_LOADED(cairo_fill);
PENRIG_LOADED(cairo_fill_preserve);
PENRIG_LOADED(cairo_font_options_create);
PENRIG_LOADED(cairo_font_options_destroy);
PENRIG_LOADED(cairo_font_options_set_hint_metrics);
PENRIG_LOADED(cairo_font_options_set_hint_style);
PENRIG_LOADED(cairo_line_to);
PENRIG_LOADED(cairo_move_to);
PENRIG_LOADED(cairo_new_sub_path);
PENRIG_LOADED(cairo_pdf_surface_create_for_stream);
PENRIG_LOADED(cairo_pdf_surface_set_metadata);
PENRIG_LOADED(cairo_rectangle);
PENRIG_LOADED(cairo_restore);
PENRIG_LOADED(cairo_rotate);
PENRIG_LOADED(cairo_save);
PENRIG_LOADED(cairo_scale);
PENRIG_LOADED(cairo_set_line_join);
PENRIG_LOADED(cairo_set_line_width);
PENRIG_LOADED(cairo_set_source_rgb);
PENRIG_LOADED(cairo_show_page);
PENRIG_LOADED(cairo_stroke);
PENRIG_LOADED(cairo_surface_destroy);
PENRIG_LOADED(cairo_surface_finish);
PENRIG_LOADED(cairo_surface_status);
PENRIG_LOADED(cairo_translate);
PENRIG_LOADED(g_error_free);
PENRIG_LOADED(g_free);
PENRIG_LOADED(g_object_unref);
PENRIG_LOADED(pango_attr_list_unref);
PENRIG_LOADED(pango_cairo_context_set_font_options);
PENRIG_LOADED(pango_cairo_font_map_new);
PENRIG_LOADED(pango_cairo_layout_path);
PENRIG_LOADED(pango_cairo_show_layout);
PENRIG_LOADED(pango_cairo_update_context);
PENRIG_LOADED(pango_context_set_round_glyph_positions);
PENRIG_LOADED(pango_font_description_free);
PENRIG_LOADED(pango_font_description_new);
PENRIG_LOADED(pango_font_description_set_absolute_size);
PENRIG_LOADED(pango_font_description_set_family_static);
PENRIG_LOADED(pango_font_description_set_weight);
PENRIG_LOADED(pango_font_map_create_context);
PENRIG_LOADED(pango_layout_get_baseline);
PENRIG_LOADED(pango_layout_get_context);
PENRIG_LOADED(pango_layout_get_size);
PENRIG_LOADED(pango_layout_new);
PENRIG_LOADED(pango_layout_set_alignment);
PENRIG_LOADED(pango_layout_set_attributes);
PENRIG_LOADED(pango_layout_set_font_description);
PENRIG_LOADED(pango_layout_set_line_spacing);
PENRIG_LOADED(pango_layout_set_text);
PENRIG_LOADED(pango_layout_set_width);
PENRIG_LOADED(pango_layout_set_wrap);
PENRIG_LOADED(pango_parse_markup);
#undef PENRIG_LOADED

}  // namespace penrig::pdf::drawing
