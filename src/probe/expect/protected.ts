import type { AssertionResult, Assert } from './assertion.js'
import { authorizationRequestOf, describeAccess } from './login-page.js'

/**
 * `true`: whoever asks is kept out by an authentication: 401, 403, or a redirect to a login. A 404, 405 or 5xx shows nothing about protection:
 * the next deployment may answer 200 there.
 */
export const protectedRoute: Assert<boolean> = (expected, { answer, hops }) => {
  const base = hops.at(-1)?.request.origin ?? ''
  const refused = answer.status === 401 || answer.status === 403 || authorizationRequestOf(answer, base) !== undefined
  const open = answer.status >= 200 && answer.status < 300
  const outcome: AssertionResult['outcome'] = !refused && !open ? 'unclear' : refused === expected ? 'pass' : 'fail'
  return [
    {
      kind: 'protected',
      subject: 'protection',
      outcome,
      expected: expected ? '401, 403 or a redirect to a login' : 'an open route',
      actual: describeAccess(answer, base),
    },
  ]
}
