import { byId } from './dom'

export interface Acts {
  wall(): void
  range(index: number): void
  find(): void
  sort(): void
  pause(): void
  health(): void
  /** One step back from where one is. */
  escape(): void
}

const OFF = 'footfall.keys'

/** Single keys, which who dictates or types with a switch can turn off. */
export class Keys {
  readonly #dialog = byId<HTMLDialogElement>('help-dialog')
  readonly #on = byId<HTMLInputElement>('keys-on')

  constructor(acts: Acts) {
    this.#on.checked = remembered() !== 'off'
    this.#on.addEventListener('change', () => remember(this.#on.checked ? 'on' : 'off'))
    byId('help').addEventListener('click', () => this.#dialog.showModal())
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]')) {
        return
      }
      const typing = event.target instanceof HTMLElement && event.target.matches('input:not([type=radio]), select, textarea')
      const act = event.key === 'Escape' ? acts.escape : typing || !this.#on.checked ? undefined : this.#act(event.key, acts)
      if (act && !(event.key === 'Escape' && typing)) {
        event.preventDefault()
        act()
      }
    })
    for (const dialog of document.querySelectorAll('dialog')) {
      // The backdrop belongs to the dialog; what is in it has elements of its own.
      dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
    }
  }

  #act(key: string, acts: Acts): (() => void) | undefined {
    switch (key) {
      case 'f':
        return acts.wall
      case '1':
      case '2':
      case '3':
        return () => acts.range(Number(key) - 1)
      case '/':
        return acts.find
      case 's':
        return acts.sort
      case 'p':
        return acts.pause
      case 'h':
        return acts.health
      case '?':
        return () => this.#dialog.showModal()
      default:
        return undefined
    }
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(OFF)
  } catch {
    return null
  }
}

function remember(value: string): void {
  try {
    localStorage.setItem(OFF, value)
  } catch {
    // Then it is for this visit.
  }
}
