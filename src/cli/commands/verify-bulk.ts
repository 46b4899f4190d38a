import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { restoreKeySet, type KeySet } from '../../jwt/key-set.js'
import { firstFailure, verifyJwt, type VerifyOptions } from '../../jwt/verify.js'
import { EXIT, type ExitCode } from '../exit-codes.js'

/** Starting workers costs more than verifying fewer lines than this. */
const WORKERS_FROM = 2000
const BATCH = 250
/** Batches a worker has at hand, so that it never waits for the next. */
const AHEAD = 2

/** What every line is held against; plain data and key objects, so that it can be handed to a worker. */
export interface BulkOptions extends Omit<VerifyOptions, 'keys' | 'now'> {
  readonly now: number
}

interface WorkerSetup {
  readonly task: typeof TASK
  readonly options: BulkOptions
  readonly keys: Pick<KeySet, 'keys' | 'skipped' | 'generation'>
}

interface Batch {
  readonly first: number
  readonly tokens: readonly string[]
}

interface BatchResult {
  readonly text: string
  readonly lines: number
  readonly invalid: number
}

const TASK = 'oidcgw/verify-bulk'

/**
 * `verify -o jsonl`: a token a line in, a verdict a line out, in order. Worker threads (as many as there are cores, at most 8) take over above 2,000 lines;
 * progress goes to stderr when that is a terminal. Exit 1 when one is not valid.
 */
export async function verifyBulk(
  lines: AsyncIterable<string>,
  keys: KeySet,
  options: BulkOptions,
  host: Host,
  wanted?: number,
): Promise<ExitCode> {
  const batches = toBatches(lines)
  const early: Batch[] = []
  let count = 0
  // Leaving a for-await loop would end the generator: take the first batches by hand.
  for (let step = await batches.next(); !step.done; step = await batches.next()) {
    early.push(step.value)
    count += step.value.tokens.length
    if (count >= WORKERS_FROM) break
  }
  const threads = wanted ?? Math.min(availableParallelism(), 8)
  // Sources run without a build step have no worker to start.
  const alone = count < WORKERS_FROM || threads < 2 || import.meta.url.endsWith('.ts')
  const results = alone
    ? inThisThread(chain(early, batches), keys, options)
    : inWorkers(
        chain(early, batches),
        { task: TASK, options, keys: { keys: keys.keys, skipped: keys.skipped, generation: keys.generation } },
        threads,
      )
  let done = 0
  let invalid = 0
  for await (const result of results) {
    host.stdout.write(result.text)
    done += result.lines
    invalid += result.invalid
    if (host.stderr.isTTY) host.stderr.write(`\r${done} verified, ${invalid} not valid`)
  }
  if (host.stderr.isTTY) host.stderr.write('\n')
  // Nothing verified is never green.
  if (done === 0) throw new OidcgwError('ERR_NOT_A_TOKEN', 'there is nothing to read', { hint: 'Each line holds one token' })
  return invalid > 0 ? EXIT.no : EXIT.yes
}

async function* toBatches(lines: AsyncIterable<string>): AsyncGenerator<Batch> {
  let first = 1
  let tokens: string[] = []
  for await (const line of lines) {
    tokens.push(line)
    if (tokens.length < BATCH) continue
    yield { first, tokens }
    first += tokens.length
    tokens = []
  }
  if (tokens.length > 0) yield { first, tokens }
}

async function* chain(early: readonly Batch[], rest: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
  yield* early
  yield* rest
}

async function* inThisThread(batches: AsyncIterable<Batch>, keys: KeySet, options: BulkOptions): AsyncGenerator<BatchResult> {
  for await (const batch of batches) yield verifyBatch(batch, keys, options)
}

/** Verdicts come back in the order of the lines, whichever worker is faster. */
async function* inWorkers(batches: AsyncGenerator<Batch>, setup: WorkerSetup, threads: number): AsyncGenerator<BatchResult> {
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData: setup }))
  const failures = workers.map((worker) => new Promise<never>((_, reject) => void worker.once('error', reject)))
  for (const failure of failures) failure.catch(() => undefined)
  const pending: Promise<BatchResult>[] = []
  const waiting = new Map<number, (result: BatchResult) => void>()
  for (const worker of workers) {
    worker.on('message', ({ first, result }: { first: number; result: BatchResult }) => {
      waiting.get(first)?.(result)
      waiting.delete(first)
    })
  }
  try {
    let next = 0
    for await (const batch of batches) {
      pending.push(new Promise<BatchResult>((resolve) => void waiting.set(batch.first, resolve)))
      workers[next++ % threads]?.postMessage(batch)
      if (pending.length >= threads * AHEAD) yield await Promise.race([pending.shift() as Promise<BatchResult>, ...failures])
    }
    for (const result of pending) yield await Promise.race([result, ...failures])
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function verifyBatch({ first, tokens }: Batch, keys: KeySet, options: BulkOptions): BatchResult {
  let text = ''
  let invalid = 0
  for (const [index, token] of tokens.entries()) {
    const verdict = verifyJwt(token, { ...options, keys })
    const failure = verdict.valid ? undefined : firstFailure(verdict)
    if (!verdict.valid) invalid++
    text += failure
      ? `${JSON.stringify({ line: first + index, valid: false, check: failure.check, code: failure.code, reason: failure.reason })}\n`
      : `{"line":${first + index},"valid":${verdict.valid}}\n`
  }
  return { text, lines: tokens.length, invalid }
}

/** This module is its own worker. */
if (!isMainThread && (workerData as Partial<WorkerSetup> | undefined)?.task === TASK) {
  const { keys, options } = workerData as WorkerSetup
  const restored = restoreKeySet(keys)
  parentPort?.on('message', (batch: Batch) =>
    parentPort?.postMessage({ first: batch.first, result: verifyBatch(batch, restored, options) }),
  )
}
