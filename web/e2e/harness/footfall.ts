import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { footfallProgram } from './here'
import { alone, freePort, isFree } from './ports'
import { killAllWith, markedEnvironment, runningWith } from './processes'
import { PATIENCE, until } from './until'

export type Log = 'embedded' | 'kafka'

export interface Ended {
  code: number | null
  output: string
}

/** A Footfall of one test's own: a folder and ports, which stay, and processes, which come and go. */
export class Footfall {
  readonly folder = mkdtempSync(join(tmpdir(), 'footfall-e2e-'))
  output = ''
  #child: ChildProcess | undefined
  readonly #mark = randomUUID()
  readonly #endAtExit = () => killAllWith(this.#mark)

  private constructor(
    readonly log: Log,
    readonly withPrometheus: boolean,
    readonly ports: { collector: number; metrics: number; prometheus: number },
  ) {
    process.on('exit', this.#endAtExit)
  }

  static async prepare(log: Log, withPrometheus = true): Promise<Footfall> {
    const ports = { collector: await freePort(), metrics: await freePort(), prometheus: await freePort() }
    return new Footfall(log, withPrometheus, ports)
  }

  get collector(): string {
    return `http://localhost:${this.ports.collector}`
  }

  get metrics(): string {
    return `http://localhost:${this.ports.metrics}`
  }

  get prometheus(): string {
    return `http://localhost:${this.ports.prometheus}`
  }

  get data(): string {
    return join(this.folder, 'data')
  }

  /** Where Kafka listens, as the banner tells. */
  get bootstrapServers(): string {
    return /Kafka at (\S+),/.exec(this.output)?.[1] ?? ''
  }

  /** `footfall up`, until everything is ready. */
  async up(...more: string[]): Promise<void> {
    const { collector, metrics, prometheus } = this.ports
    const options = ['--data', this.data, '--collector-port', `${collector}`, '--metrics-port', `${metrics}`, '--no-grafana']
    const prometheusOptions = this.withPrometheus ? ['--prometheus-port', `${prometheus}`] : ['--no-prometheus']
    if (this.log === 'embedded') {
      await this.#startUp(['up', ...options, ...prometheusOptions, ...more])
    } else {
      // Footfall takes port 9092 for Kafka when it is free; two that look at once would both find it so.
      await alone('kafka-start', () => this.#startUp(['up', '--kafka', ...options, ...prometheusOptions, ...more]))
    }
  }

  async #startUp(args: string[]): Promise<void> {
    const child = this.start(...args)
    const ready = async (url: string) => (await fetch(url)).ok
    await until(
      'Footfall is up',
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          return 'ended'
        }
        return (
          this.output.includes('Ctrl-C stops all of it') &&
          (await ready(`${this.collector}/health/ready`)) &&
          (await ready(`${this.metrics}/health/ready`)) &&
          (!this.withPrometheus || ((await ready(`${this.prometheus}/-/ready`)) && (await this.#isScraped())))
        )
      },
      2 * PATIENCE,
    )
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Footfall ended with ${child.exitCode ?? child.signalCode} instead of being up:\n${this.output}`)
    }
  }

  /** Prometheus may wait 5 s after its start before it scrapes at all; what was measured before says nothing of this run. */
  async #isScraped(): Promise<boolean> {
    const response = await fetch(`${this.prometheus}/api/v1/targets?state=active`)
    const { data } = (await response.json()) as { data: { activeTargets: { scrapePool: string; health: string }[] } }
    const up = data.activeTargets.filter(({ health }) => health === 'up').map(({ scrapePool }) => scrapePool)
    return up.includes('footfall-metrics') && up.includes('footfall-collector')
  }

  /** Any command; it runs in the test's folder, where there is no footfall.json unless the test made one. */
  start(...args: string[]): ChildProcess {
    if (!existsSync(footfallProgram)) {
      throw new Error(`There is no ${footfallProgram}: dotnet build src/Footfall.Server -c Release, or name it in FOOTFALL_EXE`)
    }
    this.output = ''
    const child = spawn(footfallProgram, args, {
      cwd: this.folder,
      env: markedEnvironment(this.#mark),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const append = (text: string) => (this.output += text)
    child.stdout.setEncoding('utf8').on('data', append)
    child.stderr.setEncoding('utf8').on('data', append)
    this.#child = child
    return child
  }

  /** Runs a command to its end. */
  async run(...args: string[]): Promise<Ended> {
    const child = this.start(...args)
    const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(PATIENCE) })) as [number | null]
    return { code, output: this.output }
  }

  /** Ctrl-C. Returns the exit code once nothing of it is left: no process, no taken port. */
  async stop(): Promise<number | null> {
    return this.#end('SIGINT')
  }

  /** kill -9 of Footfall alone, as a crash would be; what it started has to end by itself. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child!
    const closed = once(child, 'close', { signal: AbortSignal.timeout(PATIENCE) })
    child.kill(signal)
    const [code] = (await closed) as [number | null]
    await until(
      `nothing is left after ${signal}`,
      () => {
        const left = runningWith(this.#mark)
        if (left.length > 0) {
          throw new Error(left.map(({ pid, command }) => `${pid} ${command}`).join('\n'))
        }
        return true
      },
      PATIENCE / 2,
    )
    for (const port of Object.values(this.ports)) {
      if (!(await isFree(port))) {
        throw new Error(`Port ${port} is still taken after ${signal}`)
      }
    }
    return code
  }

  /** What to read when a test failed. */
  report(): string {
    const logs = ['prometheus/prometheus.log', 'kafka/kafka.log'].map((name) => join(this.data, name))
    const tails = logs.filter((file) => existsSync(file)).map((file) => `${file}:\n${readFileSync(file, 'utf8').slice(-3_000)}`)
    return [`footfall (${this.log} log), ${this.folder}:\n${this.output}`, ...tails].join('\n')
  }

  /** Ends whatever still runs, and removes the folder. */
  async close(): Promise<void> {
    killAllWith(this.#mark)
    await until('nothing of the test is left', () => runningWith(this.#mark).length === 0)
    process.off('exit', this.#endAtExit)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
