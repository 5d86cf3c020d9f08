#pragma once

#include <string_view>

namespace penrig {

namespace wire {
class Envelope;
}

/// What a message is called where a person reads it: "hello", "pen.set_depth", "daq.touch_off", "sample_block".
std::string_view message_name(const wire::Envelope& envelope);

}  // namespace penrig
