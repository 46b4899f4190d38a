import type { Check } from '../../../../jwt/checks/check.js'
import type { CheckResult, DecodedJwt } from '../../../../jwt/types.js'
import type { VerifyOptions } from '../../../../jwt/verify.js'

/** Runs some checks over a token that was read already, until the first failure, which is returned. */
export function firstFailureOf(
  jwt: DecodedJwt,
  options: VerifyOptions & { readonly now: number },
  checks: readonly Check[],
): CheckResult | undefined {
  const { alg, kid } = jwt.header
  const named = kid === undefined || typeof kid === 'string' ? options.keys.candidates(kid) : []
  const context = {
    jwt,
    options,
    nowSeconds: options.now / 1000,
    leewaySeconds: options.leewaySeconds ?? 0,
    named,
    fitting: named.filter(({ algorithms }) => (algorithms as readonly unknown[]).includes(alg)),
  }
  for (const check of checks) {
    const result = check(context)
    if (result.outcome === 'fail') return result
    // a signature that could not be checked proves nothing
    if (result.check === 'signature' && result.outcome !== 'pass') return { ...result, outcome: 'fail', code: 'token_bad_signature' }
  }
  return undefined
}
