#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/station/station.hpp"
#include "reports/station/station_json.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

/// What the body says; none: it is no answer of any prompt.
std::optional<AnswerValue> value_of(const Json& body) {
  const auto value = body.find("value");
  if (value == body.end()) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_number()) return value->get<double>();
  if (value->is_string()) return value->get<std::string>();
  return std::nullopt;
}

}  // namespace

Json prompt_json(const AskedPrompt& prompt) {
  const PromptPhase& what = prompt.what;
  Json json{{"id", prompt.id}, {"kind", name_of(what.kind)}, {"title", what.title}, {"text", what.text}};
  json["pictures"] = Json::array();
  for (std::size_t i = 0; i < what.pictures.size() && i < prompt.pictures.size(); ++i) {
    json["pictures"].push_back({{"src", "/api/pictures/" + prompt.pictures[i]},
                                {"title", what.pictures[i].title},
                                {"text", what.pictures[i].text}});
  }
  // A label that is not there is the page's own word.
  if (!what.yes.empty()) json["yes"] = what.yes;
  if (!what.no.empty()) json["no"] = what.no;
  if (what.kind == PromptKind::choice) json["choices"] = what.choices;
  if (what.kind == PromptKind::number) {
    json["unit"] = what.unit == "1" ? "" : what.unit;
    json["lower"] = number_or_null(what.lower);
    json["upper"] = number_or_null(what.upper);
  }
  json["until_utc"] = format_iso8601(prompt.until_utc_ns);
  return json;
}

Station::Answer Station::answer_prompt(const Call& call) {
  const auto body = object_of(call.request);
  if (!body) return {not_an_object()};
  const auto id = text_of(*body, "id");
  if (!id) return {error_response(id.error())};
  const auto value = value_of(*body);
  if (!value || id->empty())
    return {error_response(422, "usage", "an answer is {id, value}: true, false, a text or a number")};
  const std::string slot = call.parameters.at("slot");
  const Result<std::string> given = parts_.rig.answer(slot, *id, *value, call.session->name + " at the station");
  if (!given) return {error_response(given.error())};
  return entered(call.session->name, "prompt answered", "slot " + slot, {{"id", *id}, {"answer", *given}},
                 json_response({{"slot", slot}, {"id", *id}, {"answer", *given}}));
}

Station::Answer Station::show_picture(const Call& call) const {
  const auto picture = parts_.rig.picture(call.parameters.at("picture"));
  if (!picture) return {error_response(404, "no_such", "no run that goes on shows a picture of that name")};
  Response response{200, picture->type, picture->bytes, {}};
  // Nothing that stands in an SVG may act, however it is opened.
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  return {std::move(response)};
}

}  // namespace penrig::station
