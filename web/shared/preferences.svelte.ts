import { type Language, languages, pickLanguage, pickLocale, pickTimeZone } from './i18n.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

// Storage can be switched off by the visitor; a preference that does not last is no reason to fail.
function stored(name: string): string | null {
  try {
    return localStorage.getItem(`firebrand.${name}`);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(`firebrand.${name}`, value);
  } catch {
    // Stays for this page only.
  }
}

const oneOf = <T extends string>(known: readonly T[], value: string | null): T | null =>
  known.find((k) => k === value) ?? null;

/** How this visitor wants to read: each setting by itself, none derived from another one's value. */
export class Preferences {
  language: Language = $state(oneOf(languages, stored('language')) ?? pickLanguage(navigator.languages));
  theme: Theme = $state(oneOf(themes, stored('theme')) ?? 'system');
  timeZone: string = $state(pickTimeZone(stored('time_zone')));
  readonly locale: string = $derived(pickLocale(this.language, navigator.languages));

  setLanguage(language: Language): void {
    this.language = language;
    store('language', language);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    store('theme', theme);
  }

  setTimeZone(timeZone: string): void {
    this.timeZone = timeZone;
    store('time_zone', timeZone);
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }
}

/** Writes language and theme to the page itself, where CSS, fonts and screen readers find them. */
export function applyToDocument(preferences: Preferences): void {
  $effect(() => {
    document.documentElement.lang = preferences.language === 'zh' ? 'zh-Hans' : 'en';
  });
  $effect(() => {
    if (preferences.theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = preferences.theme;
  });
}
