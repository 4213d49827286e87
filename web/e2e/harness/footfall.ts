import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { footfallProgram } from './here'
import { alone, freePort, isFree, isListening } from './ports'
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
  #startedAt = 0
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
      await this.#isUp(this.start('up', ...options, ...prometheusOptions, ...more))
      return
    }
    // Footfall takes port 9092 for Kafka when it is free; two that look at once would both find it so.
    const child = await alone('kafka-start', async () => {
      const started = this.start('up', '--kafka', ...options, ...prometheusOptions, ...more)
      await until('Kafka has its port', async () => hasEnded(started) || (await this.#kafkaListens()), 2 * PATIENCE)
      return started
    })
    await this.#isUp(child)
    // A broker of somebody else at that port would have other people's interactions.
    if (!runningWith(this.#mark).some(({ command }) => command.includes('kafka.Kafka'))) {
      throw new Error(`Footfall is up with a Kafka that it did not start:\n${this.output}`)
    }
  }

  /** At the port that this start has written down; an earlier one's may be taken by others now. */
  async #kafkaListens(): Promise<boolean> {
    const file = join(this.data, 'kafka', 'server.properties')
    if (!existsSync(file) || statSync(file).mtimeMs < this.#startedAt) {
      return false
    }
    const port = Number(/^listeners=PLAINTEXT:\/\/127\.0\.0\.1:(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1])
    return port > 0 && (await isListening(port))
  }

  async #isUp(child: ChildProcess): Promise<void> {
    const ready = async (url: string) => (await fetch(url)).ok
    await until(
      'Footfall is up',
      async () =>
        hasEnded(child) ||
        (this.output.includes('Ctrl-C stops all of it') &&
          (await ready(`${this.collector}/health/ready`)) &&
          (await ready(`${this.metrics}/health/ready`)) &&
          (!this.withPrometheus || ((await ready(`${this.prometheus}/-/ready`)) && (await this.#isScraped())))),
      3 * PATIENCE,
    )
    if (hasEnded(child)) {
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
    this.#startedAt = Date.now()
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

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
