#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/byte_stream.hpp"
#include "base/describe.hpp"
#include "base/digest.hpp"
#include "base/types.hpp"
#include "core/commerce/catalogue.hpp"
#include "core/context.hpp"

namespace firebrand {

inline constexpr std::size_t kLaunchesMax = 100'000;

/// Opens the file of one launch; its drops (and later its stages) hang on it.
struct CreateLaunch {
  static constexpr std::string_view kName = "create_launch";
  static constexpr std::string_view kDoc = "Creates a launch.";
  Code code{};
  LocalizedName name{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "code", self.code, From::body, Rule{.min = 1}, "Your own unique name of the launch.");
    field(2, "name", self.name, From::body, Rule{}, "What people read.");
  }
  friend bool operator==(const CreateLaunch&, const CreateLaunch&) = default;
};

enum class CreateLaunchStatus : std::uint8_t {
  created = 0,
  code_must_not_be_empty = 10,
  exists = 40,
  exists_with_different_fields = 50,
  launches_full = 51,
};

struct CreateLaunchResult {
  static constexpr std::string_view kName = "create_launch_result";
  static constexpr std::string_view kDoc = "Answer to create_launch.";
  CreateLaunchStatus status{};
  LaunchId launch_id{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "status", self.status, From::body, Rule{}, "What became of it.");
    field(2, "launch_id", self.launch_id, From::body, Rule{}, "The launch.");
  }
};

struct LaunchCreated {
  static constexpr std::string_view kName = "launch_created";
  static constexpr std::string_view kDoc = "A launch was created.";
  LaunchId launch_id{};
  Code code{};
  LocalizedName name{};

  template <class Self, class Visitor>
  static constexpr void describe(Self& self, Visitor&& field) {
    field(1, "launch_id", self.launch_id, From::body, Rule{}, "The launch.");
    field(2, "code", self.code, From::body, Rule{}, "Its code.");
    field(3, "name", self.name, From::body, Rule{}, "Its names.");
  }
};

/// All launches, for good: about 400 bytes each, at most kLaunchesMax.
class Launches {
 public:
  [[nodiscard]] CreateLaunchResult apply(const CreateLaunch&, const CommandContext&) noexcept;

  [[nodiscard]] bool has(LaunchId) const noexcept;
  /// REQUIRES: has(id).
  [[nodiscard]] const CreateLaunch& launch(LaunchId id) const;
  [[nodiscard]] std::size_t size() const noexcept { return launches_.size(); }

  [[nodiscard]] std::uint64_t digest() const noexcept { return digest_.value(); }
  void check_invariants() const;
  void save(ByteSink&) const;
  [[nodiscard]] bool load(ByteSource&);

 private:
  void remember(const CreateLaunch&);

  std::vector<CreateLaunch> launches_;  // LaunchId n is entry n - 1.
  std::map<std::string, LaunchId, std::less<>> by_code_;
  Digest digest_;
};

}  // namespace firebrand
