// Paths, without a library: a handful of names, read from and written to the address bar.

export type OfficeRoute = 'office' | 'office-call' | 'office-plan' | 'office-pin';
export type Route = 'list' | 'login' | 'callbacks' | 'prompts' | OfficeRoute | 'unknown';

const OFFICE: Record<string, OfficeRoute> = {
  '/office': 'office',
  '/office/call': 'office-call',
  '/office/plan': 'office-plan',
  '/office/pin': 'office-pin',
};
const ROUTES: Record<string, Route> = { '/': 'list', '/login': 'login', '/callbacks': 'callbacks', '/prompts': 'prompts', ...OFFICE };

class Router {
  route = $state<Route>(read());

  constructor() {
    addEventListener('popstate', () => (this.route = read()));
  }

  /** To another view, without a page load; "back" returns. */
  go = (event: MouseEvent): void => {
    const link = event.currentTarget as HTMLAnchorElement;
    // A new tab is the browser's business.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.to(link.pathname);
    scrollTo({ top: 0 });
  };

  to(path: string): void {
    history.pushState(null, '', path);
    this.route = read();
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
