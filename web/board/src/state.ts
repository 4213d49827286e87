import type { Funnel, Health, Now, PageRow, State, TargetRow, Tick } from './wire'

/** All that is known, as of one event. Never changed: each event makes the next, and a row that is the same object did not change. */
export interface Board {
  readonly instance: string
  readonly seq: number
  readonly at: number
  readonly app: string
  readonly apps: readonly string[]
  readonly upTo: number | null
  readonly total: number
  readonly value: number | null
  readonly now: Now
  readonly targets: ReadonlyMap<number, TargetRow>
  readonly moreTargets: number
  readonly pages: ReadonlyMap<number, PageRow>
  readonly morePages: number
  readonly funnels: readonly Funnel[]
  readonly health: Health
}

export function whole(state: State): Board {
  return {
    instance: state.instance,
    seq: state.seq,
    at: state.at,
    app: state.app,
    apps: state.apps,
    upTo: state.upTo,
    total: state.total,
    value: state.value,
    now: state.now,
    targets: byKey(state.targets),
    moreTargets: state.moreTargets,
    pages: byKey(state.pages),
    morePages: state.morePages,
    funnels: state.funnels,
    health: state.health,
  }
}

export function next(board: Board, tick: Tick): Board {
  return {
    ...board,
    seq: tick.seq,
    at: tick.at,
    apps: tick.apps ?? board.apps,
    // null is a value here: only what is absent is as it was.
    upTo: tick.upTo === undefined ? board.upTo : tick.upTo,
    total: tick.total ?? board.total,
    value: tick.value === undefined ? board.value : tick.value,
    now: tick.now ?? board.now,
    targets: merged(board.targets, tick.targets),
    moreTargets: tick.moreTargets ?? board.moreTargets,
    pages: merged(board.pages, tick.pages),
    morePages: tick.morePages ?? board.morePages,
    funnels: tick.funnels ?? board.funnels,
    health: tick.health ?? board.health,
  }
}

export function isEmpty(board: Board): boolean {
  return board.total === 0 && board.upTo === null
}

export function targetOf(board: Board, type: string, target: string): TargetRow | undefined {
  for (const row of board.targets.values()) {
    if (row.type === type && row.target === target) {
      return row
    }
  }
  return undefined
}

export function pageOf(board: Board, page: string): PageRow | undefined {
  for (const row of board.pages.values()) {
    if (row.page === page) {
      return row
    }
  }
  return undefined
}

function byKey<Row extends { k: number }>(rows: readonly Row[]): ReadonlyMap<number, Row> {
  return new Map(rows.map((row) => [row.k, row]))
}

function merged<Row extends { k: number }>(rows: ReadonlyMap<number, Row>, changed: readonly Row[] | undefined): ReadonlyMap<number, Row> {
  if (!changed || changed.length === 0) {
    return rows
  }
  const copy = new Map(rows)
  for (const row of changed) {
    copy.set(row.k, row)
  }
  return copy
}
