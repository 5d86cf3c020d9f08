#pragma once

namespace penrig::pdf::drawing {

/// The address of a function of Pango, Cairo or GLib. They are 35 shared libraries, half of all that this program would
/// load at its start, and a certificate alone needs them: they are loaded when the first one is drawn.
/// Throws ErrorException (Errc::internal) with the reason and the package that brings them.
void* address_of(const char* function);

template <class Function>
class Loaded;
template <class Result, class... Parameters>
class Loaded<Result(Parameters...)> {
 public:
  explicit constexpr Loaded(const char* name) : name_(name) {}
  Result operator()(Parameters... parameters) const {
    return reinterpret_cast<Result (*)(Parameters...)>(address_of(name_))(parameters...);
  }

 private:
  const char* name_;
};

}  // namespace penrig::pdf::drawing
