export type Route =
  | { page: 'catalogue'; query: string }
  | { page: 'course'; slug: string }
  | { page: 'missing' }

const BASE = '/demo/'

export function routeOf(url: { pathname: string; search: string }): Route {
  const path = url.pathname.replace(/\/*$/, '/')
  if (path === BASE || path === BASE + 'index.html/') {
    return { page: 'catalogue', query: new URLSearchParams(url.search).get('q')?.trim() ?? '' }
  }
  const slug = /^\/demo\/courses\/([a-z0-9-]+)\/$/.exec(path)?.[1]
  return slug ? { page: 'course', slug } : { page: 'missing' }
}

export function pathOf(route: Route): string {
  switch (route.page) {
    case 'catalogue':
      return route.query ? `${BASE}?${new URLSearchParams({ q: route.query })}` : BASE
    case 'course':
      return `${BASE}courses/${route.slug}`
    case 'missing':
      return BASE
  }
}
