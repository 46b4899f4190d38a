import type { AssertionResult, Observation } from '../expect/assertion.js'
import type { Expectation } from '../expect/index.js'
import { authorizationRequestOf, isLoginPage } from '../expect/login-page.js'
import { expectsRefusal, expectsSuccess } from '../expect/status.js'
import { ANONYMOUS } from '../authorize.js'
import type { ProbeCase } from '../suite/suite.js'

/** A case that somebody with a credential must be let in by: what a suite's refusals are measured against. */
export const isPositive = ({ as, control, expect }: ProbeCase): boolean =>
  control || (as !== ANONYMOUS && expect.status !== undefined && expectsSuccess(expect.status))

/** A case that expects to be kept out. */
export const isRefusal = ({ expect }: ProbeCase): boolean =>
  expect.protected === true || expect.login === true || (expect.status !== undefined && expectsRefusal(expect.status))

/** Whether an answer lets nobody in: 401, 403, or the way to a login. */
export const isRefused = (status: number | undefined): boolean =>
  status === 401 || status === 403 || (status !== undefined && status >= 300 && status < 400)

/**
 * What statuses alone would hide: a 404, 405 or 5xx that satisfies `4xx` shows no protection, and a 200 that is a login page is no open door.
 * The assertion on the status is turned accordingly.
 */
export function trustworthy(
  expectation: Expectation,
  { answer, hops }: Observation,
  assertions: readonly AssertionResult[],
): readonly AssertionResult[] {
  const wanted = expectation.status
  if (wanted === undefined) return assertions
  const listed = wanted.includes(answer.status)
  if (!listed && expectsRefusal(wanted) && (answer.status === 404 || answer.status === 405)) {
    return assertions.map((one) =>
      one.kind === 'status' && one.outcome === 'pass'
        ? { ...one, outcome: 'unclear', actual: `${answer.status}, which shows nothing about protection` }
        : one,
    )
  }
  if (expectsSuccess(wanted) && expectation.login === undefined && isLoginPage(answer) && !expectation.body) {
    return assertions.map((one) => (one.kind === 'status' ? { ...one, outcome: 'fail', actual: `a ${answer.status} login page` } : one))
  }
  const redirect = authorizationRequestOf(answer, hops.at(-1)?.request.origin ?? '')
  return redirect
    ? assertions.map((one) => (one.kind === 'status' && one.outcome === 'fail' ? { ...one, actual: `${one.actual} to a login` } : one))
    : assertions
}
