#pragma once

#include <boost/asio/post.hpp>

#include "rig/base/timeline.hpp"

namespace penrig {

/// Keeps a real timeline's loop from sleeping until a time: while something is to be run, Asio asks the kernel what has
/// come and does not wait for it. For the timeline itself; others say look_out_until().
class LookOut {
 public:
  explicit LookOut(Timeline& timeline) : timeline_(timeline) {}
  LookOut(const LookOut&) = delete;
  LookOut& operator=(const LookOut&) = delete;

  void until(TimePoint t) {
    until_ = t;
    if (!looks_) look();
  }

 private:
  void look() {
    looks_ = timeline_.now() < until_;
    if (looks_) boost::asio::post(timeline_.io(), [this] { look(); });
  }

  Timeline& timeline_;
  TimePoint until_;
  bool looks_ = false;
};

}  // namespace penrig
