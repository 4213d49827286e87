import { describe, expect, test } from 'vitest'
import { seatsIn } from '../src/cart'
import { courses, search } from '../src/courses'
import { html } from '../src/html'
import { linksOf } from '../src/numbers'
import { formatMinutes, formatPrice, totalOf } from '../src/prices'
import { pathOf, routeOf } from '../src/routes'
import { view } from '../src/views'

const routed = (path: string) => routeOf(new URL(path, 'http://shop.test'))

function shown(path: string): HTMLElement {
  const page = document.createElement('main')
  page.innerHTML = view(routed(path)).body.text
  return page
}

describe('a route', () => {
  test.each([
    ['/demo', { page: 'catalogue', query: '' }],
    ['/demo/', { page: 'catalogue', query: '' }],
    ['/demo/index.html', { page: 'catalogue', query: '' }],
    ['/demo/?q=%20sql%20', { page: 'catalogue', query: 'sql' }],
    ['/demo/courses/practical-sql', { page: 'course', slug: 'practical-sql' }],
    ['/demo/courses/practical-sql/?from=mail', { page: 'course', slug: 'practical-sql' }],
    ['/demo/courses/', { page: 'missing' }],
    ['/demo/courses/a/b', { page: 'missing' }],
    ['/elsewhere', { page: 'missing' }],
  ])('is read from %s', (path, route) => {
    expect(routed(path)).toEqual(route)
  })

  test.each(['/demo/', '/demo/?q=a+b', '/demo/courses/practical-sql'])('is written back as %s', (path) => {
    expect(pathOf(routed(path))).toBe(path)
  })
})

describe('a price', () => {
  test.each([
    [39, '€39'],
    [24.5, '€24.50'],
    [1_200, '€1,200'],
  ])('of %d reads %s', (price, text) => {
    expect(formatPrice(price)).toBe(text)
  })

  test('adds up without the errors of floating point', () => {
    expect(totalOf([{ price: 19.9, seats: 3 }, { price: 0.1, seats: 2 }])).toBe(59.9)
  })

  test('is nothing for nothing', () => {
    expect(totalOf([])).toBe(0)
  })
})

test.each([
  [45, '45 min'],
  [60, '1 h'],
  [110, '1 h 50 min'],
])('%d minutes read %s', (minutes, text) => {
  expect(formatMinutes(minutes)).toBe(text)
})

describe('the cart', () => {
  test('counts seats, and only of courses that exist', () => {
    expect(seatsIn({ seats: { 'practical-sql': 2, 'night-photography': 1, gone: 4 }, enrolled: [] })).toBe(3)
  })
})

describe('a search', () => {
  test('finds by every word, in any case', () => {
    expect(search('HANA windows').map((course) => course.slug)).toEqual([])
    expect(search('HANA window').map((course) => course.slug)).toEqual(['practical-sql'])
  })

  test('for nothing finds all', () => {
    expect(search('')).toEqual(courses)
  })

  test('shows what was asked as text', () => {
    expect(shown('/demo/?q=<img>').textContent).toContain('“<img>”')
    expect(shown('/demo/?q=<img>').querySelector('img')).toBeNull()
  })
})

describe('the shop', () => {
  test('has six courses, each with an address and a picture of its own', () => {
    expect(courses).toHaveLength(6)
    expect(new Set(courses.map((course) => course.slug)).size).toBe(6)
    for (const { slug } of courses) {
      expect(shown(pathOf({ page: 'course', slug })).querySelector('.cover')!.childElementCount).toBeGreaterThan(3)
    }
  })

  test.each(courses.map((course) => [course.slug, course.price] as const))(
    'offers %s in the catalogue and on its page',
    (slug, price) => {
      const path = pathOf({ page: 'course', slug })
      const card = shown('/demo/').querySelector(`a[href="${path}"]`)!.closest('article')!
      for (const place of [card, shown(path)]) {
        const buttons = [...place.querySelectorAll<HTMLElement>('button[data-track]')]
        expect(buttons.map((button) => ({ ...button.dataset }))).toEqual([
          { act: 'enroll', track: 'Enroll Now', trackCourse: slug },
          { act: 'buy', track: 'Buy Now', trackCourse: slug, trackValue: String(price) },
        ])
        expect(place.textContent).toContain(formatPrice(price))
      }
    },
  )

  test('says so where there is no such course', () => {
    expect(shown('/demo/courses/juggling').querySelector('h1')!.textContent).toBe('There is no such page')
  })

  test('has nothing that a strict content security policy forbids', () => {
    for (const path of ['/demo/', ...courses.map(({ slug }) => pathOf({ page: 'course', slug }))]) {
      const page = shown(path)
      expect(page.querySelector('[style], style, script')).toBeNull()
      expect([...page.querySelectorAll('*')].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith('on')))).toEqual([])
    }
  })
})

test('markup escapes what is put into it', () => {
  expect(html`<p title="${'"'}">${'<b>&'}${html`<i></i>`}${false}</p>`.text).toBe('<p title="&#34;">&#60;b&#62;&#38;<i></i></p>')
})

describe('the links to the numbers', () => {
  test('lead to what the collector names', () => {
    expect(linksOf({ metrics: 'http://localhost:8082/', prometheus: 'http://localhost:9090' }, 'localhost')).toEqual([
      { text: 'Live board', href: 'http://localhost:8082/?app=demo' },
      { text: 'Metrics', href: 'http://localhost:8082/metrics' },
      { text: 'Prometheus', href: 'http://localhost:9090' },
    ])
  })

  test('are of the name that one reached the shop by, unless they have their own', () => {
    const links = linksOf({ metrics: 'http://localhost:8082/', prometheus: 'http://prometheus.example:9090' }, '192.168.1.7')
    expect(links.map(({ href }) => href)).toEqual(['http://192.168.1.7:8082/?app=demo', 'http://192.168.1.7:8082/metrics', 'http://prometheus.example:9090'])
    expect(linksOf({ metrics: 'http://localhost.example' }, 'h')[0]!.href).toBe('http://localhost.example/?app=demo')
  })

  test('are left out where it names nothing, or no web address', () => {
    expect(linksOf({}, 'localhost')).toEqual([])
    expect(linksOf({ metrics: null, prometheus: 'javascript:alert(1)' }, 'localhost')).toEqual([])
  })
})
