export type Route =
  | { page: 'setup'; token: string }
  | { page: 'drops' }
  | { page: 'new_drop' }
  | { page: 'drop'; dropId: string }
  | { page: 'catalogue' }
  | { page: 'keys' }
  | { page: 'events' }
  | { page: 'payments' }
  | { page: 'public-log' }
  | { page: 'trail'; of: string }
  | { page: 'team' }
  | { page: 'account' }
  | { page: 'webhooks' }
  | { page: 'webhook'; webhookId: string };

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [first = '', second = ''] = path.split('/');
  if (first === 'setup') return { page: 'setup', token: new URLSearchParams(query).get('token') ?? '' };
  if (first === 'catalogue' || first === 'keys' || first === 'events' || first === 'payments') return { page: first };
  if (first === 'public-log') return { page: first };
  if (first === 'trail') return { page: 'trail', of: decodeURIComponent(second) };
  if (first === 'team' || first === 'account') return { page: first };
  if (first === 'webhooks' && second === '') return { page: 'webhooks' };
  if (first === 'webhooks') return { page: 'webhook', webhookId: decodeURIComponent(second) };
  if (first === 'drops' && second === 'new') return { page: 'new_drop' };
  if (first === 'drops' && second !== '') return { page: 'drop', dropId: decodeURIComponent(second) };
  return { page: 'drops' };
}

export const hrefs = {
  drops: '#/drops',
  newDrop: '#/drops/new',
  catalogue: '#/catalogue',
  keys: '#/keys',
  events: '#/events',
  payments: '#/payments',
  publicLog: '#/public-log',
  trail: '#/trail',
  /** @param of  An id of staff or of a key. */
  trailOf: (of: string) => `#/trail/${encodeURIComponent(of)}`,
  team: '#/team',
  account: '#/account',
  webhooks: '#/webhooks',
  webhook: (webhookId: string) => `#/webhooks/${encodeURIComponent(webhookId)}`,
  drop: (dropId: string) => `#/drops/${encodeURIComponent(dropId)}`,
};

/** The page that the address names. Everything is behind `#`, so the server needs one file only. */
export class Router {
  route: Route = $state.raw(parseRoute(location.hash));

  constructor() {
    this.#hideToken();
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
      this.#hideToken();
    });
  }

  go(href: string): void {
    location.hash = href;
  }

  // A set-up token in the address bar would stay in the browser's history.
  #hideToken(): void {
    if (this.route.page === 'setup' && this.route.token !== '') history.replaceState(null, '', '#/setup');
  }
}
