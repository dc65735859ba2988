import type { FanSession } from '../../shared/api/types.ts';

/** A signed-in fan. A shop that hands over a bare token says neither who it is nor until when. */
export interface Session {
  token: string;
  person: string;
  name: string | null;
}

const shelfName = 'firebrand.session';

function kept(): Session | null {
  try {
    const session = JSON.parse(sessionStorage.getItem(shelfName) ?? 'null') as Session | null;
    return session !== null && typeof session.token === 'string' ? session : null;
  } catch {
    return null;
  }
}

/**
 * The token that a shop handed over as `#token=…`. A fragment never reaches a server or its logs; it is
 * taken out of the address at once, so that it is not shared with a copied link either.
 */
function handedOver(): Session | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null || token === '') return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return { token, person: token, name: null };
}

export class FanSessionStore {
  current: Session | null = $state.raw(null);
  /** The server refused the token since the last sign-in. */
  ended: boolean = $state(false);

  constructor() {
    const arrived = handedOver();
    if (arrived !== null) this.#set(arrived);
    else this.current = kept();
    // A shop may send the visitor to a page that is open already: then only the fragment changes.
    addEventListener('hashchange', () => {
      const later = handedOver();
      if (later !== null) this.#set(later);
    });
  }

  signIn(session: FanSession, name: string): void {
    this.#set({ token: session.token, person: session.person_id, name });
  }

  signOut(reason: 'chosen' | 'refused'): void {
    this.#set(null);
    this.ended = reason === 'refused';
  }

  #set(session: Session | null): void {
    this.current = session;
    this.ended = false;
    try {
      if (session === null) sessionStorage.removeItem(shelfName);
      else sessionStorage.setItem(shelfName, JSON.stringify(session));
    } catch {
      // Signed in for as long as the page lives.
    }
  }
}
