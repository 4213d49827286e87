import { courseOf } from './courses'

const KEY = 'oakroom'

/** What a visitor took, kept for as long as the tab is. */
export interface Basket {
  /** Seats bought, by slug. */
  seats: Record<string, number>
  /** Slugs of courses enrolled in. */
  enrolled: string[]
}

let basket = restore()

export function linesOf({ seats }: Basket = basket) {
  return Object.entries(seats).flatMap(([slug, count]) => {
    const course = courseOf(slug)
    return course && count > 0 ? [{ course, price: course.price, seats: count }] : []
  })
}

export function seatsIn(taken: Basket = basket): number {
  return linesOf(taken).reduce((sum, line) => sum + line.seats, 0)
}

export function isEnrolled(slug: string): boolean {
  return basket.enrolled.includes(slug)
}

export function buy(slug: string): void {
  keep({ ...basket, seats: { ...basket.seats, [slug]: (basket.seats[slug] ?? 0) + 1 } })
}

export function remove(slug: string): void {
  keep({ ...basket, seats: { ...basket.seats, [slug]: 0 } })
}

export function empty(): void {
  keep({ ...basket, seats: {} })
}

export function enroll(slug: string): void {
  keep({ ...basket, enrolled: [...new Set([...basket.enrolled, slug])] })
}

function keep(next: Basket): void {
  basket = next
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Storage is denied: the basket lives as long as the page.
  }
}

function restore(): Basket {
  try {
    return { seats: {}, enrolled: [], ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Basket>) }
  } catch {
    return { seats: {}, enrolled: [] }
  }
}
