import type { Assert, AssertionKind, AssertionResult, Observation } from './assertion.js'
import { headers, type HeadersExpectation } from './headers.js'
import { status, type StatusExpectation } from './status.js'

/** What a case expects; every field is one kind of assertion. */
export interface Expectation {
  readonly status?: StatusExpectation
  readonly headers?: HeadersExpectation
}

const ASSERTIONS = { status, headers } satisfies { readonly [Kind in keyof Expectation]-?: Assert<NonNullable<Expectation[Kind]>> }

/** Makes every assertion asked for, in the order of the table; all of them, not until the first failure. */
export function assertAll(expectation: Expectation, observation: Observation): AssertionResult[] {
  return Object.entries(ASSERTIONS).flatMap(([kind, assert]) => {
    const expected = expectation[kind as keyof Expectation & AssertionKind]
    return expected === undefined ? [] : [...(assert as Assert<unknown>)(expected, observation)]
  })
}
