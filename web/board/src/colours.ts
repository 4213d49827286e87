/**
 * The colours of the chart's lines, ten for each ground, and one for (other). Told apart also by who sees no red, no green or no
 * blue, which colours.test.ts measures: a nicer one has to pass there.
 */
export const LIGHT = ['#0b6e57', '#eea428', '#3575d6', '#d9764b', '#86c5e9', '#7a4fa3', '#b7b46a', '#d98cb3', '#13324f', '#917045'] as const
export const DARK = ['#4cc5a0', '#fab327', '#588bf6', '#e46e43', '#a5dcf6', '#a884d2', '#cdc973', '#e4acd1', '#406f9f', '#af8e6f'] as const
export const OTHER_LIGHT = '#b9c3bd'
export const OTHER_DARK = '#4a5a53'

/** Gives each line a colour that stays its own while one looks, also when it comes back at another place. */
export class Slots {
  readonly #slots = new Map<string, number>()

  assign(keys: readonly string[]): void {
    const wanted = new Set(keys)
    for (const key of keys) {
      if (!this.#slots.has(key)) {
        const free = this.#free() ?? this.#freed(wanted)
        if (free !== undefined) {
          this.#slots.set(key, free)
        }
      }
    }
  }

  of(key: string): number | undefined {
    return this.#slots.get(key)
  }

  #free(): number | undefined {
    const taken = new Set(this.#slots.values())
    const slot = LIGHT.findIndex((_, one) => !taken.has(one))
    return slot === -1 ? undefined : slot
  }

  /** Takes the colour from a line that is not there now. */
  #freed(wanted: ReadonlySet<string>): number | undefined {
    for (const [key, slot] of this.#slots) {
      if (!wanted.has(key)) {
        this.#slots.delete(key)
        return slot
      }
    }
    return undefined
  }
}

export function colourOf(slot: number | undefined, dark: boolean): string {
  return slot === undefined ? (dark ? OTHER_DARK : OTHER_LIGHT) : (dark ? DARK : LIGHT)[slot % LIGHT.length]!
}
