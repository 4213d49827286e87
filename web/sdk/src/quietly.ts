/** The same function, except that it never throws: what goes wrong in here is not the page's trouble. */
export function quietly<A extends unknown[]>(act: (...args: A) => unknown): (...args: A) => void {
  return (...args) => {
    try {
      act(...args)
    } catch {
      // An interaction is lost, and the page goes on.
    }
  }
}
