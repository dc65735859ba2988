#include "core/launch/launches.hpp"

#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

CreateLaunchResult Launches::apply(const CreateLaunch& command,
                                   const CommandContext& context) noexcept {
  using enum CreateLaunchStatus;
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  if (const auto found = by_code_.find(command.code.view()); found != by_code_.end()) {
    if (launch(found->second) != command) { return {exists_with_different_fields}; }
    return {exists, found->second};
  }
  if (launches_.size() >= kLaunchesMax) { return {launches_full}; }

  // Past this line the command succeeds.
  remember(command);
  const LaunchId id{launches_.size()};
  context.facts->emit(LaunchCreated{id, command.code, command.name});
  return {created, id};
}

void Launches::remember(const CreateLaunch& command) {
  launches_.push_back(command);
  by_code_.emplace(command.code.view(), LaunchId{launches_.size()});
  digest_.add(entry_hash(launches_.size(), command));
}

bool Launches::has(LaunchId id) const noexcept {
  return id.value >= 1 && id.value <= launches_.size();
}

const CreateLaunch& Launches::launch(LaunchId id) const {
  FB_ASSERT(has(id));
  return launches_[id.value - 1];
}

void Launches::check_invariants() const {
  FB_ASSERT(by_code_.size() == launches_.size());
  Digest digest;
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    digest.add(entry_hash(i + 1, launches_[i]));
  }
  FB_ASSERT(digest.value() == digest_.value());
}

void Launches::save(ByteSink& sink) const { save_entries(sink, launches_); }

bool Launches::load(ByteSource& source) {
  *this = Launches{};
  return load_entries<CreateLaunch>(source,
                                    [this](const CreateLaunch& launch) { remember(launch); });
}

}  // namespace firebrand
