const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const upToCents = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })

export const NONE = '–'
/** From here on a number is rounded: nobody reads it to the last digit, and no place here has room for it. */
const LONG = 1e9

export function count(n: number): string {
  return n < LONG * 10 ? whole.format(n) : short.format(n)
}

/** 1 interaction, 2 interactions */
export function counted(n: number, one: string): string {
  return `${count(n)} ${one}${n === 1 ? '' : 's'}`
}

/** A sum of values: they have no unit here. Two decimals where there are any, so that they stand below each other. */
export function amount(n: number | null): string {
  return n === null ? NONE : Math.abs(n) >= LONG ? short.format(n) : Number.isInteger(n) ? upToCents.format(n) : cents.format(n)
}

/** Interactions a second: whole where they are, so that 3 does not read 3.0. */
export function rate(n: number): string {
  return n >= 100 || Number.isInteger(n) ? whole.format(n) : n >= 0.1 ? tenths.format(n) : upToCents.format(n)
}

/** How long something took: milliseconds below a tenth of a second, where seconds would be 0.0. */
export function took(seconds: number | null): { number: string; unit: string } {
  if (seconds === null) {
    return { number: NONE, unit: '' }
  }
  if (seconds < 0.1) {
    return { number: whole.format(seconds * 1000), unit: 'ms' }
  }
  if (seconds < 10) {
    return { number: cents.format(seconds), unit: 's' }
  }
  return { number: whole.format(seconds), unit: 's' }
}

export function tookText(seconds: number | null): string {
  const { number, unit } = took(seconds)
  return unit ? `${number} ${unit}` : number
}

/** A length of time in the largest unit that says it: 40 s, 5 min, 2 h 10 min. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 120 && s % 60 !== 0) {
    return `${s} s`
  }
  const minutes = Math.floor(s / 60)
  if (minutes < 60) {
    return `${minutes} min`
  }
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** 12:00:03, in the time zone of who looks. */
export function clock(ms: number): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** 12:00:03.2 */
export function clockTenths(ms: number): string {
  return `${clock(ms)}.${Math.floor((((ms % 1000) + 1000) % 1000) / 100)}`
}

/** 12:00 */
export function clockMinutes(ms: number): string {
  return clock(ms).slice(0, 5)
}

/** A share of one: 34 %, but never 100 % of what is not all, nor 0 % of what is something. Of more than all there is none. */
export function share(part: number, of: number): string {
  if (of <= 0 || part > of) {
    return NONE
  }
  const percent = (part / of) * 100
  if (percent > 0 && percent < 1) {
    return '< 1 %'
  }
  return `${whole.format(part < of ? Math.min(99, Math.round(percent)) : Math.round(percent))} %`
}

export interface Change {
  direction: 'up' | 'down' | 'same'
  /** "12 %", or "3" where so few say nothing in percent. */
  by: string
}

/** How much more or less than before. Below ten before, a percentage would be noise with a sign. */
export function change(now: number, before: number): Change {
  const direction = now > before ? 'up' : now < before ? 'down' : 'same'
  // Of few, and tenfold, a percentage says less than the number does.
  if (before < 10 || now >= before * 10) {
    return { direction, by: count(Math.abs(now - before)) }
  }
  const percent = (Math.abs(now - before) / before) * 100
  return { direction, by: percent > 0 && percent < 1 ? '< 1 %' : `${count(percent)} %` }
}

/** What a target is called: a view has none. */
export function targetName(type: string, target: string): string {
  return target === '' ? `(${type})` : readable(target)
}

/** A name that shows nothing is told by its characters: else there would be a row that can't be seen. */
export function readable(name: string): string {
  if (/[^\p{Z}\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(name)) {
    return name
  }
  const points = [...name].slice(0, 6).map((character) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`)
  return `(${points.length > 0 ? points.join(' ') : 'none'})`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
