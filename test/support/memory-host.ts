import { onTestFinished, TestRunner } from 'vitest'
import { createRequest } from '../../src/cli/process-host.js'
import { run } from '../../src/cli/run.js'
import type { Host, InputStream } from '../../src/host.js'
import { Canaries } from './canaries.js'
import { addArguments, addEnvironment, expectSilentCommand, watchTyping, watchWire } from './command-canaries.js'

export interface MemoryHostOptions {
  readonly env?: Host['env']
  readonly cwd?: string
  readonly stdin?: string
  /** Somebody types: standard input is a terminal then. */
  readonly readLine?: NonNullable<InputStream['readLine']>
  /** What our own clock says; real time when absent. */
  readonly now?: () => Date
  readonly openBrowser?: Host['openBrowser']
  readonly signal?: AbortSignal
  readonly isTTY?: boolean
}

export interface MemoryHost extends Host {
  readonly out: () => string
  readonly err: () => string
  /** Secrets it was given and saw on the wire. */
  readonly canaries: Canaries
}

/**
 * A host made of memory: real HTTP (to loopback servers of the test), streams that can be read afterwards.
 * The test it was made in fails when a secret shows, whoever wrote it.
 */
export function createMemoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const written = { out: '', err: '' }
  const canaries = new Canaries()
  addEnvironment(canaries, options.env ?? {})
  if (TestRunner.getCurrentTest()) {
    onTestFinished(() => {
      canaries.read('stderr', written.err)
      canaries.expectSilence()
    })
  }
  const stream = (name: 'out' | 'err') => ({
    isTTY: options.isTTY ?? false,
    columns: 120,
    write: (text: string) => void (written[name] += text),
  })
  return {
    env: { NO_COLOR: '1', ...options.env },
    cwd: options.cwd ?? process.cwd(),
    stdin: Object.assign(
      (async function* () {
        if (options.stdin) yield Buffer.from(options.stdin)
      })(),
      { isTTY: options.readLine !== undefined, ...(options.readLine && { readLine: watchTyping(options.readLine, canaries) }) },
    ),
    stdout: stream('out'),
    stderr: stream('err'),
    now: options.now ?? (() => new Date()),
    request: watchWire(createRequest({}), canaries),
    openBrowser: options.openBrowser ?? (async () => undefined),
    signal: options.signal ?? new AbortController().signal,
    out: () => written.out,
    err: () => written.err,
    canaries,
  }
}

export interface CliResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one command line on a host of the test's own.
 * @throws when a secret shows that nobody asked for.
 */
export async function runOn(host: MemoryHost, argv: readonly string[], stdin?: string): Promise<number> {
  addArguments(host.canaries, argv, host, stdin)
  const exitCode = await run(argv, host)
  expectSilentCommand(host.canaries, argv, { stdout: host.out(), stderr: host.err() })
  return exitCode
}

/** Runs one command line in process. @throws when a secret shows that nobody asked for. */
export async function cli(argv: readonly string[], options: MemoryHostOptions = {}): Promise<CliResult> {
  const host = createMemoryHost(options)
  const exitCode = await runOn(host, argv, options.stdin)
  return { exitCode, stdout: host.out(), stderr: host.err() }
}
