import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { ANONYMOUS, type Authorize } from '../authorize.js'
import { readEcho } from '../echo.js'
import { describeFailure, type AssertionResult, type Observation } from '../expect/assertion.js'
import { assertAll, type Expectation } from '../expect/index.js'
import { createMask, credentialsOf, maskTarget, recordExchange, withoutSecrets } from '../record.js'
import type { ProbeRequest } from '../request.js'
import type { ProbeResult } from '../result.js'
import type { ProbeCase, ProbeSuite } from '../suite/suite.js'
import { fillDeep, type TemplateScope } from '../template.js'
import type { Transport } from '../transport.js'
import { checkTransportSecurity } from '../transport-security.js'
import { capture } from './capture.js'
import { createJar, type Jar } from '../cookie-jar.js'
import { exchange } from './exchange.js'
import type { Nonces } from './proven-send.js'
import { isStatic, prepareRequest } from './prepare.js'
import { trustworthy } from './trust.js'

/** What the cases of one suite share while they run. */
export interface SuiteRun {
  readonly suite: ProbeSuite
  readonly transport: Transport
  readonly authorize: Authorize
  /** Fields of a profile for `${profile.…}`. */
  readonly profileFields: (identity: string) => Readonly<Record<string, string | undefined>>
  readonly host: Pick<Host, 'env' | 'now' | 'signal'>
  readonly timeoutMs?: number
  readonly allowHttp?: boolean
  readonly captures: Record<string, unknown>
  readonly jars: Map<string, Jar>
  readonly nonces: Nonces
  /** Prepared once, for cases without templates: the request, and its URL as it may be shown. */
  readonly prepared: Map<ProbeCase, { readonly plain: ProbeRequest; readonly url: string }>
}

/** What a result says before anybody knows where it stands in the run. */
export type CaseResult = Omit<ProbeResult, 'id' | 'index' | 'suite'>

/** Runs one case: fills in, authorizes, sends, follows, judges, captures; tries again while `retry` allows. */
export async function runCase(one: ProbeCase, run: SuiteRun, detailed: boolean): Promise<CaseResult> {
  const started = performance.now()
  const at = run.host.now().getTime()
  let attempts = 0
  for (;;) {
    attempts++
    const attempt = await tryCase(one, run, detailed)
    const durationMs = performance.now() - started
    const again = one.retry && attempt.outcome !== 'pass' && durationMs + one.retry.everyMs <= one.retry.forMs
    if (!again) return assemble(one, attempt, { attempts, at, durationMs })
    await sleep(one.retry?.everyMs, undefined, { signal: run.host.signal }).catch((cause: unknown) => {
      throw new OidcgwError('ERR_ABORTED', 'interrupted', { cause })
    })
  }
}

/** A case that is not run. */
export function skipped(one: ProbeCase, why: string, at: number): CaseResult {
  const url = one.request.target
  return {
    ...facts(one),
    outcome: 'skip',
    message: why,
    assertions: [],
    method: one.request.method,
    url,
    exchanges: [],
    attempts: 0,
    at,
    durationMs: 0,
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** One literal, then what is there: spreading parts together costs sixty microseconds a case, which a thousand cases a second feel. */
function assemble(
  one: ProbeCase,
  attempt: Attempt,
  { attempts, at, durationMs }: Pick<CaseResult, 'attempts' | 'at' | 'durationMs'>,
): CaseResult {
  const { outcome, message, assertions, method, url, exchanges, status, firstByteMs, totalMs, error, reachedUpstream } = attempt
  const { name, tags, as: identity, where, cell } = one
  const result: Writable<CaseResult> = {
    name,
    tags,
    identity,
    where,
    outcome,
    message,
    assertions,
    method,
    url,
    exchanges,
    attempts,
    at,
    durationMs,
  }
  if (cell) result.cell = cell
  if (status !== undefined) result.status = status
  if (firstByteMs !== undefined) result.firstByteMs = firstByteMs
  if (totalMs !== undefined) result.totalMs = totalMs
  if (error) result.error = error
  if (reachedUpstream) result.reachedUpstream = reachedUpstream
  return result
}

const facts = ({ name, tags, as, cell, where }: ProbeCase) => ({ name, tags, identity: as, where, ...(cell && { cell }) })

type Attempt = Omit<CaseResult, 'name' | 'tags' | 'identity' | 'where' | 'cell' | 'attempts' | 'at' | 'durationMs'>

async function tryCase(one: ProbeCase, run: SuiteRun, detailed: boolean): Promise<Attempt> {
  const { suite, host, transport } = run
  const scope = scopeOf(one, run)
  let plain: ProbeRequest | undefined
  try {
    const known = run.prepared.get(one)
    plain = known?.plain ?? (await prepareRequest(one.request, suite.gateway, scope))
    if (!known && isStatic(one)) run.prepared.set(one, { plain, url: maskTarget(plain.origin + plain.path) })
    const timeoutMs = one.timeoutMs ?? run.timeoutMs
    const hops = await exchange(plain, {
      transport,
      jar: jarOf(one, run),
      follow: one.follow,
      signal: host.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
      nonces: run.nonces,
      authorize: async (request, nonce) => {
        if (one.as === ANONYMOUS) return request
        checkTransportSecurity(request.origin, true, run.allowHttp)
        return run.authorize(request, { name: one.as, ...(one.present && { present: one.present }) }, nonce)
      },
    })
    const { answer } = hops.at(-1) as (typeof hops)[0]
    const observation: Observation = { hops, answer, upstream: readEcho(answer, suite.gateway.echo), now: host.now() }
    const expectation = known ? one.expect : fillDeep(one.expect, scope)
    return judge(one, expectation, observation, plain, run, detailed)
  } catch (error) {
    if (!(error instanceof OidcgwError) || error.code === 'ERR_ABORTED') throw error
    const { code, message, hint } = error
    const shown = { code, message, ...(hint !== undefined && { hint }) }
    const url = maskTarget(plain ? plain.origin + plain.path : one.request.target)
    return { outcome: 'error', message, assertions: [], error: shown, method: one.request.method, url, exchanges: [] }
  }
}

function judge(
  one: ProbeCase,
  expectation: Expectation,
  observation: Observation,
  plain: ProbeRequest,
  run: SuiteRun,
  detailed: boolean,
): Attempt {
  const { hops, answer } = observation
  const secrets = credentialsOf(
    plain.headers,
    hops.flatMap(({ request }) => request.headers),
  )
  const assertions = withoutSecrets(trustworthy(expectation, observation, assertAll(expectation, observation)), secrets)
  const captures = takeCaptures(one, observation, run)
  const all: readonly AssertionResult[] = captures.length === 0 ? assertions : [...assertions, ...captures]
  const failed = all.filter(({ outcome }) => outcome === 'fail')
  const unclear = all.filter(({ outcome }) => outcome === 'unclear')
  const outcome = failed.length > 0 ? 'fail' : unclear.length > 0 ? 'error' : 'pass'
  const message = [...failed, ...unclear].map(describeFailure).join('; ')
  const last = hops.at(-1) ?? hops[0]
  const mask = detailed || outcome !== 'pass' ? createMask(secrets) : undefined
  return {
    outcome,
    message,
    assertions: all,
    method: plain.method,
    url: (!mask && run.prepared.get(one)?.url) || maskTarget(plain.origin + plain.path, mask),
    status: answer.status,
    exchanges: mask ? hops.map((hop) => recordExchange(hop, mask)) : [],
    ...(observation.upstream && { reachedUpstream: true as const }),
    firstByteMs: last.answer.firstByteMs,
    totalMs: last.answer.totalMs,
    ...(outcome === 'error' && { error: { code: 'ERR_INCONCLUSIVE', message } }),
  }
}

/** Captures of a case that got what it expected; a capture that finds nothing fails it. */
function takeCaptures(one: ProbeCase, observation: Observation, { captures }: SuiteRun): AssertionResult[] {
  return Object.entries(one.capture).flatMap(([name, source]): AssertionResult[] => {
    const value = capture(source, observation)
    if (value !== undefined) captures[name] = value
    return value === undefined
      ? [{ kind: 'capture', subject: `capture ${name}`, outcome: 'fail', expected: 'something', actual: 'nothing' }]
      : []
  })
}

function scopeOf(one: ProbeCase, run: SuiteRun): TemplateScope {
  const { env, now } = run.host
  return {
    env,
    now,
    captures: run.captures,
    profile: one.as === ANONYMOUS ? {} : run.profileFields(one.as),
    gatewayUrl: run.suite.gateway.url,
    uuid: randomUUID,
  }
}

/** A named jar is shared within the suite; anything else starts without cookies. */
function jarOf({ jar: name }: ProbeCase, { jars }: SuiteRun): Jar {
  if (name === undefined) return createJar()
  const known = jars.get(name) ?? createJar()
  jars.set(name, known)
  return known
}
