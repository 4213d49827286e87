/** Markup that is safe to put into the page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | false | readonly Html[]

/** Escapes every part but those that are markup already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + toText(parts[i - 1] ?? '') + string))
}

function toText(part: Part): string {
  if (part === false) {
    return ''
  }
  if (part instanceof Html) {
    return part.text
  }
  if (typeof part === 'object') {
    return part.map(toText).join('')
  }
  return String(part).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
