import { outcomeOf, type Assert } from './assertion.js'
import { authorizationRequestOf, describeAccess } from './login-page.js'

/** `true`: the answer sends the browser to an authorization endpoint. A 200 login page is not that, and is said to be one. */
export const login: Assert<boolean> = (expected, { answer, hops }) => {
  const base = hops.at(-1)?.request.origin ?? ''
  return [
    {
      kind: 'login',
      subject: 'login',
      outcome: outcomeOf((authorizationRequestOf(answer, base) !== undefined) === expected),
      expected: expected ? 'a redirect to a login' : 'no redirect to a login',
      actual: describeAccess(answer, base),
    },
  ]
}
