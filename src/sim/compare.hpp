#pragma once

#include "core/engine/engine.hpp"
#include "sim/model.hpp"

namespace firebrand {

/// Throws AuditFailure unless the engine's drops and stock are the model's, and every unit that was
/// ever received is somewhere: minted = warehouse + unreleased + available + held + sold.
/// O(drops): for every step.
void compare_units(const Engine& engine, const Model& model);

/// All of it: orders, rights (never beyond the limit), money (zero in sum), and the engine's own
/// invariants. O(state).
void compare_all(const Engine& engine, const Model& model);

}  // namespace firebrand
