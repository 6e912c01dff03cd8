// Paths, without a library: a handful of names, read from and written to the address bar.

export type Route = 'list' | 'login' | 'unknown';

const ROUTES: Record<string, Route> = { '/': 'list', '/login': 'login' };

class Router {
  route = $state<Route>(read());

  constructor() {
    addEventListener('popstate', () => (this.route = read()));
  }

  /** Replaces the entry, so that "back" never returns to a login link. */
  replace(path: string): void {
    history.replaceState(null, '', path);
    this.route = read();
  }
}

function read(): Route {
  return ROUTES[location.pathname.replace(/\/+$/, '') || '/'] ?? 'unknown';
}

export const router = new Router();

/**
 * The one-time token of a login link, taken out of the address bar at once. It
 * stands in the fragment so that it reaches no log of a server or a proxy.
 */
export function takeLoginToken(): string | null {
  if (router.route !== 'login') return null;
  const token = location.hash.slice(1);
  history.replaceState(null, '', '/login');
  return token || null;
}
