#pragma once

namespace penrig {

/// A place in a text: line and column from 1 in characters; length of what stands there, within its line.
struct TextPlace {
  int line = 0, column = 0, length = 1;
};

}  // namespace penrig
