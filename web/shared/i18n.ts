// Four things that are never one: the *language* of words, the *locale* of numbers and dates, the
// *currency* of a price (it comes with the price), and the *time zone* of a clock.

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];

/** The words of a page: texts, and functions where a text holds a value. */
export type WordTable = { readonly [key: string]: string | ((...values: never[]) => string) | WordTable };

/** The same keys with the same values to fill in: a key that is missing or too many is a type error. */
export type SameWords<T> = {
  readonly [K in keyof T]: T[K] extends (...values: infer A) => string
    ? (...values: A) => string
    : T[K] extends string
      ? string
      : SameWords<T[K]>;
};

/** What the visitor's `Accept-Language` asks for; the first language that we speak wins. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return 'en';
}

/**
 * How numbers and dates are written: the visitor's own locale if it speaks `language`, so that a
 * British reader gets British dates, else the plain form of the language.
 */
export function pickLocale(language: Language, wanted: readonly string[]): string {
  const own = wanted.find((tag) => tag.toLowerCase().split('-')[0] === language && isLocale(tag));
  return own ?? (language === 'zh' ? 'zh-CN' : 'en');
}

function isLocale(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

/** `wanted` if it is a zone this device knows, else the device's own. */
export function pickTimeZone(wanted: string | null): string {
  for (const timeZone of [wanted, Intl.DateTimeFormat().resolvedOptions().timeZone]) {
    if (timeZone && isTimeZone(timeZone)) return timeZone;
  }
  return 'UTC';
}

export function isTimeZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone }) !== null;
  } catch {
    return false;
  }
}
