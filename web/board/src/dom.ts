/** The few ways in which the page is touched. Text goes in as text only: names come from strangers. */

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (!element) {
    throw new Error(`The page has no #${id}`)
  }
  return element as T
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) {
    element.className = className
  }
  element.append(...children)
  return element
}

/** Touches the page only where something changes. */
export function setText(element: Element, text: string): boolean {
  if (element.textContent === text) {
    return false
  }
  element.textContent = text
  return true
}

export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) {
    element.removeAttribute(name)
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value)
  }
}

export function show(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) {
    element.hidden = !shown
  }
}

/** A name that anybody may have made up: isolated, on one line, never out of its box (`.name` in style.css), whole in its title. */
export function nameBox(text: string, className = ''): HTMLElement {
  const box = make('bdi', `name ${className}`.trim(), text)
  box.title = text
  return box
}

export function setName(box: HTMLElement, text: string): void {
  if (setText(box, text)) {
    box.title = text
  }
}

const SVG = 'http://www.w3.org/2000/svg'

export function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value)
  }
  return element
}
