import { createContext } from 'svelte';
import type { demoApi, StaffApi } from '../../shared/api/client.ts';
import type { Http } from '../../shared/api/http.ts';
import type { ServerClock } from '../../shared/clock.ts';
import type { Preferences } from '../../shared/preferences.svelte.ts';
import type { Ticker } from '../../shared/ticker.svelte.ts';
import type { Words } from './words.ts';

/** What every part of the console may need; the getters are reactive. */
export interface Console {
  readonly http: Http;
  readonly api: StaffApi;
  readonly demo: ReturnType<typeof demoApi>;
  readonly isDemo: boolean;
  readonly preferences: Preferences;
  readonly words: Words;
  readonly clock: ServerClock;
  readonly ticker: Ticker;
}

export const [useConsole, provideConsole] = createContext<Console>();
