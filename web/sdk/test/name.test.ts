import { describe, expect, test } from 'vitest'
import { controlOn, detailsOf, labelOf, tidy } from '../src/name'

/** The path of a click on the element marked `here`, as `composedPath()` gives it. */
function pathIn(html: string): EventTarget[] {
  document.body.innerHTML = html
  const path: EventTarget[] = []
  for (let node: Node | null = document.querySelector('[here]'); node; node = node.parentNode) {
    path.push(node)
  }
  return [...path, window]
}

const controlIn = (html: string) => controlOn(pathIn(html))
const labelIn = (html: string) => labelOf(controlIn(html)!)

describe('the control of a click', () => {
  test.each([
    '<button here>x</button>',
    '<a here href="/x">x</a>',
    '<input here type="submit">',
    '<input here type="button">',
    '<input here type="image">',
    '<i here role="button"></i>',
    '<i here role="link"></i>',
    '<i here role="menuitem"></i>',
    '<i here role="tab"></i>',
    '<details><summary here>x</summary></details>',
    '<div here data-track="x"></div>',
  ])('is %s', (html) => {
    expect(controlIn(html)).toBe(document.querySelector('[here]'))
  })

  test.each(['<p here>x</p>', '<a here>x</a>', '<input here>', '<input here type="checkbox">', '<textarea here></textarea>'])(
    'is not %s',
    (html) => {
      expect(controlIn(html)).toBeUndefined()
    },
  )

  test('is the nearest one', () => {
    expect(controlIn('<a href="/"><button id="b"><i here></i></button></a>')?.id).toBe('b')
  })

  test('is the nearest that is tracked by name, before the nearest control', () => {
    expect(controlIn('<p data-track="no"><a id="a" data-track href="/"><button><i here></i></button></a></p>')?.id).toBe('a')
  })

  test('is not a form, which has events of its own', () => {
    expect(controlIn('<form data-track="Sign up"><p here>x</p></form>')).toBeUndefined()
  })

  test.each([
    // The browser follows a click on a label with one on its input.
    ['<label data-track="x"><b here>x</b><input type="checkbox"></label>', false],
    ['<label data-track="x"><b>x</b><input here type="checkbox"></label>', true],
    ['<label for="i" data-track="x" here>x</label><input id="i" type="checkbox">', false],
    ['<label for="i" data-track="x">x</label><input id="i" type="checkbox" here>', true],
    ['<label><b data-track="x" here>x</b><input type="checkbox"></label>', true],
    ['<label><b data-track="x">x</b><input here type="checkbox"></label>', false],
    ['<label data-track="x" here>x</label>', true],
    ['<div data-track="x"><label><i here>x</i><input></label></div>', false],
    ['<label><a href="/" here>x</a><input></label>', true],
  ])('of a label is counted once: %s', (html, counts) => {
    expect(!!controlIn(html)).toBe(counts)
  })

  test.each([
    '<button disabled here>x</button>',
    '<button disabled><i here>x</i></button>',
    '<div role="button" aria-disabled="true" here>x</div>',
    '<div data-track-ignore><button here>x</button></div>',
    '<button data-track="x" data-track-ignore here>x</button>',
  ])('is none in %s', (html) => {
    expect(controlIn(html)).toBeUndefined()
  })
})

describe('the label', () => {
  test.each([
    ['data-track before all', '<button here data-track="Buy Now" aria-label="no">no</button>', 'Buy Now'],
    ['aria-label', '<button here aria-label="Close">×</button>', 'Close'],
    [
      'aria-labelledby, with all it names',
      '<b id="a">Delete</b><b id="z">the draft</b><button here aria-labelledby="a gone z">×</button>',
      'Delete the draft',
    ],
    ['the alt of an image', '<input here type="image" alt="Search">', 'Search'],
    ['the alt of an image inside', '<a here href="/"><img alt="Home"></a>', 'Home'],
    ['the value of a submit button', '<input here type="submit" value="Send">', 'Send'],
    ['the text before the title', '<button here title="Adds it to the cart">Add</button>', 'Add'],
    ['the title', '<button here title="Share"></button>', 'Share'],
    ['the text, trimmed and collapsed', '<button here>\n  Enroll <b>  Now</b>\t</button>', 'Enroll Now'],
    ['the text without what is hidden from readers', '<button here><i aria-hidden="true">→</i> Next</button>', 'Next'],
    ['the text without what is marked private', '<a here href="/">Account of <b data-private>Ada</b></a>', 'Account of'],
    ['nothing where all around it is marked private', '<div data-private><button here>Message Ada</button></div>', ''],
    ['the text without what is for browsers without scripts', '<a here href="/">Cat<noscript>&lt;img src="/x?u=1"&gt;</noscript></a>', 'Cat'],
    ['the text of a button, not its value', '<button here type="submit" value="secret">Send</button>', 'Send'],
    ['nothing where there is no name', '<button here><svg></svg></button>', ''],
  ])('is %s', (_, html, label) => {
    expect(labelIn(html)).toBe(label)
  })

  test.each([
    '<input here data-track type="text" value="secret">',
    '<input here data-track type="password" value="secret">',
    '<textarea here data-track>secret</textarea>',
    '<div here data-track contenteditable="true">secret</div>',
    '<div here data-track><textarea>secret</textarea><input value="secret"><select><option>secret</option></select></div>',
  ])('is never what a visitor typed or chose: %s', (html) => {
    expect(labelIn(html)).toBe('')
  })

  test('is cut to 200 characters', () => {
    expect(tidy('x'.repeat(300))).toHaveLength(200)
  })
})

describe('the details', () => {
  test('are the value as a number and all other data-track attributes as properties', () => {
    const control = controlIn('<button here data-track="Buy" data-track-value="49.5" data-track-course-id="sql">x</button>')!
    expect(detailsOf(control)).toEqual({ value: 49.5, properties: { 'course-id': 'sql' } })
  })

  test('are empty without such attributes', () => {
    expect(detailsOf(controlIn('<button here data-track="Buy">x</button>')!)).toEqual({})
  })
})
