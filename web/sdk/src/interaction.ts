/** One thing a visitor did, as the collector takes it. */
export interface Interaction {
  /** A UUIDv7 made at the moment of the interaction; sending it again does not count it again. */
  id: string
  app?: string | undefined
  /** `click` where left out. */
  type?: string | undefined
  target?: string | undefined
  /** The path, without query and fragment. */
  page: string
  visitor: string
  /** The page view it belongs to, and its place in it from 1: what is missing in between never arrived. */
  view: string
  n: number
  /** Unix time in milliseconds. */
  at: number
  value?: number | undefined
  properties?: Properties | undefined
}

export type Properties = Record<string, string | number | boolean>

/** What can be told about an interaction besides its target. */
export interface Details {
  type?: string | undefined
  value?: number | undefined
  properties?: Properties | undefined
}

/**
 * The interaction as one line of JSON. Halves of surrogate pairs (a text cut in the middle of an emoji) are left
 * out: they have no form in UTF-8, and the collector could not read the line.
 */
export function toLine(interaction: Interaction): string {
  // JSON.stringify escapes them, and nothing else but a backslash, to what begins so.
  return JSON.stringify(interaction).replace(/(\\\\)|\\ud.../g, '$1')
}
