#pragma once

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "reports/pdf/drawing_library.hpp"

// What a sheet is drawn with, under the names that the libraries give it.
namespace penrig::pdf::drawing {

inline constexpr Loaded<decltype(::cairo_arc)> cairo_arc("cairo_arc");
inline constexpr Loaded<decltype(::cairo_clip)> cairo_clip("cairo_clip");
inline constexpr Loaded<decltype(::cairo_close_path)> cairo_close_path("cairo_close_path");
inline constexpr Loaded<decltype(::cairo_create)> cairo_create("cairo_create");
inline constexpr Loaded<decltype(::cairo_destroy)> cairo_destroy("cairo_destroy");
inline constexpr Loaded<decltype(::cairo_fill)> cairo_fill("cairo_fill");
inline constexpr Loaded<decltype(::cairo_fill_preserve)> cairo_fill_preserve("cairo_fill_preserve");
inline constexpr Loaded<decltype(::cairo_font_options_create)> cairo_font_options_create("cairo_font_options_create");
inline constexpr Loaded<decltype(::cairo_font_options_destroy)> cairo_font_options_destroy(
    "cairo_font_options_destroy");
inline constexpr Loaded<decltype(::cairo_font_options_set_hint_metrics)> cairo_font_options_set_hint_metrics(
    "cairo_font_options_set_hint_metrics");
inline constexpr Loaded<decltype(::cairo_font_options_set_hint_style)> cairo_font_options_set_hint_style(
    "cairo_font_options_set_hint_style");
inline constexpr Loaded<decltype(::cairo_line_to)> cairo_line_to("cairo_line_to");
inline constexpr Loaded<decltype(::cairo_move_to)> cairo_move_to("cairo_move_to");
inline constexpr Loaded<decltype(::cairo_new_sub_path)> cairo_new_sub_path("cairo_new_sub_path");
inline constexpr Loaded<decltype(::cairo_pdf_surface_create_for_stream)> cairo_pdf_surface_create_for_stream(
    "cairo_pdf_surface_create_for_stream");
inline constexpr Loaded<decltype(::cairo_pdf_surface_set_metadata)> cairo_pdf_surface_set_metadata(
    "cairo_pdf_surface_set_metadata");
inline constexpr Loaded<decltype(::cairo_rectangle)> cairo_rectangle("cairo_rectangle");
inline constexpr Loaded<decltype(::cairo_restore)> cairo_restore("cairo_restore");
inline constexpr Loaded<decltype(::cairo_rotate)> cairo_rotate("cairo_rotate");
inline constexpr Loaded<decltype(::cairo_save)> cairo_save("cairo_save");
inline constexpr Loaded<decltype(::cairo_scale)> cairo_scale("cairo_scale");
inline constexpr Loaded<decltype(::cairo_set_line_join)> cairo_set_line_join("cairo_set_line_join");
inline constexpr Loaded<decltype(::cairo_set_line_width)> cairo_set_line_width("cairo_set_line_width");
inline constexpr Loaded<decltype(::cairo_set_source_rgb)> cairo_set_source_rgb("cairo_set_source_rgb");
inline constexpr Loaded<decltype(::cairo_show_page)> cairo_show_page("cairo_show_page");
inline constexpr Loaded<decltype(::cairo_stroke)> cairo_stroke("cairo_stroke");
inline constexpr Loaded<decltype(::cairo_surface_destroy)> cairo_surface_destroy("cairo_surface_destroy");
inline constexpr Loaded<decltype(::cairo_surface_finish)> cairo_surface_finish("cairo_surface_finish");
inline constexpr Loaded<decltype(::cairo_surface_status)> cairo_surface_status("cairo_surface_status");
inline constexpr Loaded<decltype(::cairo_translate)> cairo_translate("cairo_translate");
inline constexpr Loaded<decltype(::g_error_free)> g_error_free("g_error_free");
inline constexpr Loaded<decltype(::g_free)> g_free("g_free");
inline constexpr Loaded<decltype(::g_object_unref)> g_object_unref("g_object_unref");
inline constexpr Loaded<decltype(::pango_attr_list_unref)> pango_attr_list_unref("pango_attr_list_unref");
inline constexpr Loaded<decltype(::pango_cairo_context_set_font_options)> pango_cairo_context_set_font_options(
    "pango_cairo_context_set_font_options");
inline constexpr Loaded<decltype(::pango_cairo_font_map_new)> pango_cairo_font_map_new("pango_cairo_font_map_new");
inline constexpr Loaded<decltype(::pango_cairo_layout_path)> pango_cairo_layout_path("pango_cairo_layout_path");
inline constexpr Loaded<decltype(::pango_cairo_show_layout)> pango_cairo_show_layout("pango_cairo_show_layout");
inline constexpr Loaded<decltype(::pango_cairo_update_context)> pango_cairo_update_context(
    "pango_cairo_update_context");
inline constexpr Loaded<decltype(::pango_context_set_round_glyph_positions)> pango_context_set_round_glyph_positions(
    "pango_context_set_round_glyph_positions");
inline constexpr Loaded<decltype(::pango_font_description_free)> pango_font_description_free(
    "pango_font_description_free");
inline constexpr Loaded<decltype(::pango_font_description_new)> pango_font_description_new(
    "pango_font_description_new");
inline constexpr Loaded<decltype(::pango_font_description_set_absolute_size)> pango_font_description_set_absolute_size(
    "pango_font_description_set_absolute_size");
inline constexpr Loaded<decltype(::pango_font_description_set_family_static)> pango_font_description_set_family_static(
    "pango_font_description_set_family_static");
inline constexpr Loaded<decltype(::pango_font_description_set_weight)> pango_font_description_set_weight(
    "pango_font_description_set_weight");
inline constexpr Loaded<decltype(::pango_font_map_create_context)> pango_font_map_create_context(
    "pango_font_map_create_context");
inline constexpr Loaded<decltype(::pango_layout_get_baseline)> pango_layout_get_baseline("pango_layout_get_baseline");
inline constexpr Loaded<decltype(::pango_layout_get_context)> pango_layout_get_context("pango_layout_get_context");
inline constexpr Loaded<decltype(::pango_layout_get_size)> pango_layout_get_size("pango_layout_get_size");
inline constexpr Loaded<decltype(::pango_layout_new)> pango_layout_new("pango_layout_new");
inline constexpr Loaded<decltype(::pango_layout_set_alignment)> pango_layout_set_alignment(
    "pango_layout_set_alignment");
inline constexpr Loaded<decltype(::pango_layout_set_attributes)> pango_layout_set_attributes(
    "pango_layout_set_attributes");
inline constexpr Loaded<decltype(::pango_layout_set_font_description)> pango_layout_set_font_description(
    "pango_layout_set_font_description");
inline constexpr Loaded<decltype(::pango_layout_set_line_spacing)> pango_layout_set_line_spacing(
    "pango_layout_set_line_spacing");
inline constexpr Loaded<decltype(::pango_layout_set_text)> pango_layout_set_text("pango_layout_set_text");
inline constexpr Loaded<decltype(::pango_layout_set_width)> pango_layout_set_width("pango_layout_set_width");
inline constexpr Loaded<decltype(::pango_layout_set_wrap)> pango_layout_set_wrap("pango_layout_set_wrap");
inline constexpr Loaded<decltype(::pango_parse_markup)> pango_parse_markup("pango_parse_markup");

}  // namespace penrig::pdf::drawing
