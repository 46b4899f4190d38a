import { createRequest } from '../../src/cli/process-host.js'
import { run } from '../../src/cli/run.js'
import type { Host } from '../../src/host.js'

export interface MemoryHostOptions {
  readonly env?: Host['env']
  readonly cwd?: string
  readonly stdin?: string
  /** What our own clock says; real time when absent. */
  readonly now?: () => Date
  readonly openBrowser?: Host['openBrowser']
  readonly signal?: AbortSignal
  readonly isTTY?: boolean
}

export interface MemoryHost extends Host {
  readonly out: () => string
  readonly err: () => string
}

/** A host made of memory: real HTTP (to loopback servers of the test), streams that can be read afterwards. */
export function createMemoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const written = { out: '', err: '' }
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
      { isTTY: false },
    ),
    stdout: stream('out'),
    stderr: stream('err'),
    now: options.now ?? (() => new Date()),
    request: createRequest({}),
    openBrowser: options.openBrowser ?? (async () => undefined),
    signal: options.signal ?? new AbortController().signal,
    out: () => written.out,
    err: () => written.err,
  }
}

export interface CliResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command line in process. */
export async function cli(argv: readonly string[], options: MemoryHostOptions = {}): Promise<CliResult> {
  const host = createMemoryHost(options)
  const exitCode = await run(argv, host)
  return { exitCode, stdout: host.out(), stderr: host.err() }
}
