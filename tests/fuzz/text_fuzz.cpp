// What a person writes on a command line or into a rig: link URIs, `sim:` URIs and `--where` conditions; the first byte
// says which. A mistake with words, or a value that means the same when its own text is read again.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "fixtures/sim/sim_uri.hpp"
#include "protocols/ble/ble_link.hpp"
#include "protocols/links.hpp"
#include "reports/query/condition_sql.hpp"
#include "tests/fuzz/demand.hpp"

namespace {

using namespace penrig;
using fuzz::demand;

void read_condition(std::string_view text) {
  const Loaded<Condition> condition = parse_condition(text, "--where");
  for (const Mistake& mistake : condition.mistakes) {
    demand(!mistake.message.empty() && mistake.length >= 1, "a mistake has words and a place");
    demand(!render(mistake, true).empty(), "and can be shown");
  }
  if (!condition.ok()) return;
  const SqlPiece sql = sql_of(condition.value);
  std::size_t places = 0;
  for (const char c : sql.sql) places += c == '?' ? 1U : 0U;
  demand(places == sql.values.size(), "every place in the SQL has its value");
  for (const SqlValue& value : sql.values)
    demand(!std::holds_alternative<double>(value) || std::isfinite(std::get<double>(value)), "a value is a number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: {
      const Result<SerialUri> uri = parse_serial_uri(text);
      demand(uri || !uri.error().message.empty(), "a refusal has words");
      if (uri) demand(uri->device.empty() != uri->usb_vid_pid.empty() && uri->baud > 0, "a port has one name");
      break;
    }
    case 1: {
      const Result<sim::SimulatedRigUri> uri = sim::parse_simulated_rig_uri(text);
      demand(uri || !uri.error().message.empty(), "a refusal has words");
      if (!uri) break;
      const Result<sim::SimulatedRigUri> again = sim::parse_simulated_rig_uri(uri->text);
      demand(again && again->seed == uri->seed && again->defects == uri->defects, "a URI means the same again");
      demand(sim::apply_uri(sim::PlantParameters{}, *uri).has_value(), "defects that were checked apply");
      break;
    }
    case 3: {
      const Result<BleUri> uri = parse_ble_uri(text);
      demand(uri || !uri.error().message.empty(), "a refusal has words");
      if (uri) demand(uri->name.empty() || uri->address.empty(), "a pen is told by one thing");
      break;
    }
    default:
      read_condition(text);
  }
  return 0;
}
