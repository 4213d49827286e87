import type { Details, Properties } from './interaction.js'

const MAX_LABEL = 200 // characters: a name for a counter, not a paragraph

const TRACKED = '[data-track]:not(form)'

const BUTTONS = 'input:is([type=submit],[type=button],[type=reset],[type=image])'

const CONTROLS = BUTTONS + ',button,[href],[role=button],[role=link],[role=menuitem],[role=tab],summary'

const IGNORED = '[data-track-ignore],[aria-disabled=true],:disabled:not(fieldset)'

// What people chose or typed, what is marked private, and what nobody reads.
const UNREAD = 'input,textarea,select,script,style,noscript,[data-private],[data-private] *,[aria-hidden=true]'

/**
 * What an event on this path (from the inside out, through shadow roots) was on: the nearest element that is tracked
 * by name, else the nearest control. A click on a label is left to the one on its input, with which browsers follow it.
 */
export function controlOn(path: EventTarget[]): Element | undefined {
  const elements = path.filter((node) => node instanceof Element)
  const nearest = (selector: string, more: Iterable<Element> = []) => [...elements, ...more].find((one) => one.matches(selector))
  const control = nearest(TRACKED, (elements[0] as HTMLInputElement | undefined)?.labels ?? []) ?? nearest(CONTROLS)
  const label = elements.findIndex((one) => one instanceof HTMLLabelElement && one.control && !elements.includes(one.control))
  return nearest(IGNORED) || (label >= 0 && elements.indexOf(control!) >= label) ? undefined : control
}

/** What the page calls a control; empty where it has no name. */
export function labelOf(control: Element): string {
  const attribute = (name: string) => tidy(control.getAttribute(name))
  return (
    attribute('data-track') ||
    tidy(labelledBy(control, attribute('aria-labelledby'))) ||
    attribute('aria-label') ||
    attribute('alt') ||
    (control.matches(BUTTONS) && attribute('value')) ||
    tidy(textOf(control)) ||
    attribute('title')
  )
}

/** `data-track-value` is the value, every other `data-track-…` a property. */
export function detailsOf(control: Element): Details {
  const details: Details = {}
  for (const { name, value } of control.attributes) {
    const key = /^data-track-(.+)/.exec(name)?.[1]
    if (key === 'value') {
      details.value = Number(value || NaN)
    } else if (key) {
      const properties: Properties = (details.properties ??= {})
      properties[key] = value
    }
  }
  return details
}

/** As a text without white space at its ends or in a row, and cut. */
export function tidy(text: unknown): string {
  return `${text ?? ''}`.replace(/\s+/g, ' ').trim().slice(0, MAX_LABEL)
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
    // What a page puts into a component's slot is text of the component.
    const nodes = (node as HTMLSlotElement).assignedNodes?.({ flatten: true }) ?? node.childNodes
    return node.getAttribute('alt') ?? [...nodes].map(textOf).join('')
  }
  return node instanceof Text ? node.data : ''
}
