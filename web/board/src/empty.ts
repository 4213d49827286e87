import { byId, setText, show } from './dom'
import type { Collector } from './wire'

/** Where a collector listens that nobody told to listen elsewhere. */
const USUAL: Collector = { scheme: 'http', host: null, port: 8081, hasDemo: false }

/** Where pages reach the collector: by the name that one reached this page by, if it has none of its own. */
export function addressOf(collector: Collector | null, host: string): string {
  const { scheme, port, ...own } = collector ?? USUAL
  return `${scheme}://${own.host ?? host}${port === (scheme === 'https' ? 443 : 80) ? '' : `:${port}`}`
}

/** The tag for an app's pages. */
export function scriptTag(address: string, app: string): string {
  const escaped = app.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')
  return `<script defer src="${address}/footfall.js" data-app="${escaped}"></script>`
}

export class EmptyView {
  readonly #snippet = byId('snippet')
  readonly #copy = byId<HTMLButtonElement>('copy')
  #collector: Collector | null = null

  constructor(tell: (text: string) => void) {
    this.#copy.addEventListener('click', () => void this.#toClipboard(tell))
  }

  /** null: it is not known where it is. */
  collector(collector: Collector | null): void {
    this.#collector = collector
    const shop = collector?.hasDemo ? `${addressOf(collector, location.hostname)}/demo/` : null
    for (const id of ['empty-demo', 'foot-demo']) {
      show(byId(id), shop !== null)
      byId(id).querySelector('a')!.href = shop ?? ''
    }
    setText(
      byId('empty-where'),
      collector
        ? 'The address is that of the collector beside this page; behind a proxy it is the proxy’s.'
        : 'The address is a guess: 8081 is where a collector listens by default, and this page does not know where yours is. Behind a proxy it is the proxy’s.',
    )
  }

  draw(app: string): void {
    setText(this.#snippet, scriptTag(addressOf(this.#collector, location.hostname), app))
  }

  async #toClipboard(tell: (text: string) => void): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#snippet.textContent ?? '')
      setText(this.#copy, 'Copied')
      tell('Copied.')
    } catch {
      // Without https there is no clipboard: selected, it is one key away.
      getSelection()?.selectAllChildren(this.#snippet)
      setText(this.#copy, 'Selected')
    }
    setTimeout(() => setText(this.#copy, 'Copy'), 2_000)
  }
}
