#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocols/byte_link.hpp"
#include "rig/base/file_descriptor.hpp"

namespace penrig {

/// A link over an open terminal, moved by Asio; end of file and I/O errors (a port that was pulled out, the other end
/// of a pty that closed) are link_lost.
/// @param tty   non-blocking, in raw mode with VMIN 1: at VMIN 0 every read without data looks like the end.
/// @param kept  closed together with it (see open_pty); may be none.
std::unique_ptr<ByteLink> make_tty_link(Timeline& timeline, FileDescriptor tty, FileDescriptor kept, std::string name,
                                        std::optional<double> payload_bits_per_s);

/// Bytes pass as they are: no echo, no signals, no translation, no flow control; reads wait for 1 byte. False: see
/// errno.
bool make_raw(int tty);

}  // namespace penrig
