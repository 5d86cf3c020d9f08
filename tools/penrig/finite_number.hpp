#pragma once

namespace CLI {
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// Of every option that takes a floating-point number: neither nan nor inf, which the library takes for numbers.
const CLI::Validator& finite_number();

/// The same, from `least` to `most`, both included. CLI::Range alone lets nan through: no comparison with it holds.
CLI::Validator finite_range(double least, double most);

}  // namespace penrig::cli
