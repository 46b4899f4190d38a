import type { Assert, AssertionResult, Observation } from './assertion.js'
import { body, type BodyExpectation } from './body.js'
import { certificate, type CertificateExpectation } from './certificate.js'
import { challenge, type ChallengeExpectation } from './challenge.js'
import { cookies, type CookiesExpectation } from './cookies.js'
import { forwardedToken, type ForwardedTokenExpectation } from './forwarded-token.js'
import { headers, type HeadersExpectation } from './headers.js'
import { login } from './login.js'
import { protectedRoute } from './protected.js'
import { hops, redirect, type HopExpectation, type RedirectExpectation } from './redirect.js'
import { status, type StatusExpectation } from './status.js'
import { time, type TimeExpectation } from './time.js'
import { upstream, type UpstreamExpectation } from './upstream.js'

/** What a case expects; every field is one kind of assertion. Without any, any answer will do. */
export interface Expectation {
  readonly status?: StatusExpectation
  readonly protected?: boolean
  readonly login?: boolean
  readonly headers?: HeadersExpectation
  readonly challenge?: ChallengeExpectation | null
  readonly body?: BodyExpectation
  readonly cookies?: CookiesExpectation
  readonly redirect?: RedirectExpectation | null
  readonly hops?: readonly HopExpectation[]
  readonly upstream?: UpstreamExpectation
  readonly forwarded_token?: ForwardedTokenExpectation | null
  readonly time?: TimeExpectation
  readonly certificate?: CertificateExpectation
}

const ASSERTIONS = {
  status,
  protected: protectedRoute,
  login,
  headers,
  challenge,
  body,
  cookies,
  redirect,
  hops,
  upstream,
  forwarded_token: forwardedToken,
  time,
  certificate,
} satisfies { readonly [Kind in keyof Expectation]-?: Assert<Exclude<Expectation[Kind], undefined>> }

const ENTRIES = Object.entries(ASSERTIONS) as unknown as readonly [keyof Expectation, Assert<unknown>][]

/** Makes every assertion asked for, in the order of the table; all of them, not until the first failure. */
export function assertAll(expectation: Expectation, observation: Observation): AssertionResult[] {
  const results: AssertionResult[] = []
  for (const [kind, assert] of ENTRIES) {
    const expected = expectation[kind]
    if (expected !== undefined) results.push(...assert(expected, observation))
  }
  return results
}
