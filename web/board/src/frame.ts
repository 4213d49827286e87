/** Browsers give a page that is open but not in front a frame a second, or none: what it shows is drawn without one. */
const WITHOUT_FRAME = 100 // ms

/** At most one drawing per frame, none while nobody can see the page, one when it is seen again. */
export interface Frame {
  /** Something changed: draw with the next frame. */
  want(): void
}

export function frames(draw: (now: number) => void): Frame {
  let asked = 0 // the frame that is waited for; 0: none
  let late: ReturnType<typeof setTimeout> | undefined
  const begin = (now: number): void => {
    forget()
    draw(now)
  }
  const forget = (): void => {
    cancelAnimationFrame(asked)
    clearTimeout(late)
    asked = 0
  }
  const want = (): void => {
    if (asked === 0 && !document.hidden) {
      asked = requestAnimationFrame(begin)
      late = setTimeout(() => begin(performance.now()), WITHOUT_FRAME)
    }
  }
  document.addEventListener('visibilitychange', () => {
    // A frame that was asked for before the page was hidden may never have come.
    forget()
    want()
  })
  return { want }
}
