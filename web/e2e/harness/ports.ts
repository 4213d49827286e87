import { connect, createServer, type Server } from 'node:net'
import { PATIENCE, until } from './until'

// Below the ports that the system gives to outgoing connections (32768 and up), so that what is
// free now is still free for a restart. A worker has a range of its own.
const FIRST = 21_000
const PER_WORKER = 400

let next = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 20) * PER_WORKER + Math.floor(Math.random() * 300)

export async function freePort(): Promise<number> {
  do {
    next++
  } while (!(await isFree(next)))
  return next
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Found out without taking it, if only for a moment, from who is about to listen. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('error', () => resolve(false)).once('connect', () => socket.destroy())
  })
}

/**
 * Lets one process of this machine after the other do something. The lock is an abstract socket (unix(7)), which
 * ends with the process that holds it.
 */
export async function alone<T>(name: string, act: () => Promise<T>): Promise<T> {
  const lock = await until(
    `others are done with ${name}`,
    () =>
      new Promise<Server | undefined>((resolve) => {
        const server = createServer()
        server.once('error', () => resolve(undefined))
        server.listen(`\0footfall-e2e-${name}`, () => resolve(server))
      }),
    5 * PATIENCE,
  )
  try {
    return await act()
  } finally {
    lock.close()
  }
}
