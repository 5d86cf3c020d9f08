#include "tests/protocols/worked_messages.hpp"

#include <cstdint>
#include <vector>

#include "rig/base/sample_codec.hpp"

namespace penrig {
namespace {

wire::Envelope worked_hello() {
  wire::Envelope e;
  e.set_request_id(1);
  e.mutable_hello()->set_protocol_version(2);
  e.mutable_hello()->set_host_name("penrig");
  e.mutable_hello()->set_session_nonce(42);
  return e;
}

wire::Envelope worked_hello_reply() {
  wire::Envelope e;
  e.set_request_id(1);
  auto& reply = *e.mutable_hello_reply();
  reply.set_protocol_version(2);
  reply.set_device_kind(wire::HelloReply::PEN);
  reply.set_tick_hz(1e6);
  reply.set_session_nonce(42);
  reply.set_simulated(true);
  reply.set_dead_man_ms(300);
  return e;
}

wire::Envelope worked_set_depth() {
  wire::Envelope e;
  e.set_request_id(2);
  e.mutable_pen_request()->mutable_set_depth()->set_depth_um(1500);
  return e;
}

wire::Envelope worked_done() {
  wire::Envelope e;
  e.set_request_id(2);
  e.mutable_done();
  return e;
}

wire::Envelope worked_refusal() {
  wire::Envelope e;
  e.set_request_id(2);
  e.mutable_refusal()->set_reason(wire::Refusal::OUT_OF_RANGE);
  e.mutable_refusal()->set_text("depth 1.500 mm is outside 0 to 0.5 mm");
  return e;
}

wire::Envelope worked_heartbeat() {
  wire::Envelope e;
  e.mutable_heartbeat()->set_count(7);
  return e;
}

wire::Envelope worked_heartbeat_reply() {
  wire::Envelope e;
  e.mutable_heartbeat_reply()->set_count(7);
  auto& status = *e.mutable_heartbeat_reply()->mutable_daq_status();
  status.set_withdrawn(true);
  status.set_stage_axial_um(-8000);
  status.set_temperature_c(21.5);
  status.set_humidity_percent(40);
  return e;
}

wire::Envelope worked_clock_request() {
  wire::Envelope e;
  e.set_request_id(3);
  e.mutable_clock_request()->set_host_sent_ns(1'500'000'000);
  return e;
}

wire::Envelope worked_clock_reply() {
  wire::Envelope e;
  e.set_request_id(3);
  auto& reply = *e.mutable_clock_reply();
  reply.set_host_sent_ns(1'500'000'000);
  reply.set_device_received_tick(987'654'321);
  reply.set_device_sent_tick(987'654'330);
  return e;
}

/// The force channel is the example of the chapter on sample blocks; the others stand still.
wire::Envelope worked_sample_block() {
  std::vector<std::int32_t> force, position(40, -5), stage(40, 80'000);
  for (std::int32_t i = 0; i < 40; ++i) force.push_back(1000 + 3 * i + i % 3);
  wire::Envelope e;
  auto& block = *e.mutable_sample_block();
  block.set_sequence(0);
  block.set_first_tick(1'000'000);
  block.set_ticks_per_sample(20);
  block.set_count(40);
  SamplePacker force_packer, position_packer, stage_packer;
  force_packer.pack(force, *block.mutable_force());
  position_packer.pack(position, *block.mutable_position());
  stage_packer.pack(stage, *block.mutable_stage());
  return e;
}

wire::Envelope worked_goodbye() {
  wire::Envelope e;
  e.mutable_goodbye()->set_text("the host closes the session");
  return e;
}

}  // namespace

std::vector<WorkedMessage> worked_messages() {
  return {
      {"hello", "`hello`: id 1, version 2, host `penrig`, nonce 42. On the line a 0x00 goes ahead of it.",
       worked_hello()},
      {"hello_reply", "`hello_reply`: id 1, version 2, a PEN, 1 MHz, nonce 42, simulated, dead-man 300 ms.",
       worked_hello_reply()},
      {"set_depth", "`pen_request.set_depth`: id 2, 1,500 µm.", worked_set_depth()},
      {"done", "`done`: id 2.", worked_done()},
      {"refusal", "`refusal`: id 2, OUT_OF_RANGE, `depth 1.500 mm is outside 0 to 0.5 mm`.", worked_refusal()},
      {"heartbeat", "`heartbeat` number 7.", worked_heartbeat()},
      {"heartbeat_reply",
       "`heartbeat_reply` 7 of a DAQ: withdrawn, axial −8,000 µm (zigzag 15,999), 21.5 °C, 40 % humidity.",
       worked_heartbeat_reply()},
      {"clock_request", "`clock_request`: id 3, sent at 1,500,000,000 ns.", worked_clock_request()},
      {"clock_reply", "`clock_reply`: id 3, received at tick 987,654,321, sent at 987,654,330.", worked_clock_reply()},
      {"sample_block",
       "`sample_block` 0: first tick 1,000,000, 20 ticks a sample, 40 samples; force as in the example above, position "
       "−5 "
       "throughout, stage 80,000 throughout.",
       worked_sample_block()},
      {"goodbye", "`goodbye`: `the host closes the session`.", worked_goodbye()},
  };
}

}  // namespace penrig
