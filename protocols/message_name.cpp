#include "protocols/message_name.hpp"

#include <penrig.pb.h>

namespace penrig {
namespace {

std::string_view pen_request_name(const wire::PenRequest& request) {
  switch (request.op_case()) {
    case wire::PenRequest::kIdentify:
      return "pen.identify";
    case wire::PenRequest::kSetDepth:
      return "pen.set_depth";
    case wire::PenRequest::kSetRate:
      return "pen.set_rate";
    case wire::PenRequest::kStart:
      return "pen.start";
    case wire::PenRequest::kStop:
      return "pen.stop";
    case wire::PenRequest::kJog:
      return "pen.jog";
    case wire::PenRequest::kPark:
      return "pen.park";
    case wire::PenRequest::kGetStatus:
      return "pen.get_status";
    case wire::PenRequest::OP_NOT_SET:
      break;
  }
  return "pen request";
}

std::string_view daq_request_name(const wire::DaqRequest& request) {
  switch (request.op_case()) {
    case wire::DaqRequest::kIdentify:
      return "daq.identify";
    case wire::DaqRequest::kStartStream:
      return "daq.start_stream";
    case wire::DaqRequest::kStopStream:
      return "daq.stop_stream";
    case wire::DaqRequest::kMoveStage:
      return "daq.move_stage";
    case wire::DaqRequest::kTouchOff:
      return "daq.touch_off";
    case wire::DaqRequest::kSetReflexes:
      return "daq.set_reflexes";
    case wire::DaqRequest::kWithdraw:
      return "daq.withdraw";
    case wire::DaqRequest::kResetLatches:
      return "daq.reset_latches";
    case wire::DaqRequest::kGetStatus:
      return "daq.get_status";
    case wire::DaqRequest::OP_NOT_SET:
      break;
  }
  return "daq request";
}

}  // namespace

std::string_view message_name(const wire::Envelope& envelope) {
  switch (envelope.body_case()) {
    case wire::Envelope::kHello:
      return "hello";
    case wire::Envelope::kHelloReply:
      return "hello_reply";
    case wire::Envelope::kHeartbeat:
      return "heartbeat";
    case wire::Envelope::kHeartbeatReply:
      return "heartbeat_reply";
    case wire::Envelope::kClockRequest:
      return "clock_request";
    case wire::Envelope::kClockReply:
      return "clock_reply";
    case wire::Envelope::kRefusal:
      return "refusal";
    case wire::Envelope::kDone:
      return "done";
    case wire::Envelope::kGoodbye:
      return "goodbye";
    case wire::Envelope::kPenRequest:
      return pen_request_name(envelope.pen_request());
    case wire::Envelope::kPenReply:
      return "pen_reply";
    case wire::Envelope::kDaqRequest:
      return daq_request_name(envelope.daq_request());
    case wire::Envelope::kDaqReply:
      return "daq_reply";
    case wire::Envelope::kDaqStatus:
      return "daq_status";
    case wire::Envelope::kSampleBlock:
      return "sample_block";
    case wire::Envelope::BODY_NOT_SET:
      break;
  }
  return "empty message";
}

}  // namespace penrig
