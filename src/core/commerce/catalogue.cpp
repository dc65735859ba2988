#include "core/commerce/catalogue.hpp"

#include "core/facts.hpp"
#include "core/piece.hpp"

namespace firebrand {

AddSkuResult Catalogue::apply(const AddSku& command, const CommandContext& context) noexcept {
  using enum AddSkuStatus;
  // Shape: no state is read.
  if (command.code.empty()) { return {code_must_not_be_empty}; }
  if (command.prices.empty()) { return {prices_must_not_be_empty}; }
  for (std::size_t i = 0; i < command.prices.size(); ++i) {
    const Money price = command.prices[i];
    if (price.minor < 1 || price.minor > kPriceMinorMax || price.currency.is_none()) {
      return {price_out_of_range};
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (command.prices[j].currency == price.currency) { return {currency_repeated}; }
    }
  }

  // Replay.
  if (const auto found = by_code_.find(command.code.view()); found != by_code_.end()) {
    const SkuId id = found->second;
    if (sku(id) != command) { return {exists_with_different_fields}; }
    return {exists, id};
  }

  // State.
  if (skus_.size() >= kSkusMax) { return {skus_full}; }

  // Past this line the command succeeds.
  remember(command);
  const SkuId id{skus_.size()};
  context.facts->emit(SkuAdded{id, command.code, command.name, command.prices});
  return {created, id};
}

void Catalogue::remember(const AddSku& command) {
  skus_.push_back(command);
  by_code_.emplace(command.code.view(), SkuId{skus_.size()});
  digest_.add(entry_hash(skus_.size(), command));
}

bool Catalogue::has(SkuId id) const noexcept { return id.value >= 1 && id.value <= skus_.size(); }

const AddSku& Catalogue::sku(SkuId id) const {
  FB_ASSERT(has(id));
  return skus_[id.value - 1];
}

std::optional<Money> Catalogue::price(SkuId id, Currency currency) const noexcept {
  if (!has(id)) { return std::nullopt; }
  for (const Money& price : sku(id).prices) {
    if (price.currency == currency) { return price; }
  }
  return std::nullopt;
}

void Catalogue::check_invariants() const {
  FB_ASSERT(by_code_.size() == skus_.size());
  Digest digest;
  for (std::size_t i = 0; i < skus_.size(); ++i) { digest.add(entry_hash(i + 1, skus_[i])); }
  FB_ASSERT(digest.value() == digest_.value());
}

void Catalogue::save(ByteSink& sink) const { save_entries(sink, skus_); }

bool Catalogue::load(ByteSource& source) {
  *this = Catalogue{};
  return load_entries<AddSku>(source, [this](const AddSku& sku) { remember(sku); });
}

}  // namespace firebrand
