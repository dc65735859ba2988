import { describe, expect, it } from 'vitest';
import { words as consoleWords } from '../console/src/words.ts';
import { words as docsWords } from '../docs/src/words.ts';
import { words as fanWords } from '../fan/src/words.ts';
import { isTimeZone, pickLanguage, pickLocale, pickTimeZone, type SameWords, type WordTable } from './i18n.ts';

describe('language', () => {
  it.each([
    [['zh-TW', 'en'], 'zh'],
    [['fr-FR', 'zh-Hans-CN', 'en'], 'zh'],
    [['en-GB'], 'en'],
    [['de'], 'en'],
    [[], 'en'],
  ])('%j speaks %s', (wanted, language) => {
    expect(pickLanguage(wanted)).toBe(language);
  });
});

describe('locale', () => {
  it('is the visitor’s own where it fits the language, and no other setting follows from it', () => {
    expect(pickLocale('en', ['en-GB', 'zh-CN'])).toBe('en-GB');
    expect(pickLocale('zh', ['en-GB', 'zh-TW'])).toBe('zh-TW');
    expect(pickLocale('zh', ['en-GB'])).toBe('zh-CN');
    expect(pickLocale('en', ['en_bad_tag', 'fr'])).toBe('en');
  });
});

describe('time zone', () => {
  it('is the wanted one if it exists', () => {
    expect(pickTimeZone('Asia/Shanghai')).toBe('Asia/Shanghai');
    expect(pickTimeZone('Mars/Olympus')).not.toBe('Mars/Olympus');
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});

describe.each([
  ['fan', fanWords],
  ['console', consoleWords],
  ['docs', docsWords],
])('words of the %s page', (_name, words) => {
  const texts = (table: WordTable, path = ''): [string, string][] =>
    Object.entries(table).flatMap(([key, value]): [string, string][] => {
      if (typeof value === 'string') return [[`${path}${key}`, value]];
      if (typeof value === 'function') return [[`${path}${key}`, (value as (...v: unknown[]) => string)('1', '2')]];
      return texts(value, `${path}${key}.`);
    });
  const en = texts(words.en as unknown as WordTable);
  const zh = texts(words.zh as unknown as WordTable);

  it('has the same keys in both languages, and no empty text', () => {
    expect(zh.map(([key]) => key).sort()).toEqual(en.map(([key]) => key).sort());
    expect([...en, ...zh].filter(([, text]) => text.trim() === '' )).toEqual([]);
  });

  it('uses the values it is given', () => {
    for (const [key, text] of en) {
      if (text.includes('1')) expect(zh.find(([k]) => k === key)?.[1], key).toMatch(/[1一]/);
    }
  });
});

// Not run, but checked by svelte-check: a missing key is a type error.
const source = { hello: 'Hello', many: (n: number) => `${n} items` } as const;
export const complete: SameWords<typeof source> = { hello: '你好', many: (n) => `${n} 件` };
// @ts-expect-error a key is missing
export const missing: SameWords<typeof source> = { hello: '你好' };
// @ts-expect-error a key is unknown
export const surplus: SameWords<typeof source> = { hello: '你好', many: (n) => `${n} 件`, more: '' };
