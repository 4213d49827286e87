/** What the collector tells of where the numbers are; each may be missing. */
export interface Numbers {
  metrics?: string | null
  prometheus?: string | null
}

/** `host`: the name that one reached the shop by; what it calls localhost is found there by others, too. */
export function linksOf({ metrics, prometheus }: Numbers, host: string): { text: string; href: string }[] {
  return [
    { text: 'Live board', href: join(metrics, '/?app=demo', host) },
    { text: 'Metrics', href: join(metrics, '/metrics', host) },
    { text: 'Prometheus', href: join(prometheus, '', host) },
  ].filter((link) => link.href)
}

/** Shows the links in the footer, where there are any. */
export async function showNumbers(): Promise<void> {
  try {
    const answer = await fetch('/demo/config.json')
    const links = answer.ok ? linksOf((await answer.json()) as Numbers, location.hostname) : []
    const nav = document.getElementById('numbers')!
    nav.querySelector('ul')!.replaceChildren(
      ...links.map(({ text, href }) => {
        const item = document.createElement('li')
        item.append(Object.assign(document.createElement('a'), { href, textContent: text }))
        return item
      }),
    )
    nav.hidden = links.length === 0
  } catch {
    // Without its collector the shop has no numbers to show.
  }
}

function join(base: string | null | undefined, path: string, host: string): string {
  return base && /^https?:/.test(base) ? base.replace(/\/+$/, '').replace(/^(https?:\/\/)localhost(?=[:/]|$)/, `$1${host}`) + path : ''
}
