#include "reports/station/openapi.hpp"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace penrig::station {
namespace {

using Json = nlohmann::ordered_json;

std::string put_together() {
  Json whole = Json::object();
  for (const BuiltInFile& part : openapi_parts()) whole.merge_patch(Json::parse(part.bytes));
  for (auto& path : whole.at("paths")) {
    for (auto& operation : path) {
      std::vector<const char*> always{"421", "429"};
      if (operation.contains("x-roles")) always.insert(always.end(), {"401", "403"});
      for (const char* status : always) {
        operation["responses"].emplace(status, Json{{"$ref", "#/components/responses/Error"}});
      }
    }
  }
  return whole.dump(1) + "\n";
}

}  // namespace

std::string_view openapi_json() {
  static const std::string kWhole = put_together();
  return kWhole;
}

}  // namespace penrig::station
