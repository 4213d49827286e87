import type { Details, Properties } from './interaction'

const MAX_LABEL = 200 // characters: a name for a counter, not a paragraph

const CONTROLS =
  '[data-track],button,a[href],input[type=submit],input[type=button],input[type=image],' +
  '[role=button],[role=link],[role=menuitem],[role=tab],summary'

const IGNORED = '[data-track-ignore],[aria-disabled=true],button:disabled,input:disabled'

// What people chose or typed, and what nobody reads.
const UNREAD = 'textarea,select,script,style,[aria-hidden=true]'

/** The nearest control on the path of an event, from the inside out, through shadow roots. */
export function controlOn(path: EventTarget[]): Element | undefined {
  let control: Element | undefined
  for (const node of path) {
    if (node instanceof Element) {
      if (node.matches(IGNORED)) {
        return undefined
      }
      if (!control && node.matches(CONTROLS)) {
        control = node
      }
    }
  }
  return control
}

/** What the page calls a control; empty where it has no name. */
export function labelOf(control: Element): string {
  const attribute = (name: string) => tidy(control.getAttribute(name))
  return (
    attribute('data-track') ||
    attribute('aria-label') ||
    tidy(labelledBy(control, attribute('aria-labelledby'))) ||
    attribute('alt') ||
    (control.matches('input[type=submit],input[type=button]') && attribute('value')) ||
    attribute('title') ||
    tidy(textOf(control))
  )
}

/** `data-track-value` is the value, every other `data-track-…` a property. */
export function detailsOf(control: Element): Details {
  const details: Details = {}
  for (const { name, value } of control.attributes) {
    const key = /^data-track-(.+)/.exec(name)?.[1]
    if (key === 'value') {
      details.value = Number(value.trim() || NaN)
    } else if (key) {
      const properties: Properties = (details.properties ??= {})
      properties[key] = value
    }
  }
  return details
}

/** Trims, collapses white space and cuts. */
export function tidy(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim().slice(0, MAX_LABEL)
}

function labelledBy(control: Element, ids: string): string {
  const root = control.getRootNode() as Document | ShadowRoot
  return ids
    .split(' ')
    .map((id) => textOf(root.getElementById(id)))
    .join(' ')
}

function textOf(node: Node | null): string {
  if (node instanceof Element) {
    if (node.matches(UNREAD) || (node as HTMLElement).isContentEditable) {
      return ''
    }
    return node.getAttribute('alt') ?? Array.from(node.childNodes, textOf).join('')
  }
  return node instanceof Text ? node.data : ''
}
