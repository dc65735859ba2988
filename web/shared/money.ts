import type { Money } from './api/types.ts';

// Digits after the point where ISO 4217 does not say 2. Intl has a table of its own, which differs
// between engines for some currencies; what a person pays must show what the ledger holds.
const exponents: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0,
  VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
};

/** Digits after the point: 0, 2 or 3. */
export function exponentOf(currency: string): number {
  return exponents[currency] ?? 2;
}

/** "199900" fen as "1999.00", exact for every safe integer. */
export function toDecimal(money: Money): string {
  const exponent = exponentOf(money.currency);
  const digits = String(Math.abs(money.amount)).padStart(exponent + 1, '0');
  const sign = money.amount < 0 ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** "1,999.5" as 199950 fen; null when it is no amount of this currency. */
export function fromDecimal(text: string, currency: string): number | null {
  const exponent = exponentOf(currency);
  const match = /^(\d+)(?:\.(\d*))?$/.exec(text.trim().replaceAll(',', '').replaceAll(' ', ''));
  if (match === null) return null;
  const fraction = match[2] ?? '';
  if (fraction.length > exponent) return null;
  const minor = Number((match[1] ?? '') + fraction.padEnd(exponent, '0'));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** As people of `locale` write it. The locale chooses marks and order, never the currency. */
export function formatMoney(money: Money, locale: string): string {
  const exponent = exponentOf(money.currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  // A decimal string keeps amounts beyond 2^53 / 10^exponent exact where the engine can; others round
  // in the last digit of sums no one pays for a phone.
  return format.format(toDecimal(money) as unknown as number);
}

/** `quantity` times a price, in minor units. */
export function times(price: Money, quantity: number): Money {
  return { amount: price.amount * quantity, currency: price.currency };
}
