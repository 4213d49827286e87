import { beforeEach, describe, expect, test } from 'vitest'
import { alarmOf, balance, HealthView, lineOf, partitionsText } from '../src/health'
import { clock, clockTenths } from '../src/format'
import { whole } from '../src/state'
import { HEALTH, showPage, state } from './fakes'

const at = 1_764_141_600_010

describe('the quiet line', () => {
  test('says up to when all is counted, and what is on its way', () => {
    expect(lineOf({ upTo: at, health: HEALTH })).toBe(`Counted up to ${clockTenths(at)} · 2 in flight`)
    expect(lineOf({ upTo: null, health: { ...HEALTH, lag: 0 } })).toBe('Nothing counted yet')
  })

  test('says what Kafka is away for, and what waits', () => {
    const away = { ...HEALTH, spool: { records: 812, awaySeconds: 40 } }
    expect(lineOf({ upTo: at, health: away })).toContain('Kafka away for 40 s, 812 in the spool')
    expect(lineOf({ upTo: at, health: { ...HEALTH, spool: { records: 812, awaySeconds: 0 } } })).toMatch(/ · 812 in the spool$/)
  })
})

describe('what is wrong', () => {
  test('is nothing where all is well', () => {
    expect(alarmOf(HEALTH)).toBeNull()
  })

  test('is told with what to do', () => {
    expect(alarmOf({ ...HEALTH, level: 'bad', message: 'Kafka is away.', advice: 'Look.' })).toEqual({ level: 'bad', message: 'Kafka is away.', advice: 'Look.' })
    expect(alarmOf({ ...HEALTH, level: 'warn', notReady: 'It reads.' })).toEqual({ level: 'warn', message: 'It reads.', advice: '' })
  })
})

describe('the books', () => {
  test('balance where every record is accounted for', () => {
    expect(balance(HEALTH)).toEqual({ accounted: 500, holds: true })
  })

  test.each(['written', 'counted', 'duplicates', 'unreadable', 'missed', 'lag'] as const)('do not with one more %s', (part) => {
    expect(balance({ ...HEALTH, [part]: HEALTH[part] + 1 }).holds).toBe(false)
  })

  test('name the partitions that are behind, the worst first', () => {
    expect(partitionsText({ partitions: [{ partition: 0, lag: 0 }] })).toBe('1, none behind')
    expect(partitionsText({ partitions: [] })).toBe('none')
    const many = Array.from({ length: 12 }, (_, partition) => ({ partition, lag: partition }))
    expect(partitionsText({ partitions: many })).toBe('12; behind: 11 by 11, 10 by 10, 9 by 9, 8 by 8, and 7 more')
  })
})

describe('on the page', () => {
  let said: string[]
  let view: HealthView

  beforeEach(() => {
    showPage()
    said = []
    view = new HealthView((text) => said.push(text))
  })

  const draw = (health: Partial<typeof HEALTH>): void => view.draw(whole(state({ health: { ...HEALTH, ...health } })), 'live')
  const alarm = (): HTMLElement => document.getElementById('alarm')!

  test('all is quiet while all is well', () => {
    draw({})
    draw({ lag: 9 })
    expect(alarm().hidden).toBe(true)
    expect(said).toEqual([])
  })

  test('what is wrong is loud, is said once although its numbers change, and so is its end', () => {
    draw({})
    draw({ level: 'bad', message: 'Away for 40 s.', advice: 'Look.' })
    draw({ level: 'bad', message: 'Away for 41 s.', advice: 'Look.' })
    expect(alarm().hidden).toBe(false)
    expect(alarm().textContent).toContain('Away for 41 s. Look.')
    draw({})
    expect(alarm().hidden).toBe(true)
    expect(said).toEqual(['Away for 40 s. Look.', 'All is well again.'])
  })

  const body = (): HTMLElement => document.getElementById('health-body')!

  test('the sheet opens with the newest numbers, and goes on while it is open', () => {
    draw({ late: 1 })
    draw({ late: 2 })
    view.open()
    expect(body().textContent).toContain('Late2 ')
    draw({ late: 3 })
    expect(body().textContent).toContain('Late3 ')
    document.querySelector<HTMLDialogElement>('#health-dialog')!.close()
    draw({ late: 4 })
    view.open()
    expect(body().textContent).toContain('Late4 ')
  })

  test('the sheet says that it is of the past when the connection is lost, and nothing of another app', () => {
    draw({ late: 1 })
    view.draw(whole(state()), 'away')
    view.open()
    expect(body().textContent).toContain(`Not connected: this is as it was at ${clock(state().at)}.`)
    expect(body().textContent).not.toContain('All is well')
    view.draw(null, 'connecting')
    expect(body().textContent).toBe('Nothing has been heard yet.')
  })

  test('the equation has its numbers, and a mark that can fail', () => {
    draw({})
    view.open()
    expect(body().querySelector('.equation')!.textContent).toBe('500written=480counted+15duplicates+1unreadable+2missed+2in flight✓')
    draw({ counted: 481 })
    expect(body().querySelector('.equation')!.textContent).toMatch(/✗$/)
    expect(body().textContent).toContain('the right side is 501')
  })
})
