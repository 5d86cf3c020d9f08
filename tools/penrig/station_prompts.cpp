#include <algorithm>

#include <fmt/format.h>

#include "tools/penrig/load_pictures.hpp"
#include "tools/penrig/station_slot.hpp"

namespace penrig::cli {
namespace {

/// The digest of a picture that the run was begun with; empty: there is none of that name.
std::string digest_of(const std::vector<SourceDocument>& documents, const std::string& file) {
  const auto found =
      std::ranges::find_if(documents, [&](const SourceDocument& d) { return d.kind == "picture" && d.name == file; });
  return found == documents.end() ? "" : found->sha256;
}

}  // namespace

void StationRig::Slot::ask(std::shared_ptr<OpenPrompt> open) {
  prompt = std::move(open);
  AskedPrompt asked;
  asked.id = prompt->id();
  asked.what = prompt->what();
  for (const PromptPicture& picture : asked.what.pictures)
    asked.pictures.push_back(digest_of(run->prepared().inputs.documents, picture.file));
  asked.until_utc_ns = rig_.timeline_.utc_ns(prompt->until());
  status.prompt = std::move(asked);
  rig_.tell_changed(*this);
}

void StationRig::Slot::asked(const OpenPrompt&) {
  prompt.reset();
  status.prompt.reset();
  rig_.tell_changed(*this);
}

Result<std::string> StationRig::answer(const std::string& name, const std::string& id, const AnswerValue& value,
                                       const std::string& who) {
  Slot* const slot = find(name);
  if (slot == nullptr) return no_slot(name);
  if (!slot->prompt || slot->prompt->id() != id)
    return fail(Errc::refused, fmt::format("slot {} does not ask that (any more)", name));
  if (Result<void> given = slot->prompt->answer(value, who); !given) return given.error();
  return text_of_answer(slot->prompt->what(), value);
}

std::optional<PromptImage> StationRig::picture(const std::string& sha256) const {
  for (const auto& slot : slots_) {
    if (!slot->run) continue;
    for (const SourceDocument& document : slot->run->prepared().inputs.documents) {
      if (document.kind != "picture" || document.sha256 != sha256) continue;
      return PromptImage{std::string(picture_type(document.bytes)), document.bytes};
    }
  }
  return std::nullopt;
}

}  // namespace penrig::cli
