import { describe, expect, it } from 'vitest';
import { exponentOf, formatMoney, fromDecimal, times, toDecimal } from './money.ts';

describe('money', () => {
  it.each([
    [199_900, 'CNY', '1999.00'],
    [5, 'CNY', '0.05'],
    [-5, 'USD', '-0.05'],
    [1_999, 'JPY', '1999'],
    [1_999, 'KWD', '1.999'],
    [0, 'BHD', '0.000'],
    [9_007_199_254_740_991, 'CNY', '90071992547409.91'],
  ])('%i minor units of %s are %s', (amount, currency, decimal) => {
    expect(toDecimal({ amount, currency })).toBe(decimal);
    if (amount >= 0) expect(fromDecimal(decimal, currency)).toBe(amount);
  });

  it.each([
    ['1,999.5', 'CNY', 199_950],
    [' 7 ', 'CNY', 700],
    ['1999.001', 'CNY', null],
    ['1999.5', 'JPY', null],
    ['0.0005', 'KWD', null],
    ['-1', 'CNY', null],
    ['1e3', 'CNY', null],
    ['', 'CNY', null],
    ['99999999999999999', 'CNY', null],
  ])('reads %j in %s as %s', (text, currency, minor) => {
    expect(fromDecimal(text, currency)).toBe(minor);
  });

  it('writes what the ledger holds, whatever the engine thinks of the currency', () => {
    expect(formatMoney({ amount: 199_900, currency: 'CNY' }, 'zh-CN')).toBe('¥1,999.00');
    expect(formatMoney({ amount: 199_900, currency: 'EUR' }, 'de-DE')).toBe('1.999,00\u00a0€');
    expect(formatMoney({ amount: 1_999, currency: 'JPY' }, 'en')).toBe('¥1,999');
    // Intl alone would round the rupiah to no decimals.
    expect(formatMoney({ amount: 150, currency: 'IDR' }, 'en')).toContain('1.50');
    expect(exponentOf('IDR')).toBe(2);
  });

  it('multiplies in minor units', () => {
    expect(times({ amount: 1_010, currency: 'CNY' }, 3)).toEqual({ amount: 3_030, currency: 'CNY' });
  });
});
