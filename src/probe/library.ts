import { parseSource } from '../config/document.js'
import { DocumentError } from '../errors.js'
import type { Host } from '../host.js'
import { ANONYMOUS, type Authorize } from './authorize.js'
import { describeFailure } from './expect/assertion.js'
import type { ProbeReport } from './report.js'
import { withHeader } from './request.js'
import type { RunOptions } from './run/run-options.js'
import { runSuites } from './run/run-suites.js'
import { loadSuites, readSuiteFile, type SuiteDocument } from './suite/load.js'
import type { ProbeResult } from './result.js'

/** How the library runs a suite, beside what the suite says. */
export interface RunSuiteOptions extends Partial<Omit<RunOptions, 'host'>> {
  /** Where paths go, when the suite names no `url`. */
  readonly gateway?: string | URL
  /** Bearer tokens by the names that `as:` uses; a function is asked once. */
  readonly tokens?: Readonly<Record<string, string | (() => string | Promise<string>)>>
  /** More names that `as:` may use; `authorize` must know them. */
  readonly identities?: readonly string[]
  /** Adds an identity's credential in any other way. */
  readonly authorize?: Authorize
  readonly host?: Pick<Host, 'env' | 'now' | 'signal'>
}

/**
 * Runs one suite and returns its report; failing is a value (`report.counts`, `report.results`).
 *
 * @param suite a file (YAML or JSON), or the same as an object.
 * @throws {DocumentError} with every mistake in the suite, before anything is sent.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`, `ERR_ABORTED`.
 */
export async function runSuite(suite: string | URL | object, options: RunSuiteOptions = {}): Promise<ProbeReport> {
  const { gateway, tokens = {}, identities = [], ...rest } = options
  const host = options.host ?? LIBRARY_HOST
  const document = suite instanceof URL || typeof suite === 'string' ? await readFileSuite(suite) : objectSuite(suite)
  const suites = await loadSuites([document], {
    host,
    profiles: [...Object.keys(tokens), ...identities],
    gateways: gateway === undefined ? {} : { gateway: { url: String(gateway).replace(/\/$/, '') } },
  })
  return runSuites(suites, { authorize: bearerOf(tokens), ...rest, host })
}

/** What {@link expectRoute} looks at; the words of a suite's case. */
export interface RouteExpectation extends Record<string, unknown> {
  /** Identity; default `none`. */
  readonly as?: string
  /** Default GET. */
  readonly method?: string
  /** A status, or everything a case may expect. */
  readonly expect: number | string | Readonly<Record<string, unknown>>
}

/**
 * Asks one route and throws an `Error` naming expected and actual when it does not answer as expected: for the tests of vitest, node:test and others.
 * @param url absolute, or a path with `options.gateway`.
 */
export async function expectRoute(url: string | URL, expectation: RouteExpectation, options: RunSuiteOptions = {}): Promise<ProbeResult> {
  const { as = ANONYMOUS, method = 'GET', ...rest } = expectation
  const target = String(url)
  const base = target.startsWith('/') ? {} : { url: new URL(target).origin }
  const report = await runSuite({ ...base, cases: [{ name: `${method} ${target}`, method, path: target, as, ...rest }] }, options)
  const [result] = report.results
  if (!result) throw new TypeError('no case was run')
  if (result.outcome === 'pass') return result
  const failed = result.assertions.filter(({ outcome }) => outcome !== 'pass').map((one) => `  ${describeFailure(one)}`)
  throw new Error([`${method} ${target} as ${as}: ${failed.length > 0 ? 'not as expected' : result.message}`, ...failed].join('\n'))
}

function bearerOf(tokens: NonNullable<RunSuiteOptions['tokens']>): Authorize {
  const known = new Map<string, Promise<string>>()
  return async (request, { name }) => {
    const source = tokens[name]
    if (source === undefined) throw new TypeError(`no token for "${name}"`)
    const token = known.get(name) ?? Promise.resolve(typeof source === 'string' ? source : source())
    known.set(name, token)
    return { ...request, headers: withHeader(request.headers, 'authorization', `Bearer ${await token}`) }
  }
}

const LIBRARY_HOST: Pick<Host, 'env' | 'now' | 'signal'> = { env: {}, now: () => new Date(), signal: new AbortController().signal }

async function readFileSuite(file: string | URL): Promise<SuiteDocument> {
  const { fileURLToPath } = await import('node:url')
  const path = file instanceof URL ? fileURLToPath(file) : file
  return readSuiteFile(path, path)
}

function objectSuite(suite: object): SuiteDocument {
  const source = parseSource(JSON.stringify(suite), 'suite')
  if (source.issues.length > 0) throw new DocumentError(source.issues)
  return { source, folder: '.', name: 'suite' }
}
