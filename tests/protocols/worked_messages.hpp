#pragma once

#include <string>
#include <vector>

#include <penrig.pb.h>

namespace penrig {

/// A message whose bytes stand in WIRE.md.
struct WorkedMessage {
  std::string name;     ///< of its block
  std::string meaning;  ///< the line above it
  wire::Envelope envelope;
};
std::vector<WorkedMessage> worked_messages();

}  // namespace penrig
