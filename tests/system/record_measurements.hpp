#pragma once

#include <cstddef>
#include <vector>

#include <nlohmann/json.hpp>

namespace penrig::test {

/// The measurements of a whole run out of its record's JSON, those of a phase as they stand there.
inline std::vector<nlohmann::json> measurements_of(const nlohmann::json& record) {
  std::vector<nlohmann::json> all;
  for (const nlohmann::json& m : record.at("measurements")) {
    const bool there = m.contains("phase");
    all.push_back(there ? record.at("phases")
                              .at(m.at("phase").get<std::size_t>())
                              .at("measurements")
                              .at(m.at("measurement").get<std::size_t>())
                        : m);
  }
  return all;
}

}  // namespace penrig::test
