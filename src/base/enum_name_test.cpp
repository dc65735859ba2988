#include "base/enum_name.hpp"

#include <gtest/gtest.h>

namespace firebrand {

enum class NameTestColour : std::uint8_t { red = 0, blue = 2, last = 127 };

template <class A, int kNumber>
struct NameTestHolder {
  enum class State : std::int16_t { open = 1, sold_out };
};

namespace {

enum class Hidden : std::int8_t { none, a, b_2 = 65 };
enum class Empty : std::uint8_t {};

static_assert(enum_name(NameTestColour::red) == "red");
static_assert(enum_name(NameTestColour::blue) == "blue");
static_assert(enum_name(NameTestColour::last) == "last");
static_assert(enum_name(static_cast<NameTestColour>(1)).empty());
static_assert(enum_name(static_cast<NameTestColour>(128)).empty());
static_assert(enum_name(Hidden::b_2) == "b_2");
static_assert(enum_name(static_cast<Hidden>(-1)).empty());

using InTemplate = NameTestHolder<std::pair<int, char>, 3>::State;
static_assert(enum_name(InTemplate::open) == "open");
static_assert(enum_name(InTemplate::sold_out) == "sold_out");
static_assert(enum_name(static_cast<InTemplate>(0)).empty());

static_assert(enum_values<NameTestColour>() ==
              std::array{NameTestColour::red, NameTestColour::blue, NameTestColour::last});
static_assert(enum_values<Empty>().empty());

static_assert(enum_from_name<Hidden>("a") == Hidden::a);
static_assert(!enum_from_name<Hidden>(""));
static_assert(!enum_from_name<Hidden>("A"));
static_assert(!enum_from_name<Hidden>("Hidden::a"));

static_assert(EnumNames::of<NameTestColour>().name(2) == "blue");
static_assert(EnumNames::of<NameTestColour>().name(1).empty());
static_assert(EnumNames::of<NameTestColour>().name(1'000).empty());
static_assert(EnumNames::of<NameTestColour>().find("last") == 127);
static_assert(!EnumNames::of<NameTestColour>().find(""));

TEST(EnumName, GoesBothWaysForEveryEnumerator) {
  for (const NameTestColour value : enum_values<NameTestColour>()) {
    EXPECT_EQ(enum_from_name<NameTestColour>(enum_name(value)), value);
  }
  EXPECT_EQ(enum_name(NameTestColour::last), "last");
  EXPECT_FALSE(is_enumerator(static_cast<NameTestColour>(255)));
}

}  // namespace
}  // namespace firebrand
