import type { ProbeCase, ProbeSuite } from '../suite/suite.js'
import type { Transport } from '../transport.js'
import { runInOrder } from './in-order.js'
import { neededCaptures } from './prepare.js'
import { runCase, skipped, type CaseResult, type SuiteRun } from './run-case.js'
import type { RunOptions } from './run-options.js'
import { isPositive, isRefusal, isRefused } from './trust.js'

export type EmitResult = (one: ProbeCase, result: CaseResult, repetition: number, repeats: number) => Promise<void>

export interface SuiteVerdict {
  readonly inconclusive?: string
  readonly withoutControl: boolean
}

interface Task {
  readonly one: ProbeCase
  readonly repetition: number
  readonly repeats: number
}

/** Runs one suite: setup, positive controls, the rest side by side, teardown whatever happened. Results come in the order written. */
export async function runSuitePlan(suite: ProbeSuite, transport: Transport, options: RunOptions, emit: EmitResult): Promise<SuiteVerdict> {
  const { host, jobs = 1 } = options
  const run: SuiteRun = {
    suite,
    transport,
    host,
    authorize: options.authorize,
    profileFields: options.profileFields ?? (() => ({})),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...(options.allowHttp && { allowHttp: true }),
    captures: {},
    jars: new Map(),
    nonces: new Map(),
    prepared: new Map(),
  }
  const needs = new Map(suite.cases.map((one) => [one, neededCaptures(one)]))
  const state = { failures: 0 }
  const count = (result: CaseResult): void => void (result.outcome === 'fail' || result.outcome === 'error' ? state.failures++ : 0)
  const now = (): number => host.now().getTime()
  let setupFailed: string | undefined
  for (const one of suite.setup) {
    const result = one.skip === undefined ? await runCase(one, run, true) : skipped(one, one.skip, now())
    if (result.outcome === 'fail' || result.outcome === 'error') setupFailed ??= `setup "${one.name}" failed`
    count(result)
    await emit(one, result, 1, 1)
  }
  const control = setupFailed === undefined ? await runControls(suite, run) : NO_CONTROL
  const capturing = new Map<string, Promise<unknown>>()
  const start = async ({ one, repetition }: Task): Promise<CaseResult> => {
    if (one.skip !== undefined) return skipped(one, one.skip, now())
    if (setupFailed !== undefined) return untold(skipped(one, setupFailed, now()), setupFailed)
    if (options.bail !== undefined && state.failures >= options.bail)
      return skipped(one, `stopped after ${state.failures} failures (--bail)`, now())
    const early = repetition === 1 ? control.results.get(one) : undefined
    if (early) return early
    const needed = needs.get(one) ?? []
    for (const name of needed) await capturing.get(name)
    const missing = needed.find((name) => !(name in run.captures))
    if (missing !== undefined) return untold(skipped(one, '', now()), `\${captures.${missing}} was never captured`)
    return runCase(one, run, repetition === 1)
  }
  await runInOrder<Task, CaseResult>({
    tasks: tasksOf(suite, options),
    jobs: Math.max(1, jobs),
    run: async (task) => {
      const result = start(task)
      for (const name of Object.keys(task.one.capture))
        capturing.set(
          name,
          result.catch(() => undefined),
        )
      const judged = proven(task.one, await result, control)
      count(judged)
      return judged
    },
    emit: (result, { one, repetition, repeats }) => emit(one, result, repetition, repeats),
  })
  for (const one of suite.teardown) {
    await emit(one, one.skip === undefined ? await runCase(one, run, true) : skipped(one, one.skip, now()), 1, 1)
  }
  const withoutControl = control.state === 'none' && suite.cases.some((one) => one.skip === undefined && isRefusal(one))
  return { withoutControl, ...(control.failed !== undefined && { inconclusive: control.failed }) }
}

function* tasksOf({ cases }: ProbeSuite, { repeat = 1 }: RunOptions): Generator<Task> {
  for (const one of cases) {
    const repeats = one.repeat > 1 ? one.repeat : repeat
    for (let repetition = 1; repetition <= repeats; repetition++) yield { one, repetition, repeats }
  }
}

interface Control {
  readonly state: 'none' | 'passed' | 'failed'
  /** Why, when it failed. */
  readonly failed?: string
  readonly explicit: boolean
  readonly results: ReadonlyMap<ProbeCase, CaseResult>
}

const NO_CONTROL: Control = { state: 'none', explicit: false, results: new Map() }

/**
 * Sends a good credential before any bad one. Cases marked `control` must all be let in; without any, one of those that expect a success with
 * a credential must. A suite that expects no refusal needs none.
 */
async function runControls(suite: ProbeSuite, run: SuiteRun): Promise<Control> {
  const runnable = suite.cases.filter((one) => one.skip === undefined)
  if (!runnable.some(isRefusal)) return NO_CONTROL
  const ready = runnable.filter((one) => neededCaptures(one).every((name) => name in run.captures))
  const marked = runnable.filter((one) => one.control)
  const explicit = marked.length > 0
  const candidates = (explicit ? marked : runnable.filter(isPositive)).filter((one) => ready.includes(one))
  if (candidates.length === 0) return NO_CONTROL
  const results = new Map<ProbeCase, CaseResult>()
  for (const one of candidates) {
    const result = await runCase(one, run, true)
    results.set(one, result)
    if (!explicit && wasLetIn(result)) break
  }
  const refused = [...results].filter(([, result]) => !wasLetIn(result))
  const [first] = refused
  if (!first || (!explicit && refused.length < results.size)) return { state: 'passed', explicit, results }
  return { state: 'failed', failed: `"${first[0].name}" was not let in: ${first[1].message}`, explicit, results }
}

/** Whether the credential was taken, whatever else the answer lacks: a success, or the very status that was expected. */
const wasLetIn = ({ status, assertions }: CaseResult): boolean => {
  const asserted = assertions.find(({ kind }) => kind === 'status')
  if (status === undefined || asserted?.actual.endsWith('login page')) return false
  return asserted?.outcome === 'pass' || (status >= 200 && status < 300)
}

/** What a result counts for when the good credential was refused: refusals prove nothing, and the control itself could not tell. */
function proven(one: ProbeCase, result: CaseResult, control: Control): CaseResult {
  if (control.state !== 'failed') return result
  if (isRefusal(one) && result.outcome === 'pass') return { ...untold(result, 'refused, but so was the good credential'), unproven: true }
  const isControl = control.explicit ? one.control : isPositive(one)
  const refused =
    isRefused(result.status) || result.assertions.some(({ kind, actual }) => kind === 'status' && actual.endsWith('login page'))
  return isControl && result.outcome === 'fail' && refused ? untold(result, `positive control: ${result.message}`) : result
}

const untold = (result: CaseResult, message: string): CaseResult => {
  return { ...result, outcome: 'error', message, error: { code: 'ERR_INCONCLUSIVE', message } }
}
