/** Tabs of the machine page. */
export const machineTabs = [
  'overview',
  'updates',
  'hardware',
  'files',
  'forwards',
  'history',
  'settings',
] as const;
export type MachineTab = (typeof machineTabs)[number];

/** Sections of the page of the fleet's updates. */
export const updateTabs = ['packages', 'notices'] as const;
export type UpdateTab = (typeof updateTabs)[number];

/** Sections of the timeline. */
export const timelineTabs = ['events', 'messages'] as const;
export type TimelineTab = (typeof timelineTabs)[number];

/** Sections of the page on which machines are brought in, taken out and put in order. */
export const manageTabs = ['import', 'export', 'tags', 'removed'] as const;
export type ManageTab = (typeof manageTabs)[number];

export type Route =
  | { page: 'fleet' }
  | { page: 'machine'; id: string; tab?: MachineTab }
  | { page: 'run'; id: string }
  | { page: 'compare'; a: string; b?: string }
  | { page: 'reports'; id?: string }
  | { page: 'updates'; tab?: UpdateTab }
  | { page: 'bulk'; id?: string }
  | { page: 'timeline'; tab?: TimelineTab }
  | { page: 'jobs' }
  | { page: 'requests'; id?: string }
  | { page: 'schedules'; id?: string }
  | { page: 'terminals' }
  | { page: 'terminal_window'; id: string }
  | { page: 'forwards' }
  | { page: 'settings' }
  | { page: 'add' }
  | { page: 'manage'; tab?: ManageTab }
  | { page: 'not_found' };

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The route of a location hash such as `#/machines/<id>/updates`; an unknown one is `not_found`. */
export function parseRoute(hash: string): Route {
  const [first = '', second, third] = hash
    .replace(/^#?\/?/, '')
    .split('?')[0]!
    .split('/')
    .map(decodeSegment);
  switch (first) {
    case '':
    case 'fleet':
      return { page: 'fleet' };
    case 'machines': {
      if (!second) return { page: 'fleet' };
      const tab = machineTabs.find((name) => name === third);
      return tab ? { page: 'machine', id: second, tab } : { page: 'machine', id: second };
    }
    case 'runs':
      return second ? { page: 'run', id: second } : { page: 'not_found' };
    case 'compare':
      if (!second) return { page: 'not_found' };
      return third ? { page: 'compare', a: second, b: third } : { page: 'compare', a: second };
    case 'reports':
      return second ? { page: 'reports', id: second } : { page: 'reports' };
    case 'updates': {
      const tab = updateTabs.find((name) => name === second);
      return tab ? { page: 'updates', tab } : { page: 'updates' };
    }
    case 'schedules':
      return second ? { page: 'schedules', id: second } : { page: 'schedules' };
    case 'bulk':
      return second ? { page: 'bulk', id: second } : { page: 'bulk' };
    case 'timeline': {
      const tab = timelineTabs.find((name) => name === second);
      return tab ? { page: 'timeline', tab } : { page: 'timeline' };
    }
    case 'requests':
      return second ? { page: 'requests', id: second } : { page: 'requests' };
    case 'manage': {
      const tab = manageTabs.find((name) => name === second);
      return tab ? { page: 'manage', tab } : { page: 'manage' };
    }
    case 'terminal-window':
      return second && uuid.test(second) ? { page: 'terminal_window', id: second } : { page: 'not_found' };
    case 'jobs':
    case 'terminals':
    case 'forwards':
    case 'settings':
    case 'add':
      return { page: first };
    default:
      return { page: 'not_found' };
  }
}

/** The address of a route, for `<a href>`. */
export function href(route: Route): string {
  switch (route.page) {
    case 'machine':
      return `#/machines/${encodeURIComponent(route.id)}${route.tab ? `/${route.tab}` : ''}`;
    case 'run':
      return `#/runs/${encodeURIComponent(route.id)}`;
    case 'compare':
      return `#/compare/${encodeURIComponent(route.a)}${route.b ? `/${encodeURIComponent(route.b)}` : ''}`;
    case 'reports':
      return route.id ? `#/reports/${encodeURIComponent(route.id)}` : '#/reports';
    case 'updates':
      return route.tab ? `#/updates/${route.tab}` : '#/updates';
    case 'timeline':
      return route.tab && route.tab !== 'events' ? `#/timeline/${route.tab}` : '#/timeline';
    case 'schedules':
      return route.id ? `#/schedules/${encodeURIComponent(route.id)}` : '#/schedules';
    case 'bulk':
      return route.id ? `#/bulk/${encodeURIComponent(route.id)}` : '#/bulk';
    case 'requests':
      return route.id ? `#/requests/${encodeURIComponent(route.id)}` : '#/requests';
    case 'manage':
      return route.tab ? `#/manage/${route.tab}` : '#/manage';
    case 'terminal_window':
      return `#/terminal-window/${route.id}`;
    case 'not_found':
      return '#/fleet';
    default:
      return `#/${route.page}`;
  }
}

let address = location.hash;
let current = $state.raw<Route>(parseRoute(address));
function follow(): void {
  if (location.hash === address) return;
  address = location.hash;
  current = parseRoute(address);
}
addEventListener('hashchange', follow);

/** The page shown now; reading it in a component subscribes to changes. */
export const router = {
  get route(): Route {
    return current;
  },
};

/** Shown at once: the event of the address comes later, and a key pressed before it would act on where one was. */
export function go(route: Route): void {
  location.hash = href(route).slice(1);
  follow();
}

/** Says in the address what is shown already, without a step to go back to. */
export function settle(route: Route): void {
  location.replace(href(route));
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
