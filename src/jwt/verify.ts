import { CHECKS } from './checks/index.js'
import { profileChecks, type TokenProfile } from './checks/profile.js'
import { fail, pass, type Check, type CheckContext } from './checks/check.js'
import { readCompactJwt } from './compact.js'
import type { KeySet } from './key-set.js'
import type { CheckResult, DecodedJwt, Verdict } from './types.js'

/** What is expected of a token. What is not given is not checked, and the verdict says so (`skip`). */
export interface VerifyOptions {
  /** The only keys that count; a key inside the token never does. */
  readonly keys: KeySet
  /** Allowed `alg` values. Default: whatever the keys are for. */
  readonly algorithms?: readonly string[]
  /** Exact issuer, or several. */
  readonly issuer?: string | readonly string[]
  /** One of these must be among the token's audiences. */
  readonly audience?: string | readonly string[]
  /** Expected header `typ`, e.g. `at+jwt`. */
  readonly typ?: string | readonly string[]
  /** The clock: milliseconds since the epoch, a Date, or a function that gives one. */
  readonly now: number | Date | (() => Date)
  /** Tolerance for `exp`, `nbf`, `iat`. Default 0. */
  readonly leewaySeconds?: number
  /** Longest time since `iat`. */
  readonly maxAgeSeconds?: number
  /** Whether a token without `exp` fails. Default true. */
  readonly requireExp?: boolean
  /** Numeric strings pass as time claims, as with Kong ≥ 3.13. Default false. */
  readonly lenientTimes?: boolean
  /** Longer tokens fail before any work; the gateway sets 16,384. */
  readonly maxBytes?: number
  /** Further rules of one kind of token. */
  readonly profile?: TokenProfile
  /** Profile `id`: the client that must be among the audiences and, when there is one, be `azp`. */
  readonly clientId?: string
  /** Profile `id`: the `nonce` that was sent. */
  readonly nonce?: string
  /** Profile `id`: what `at_hash` must fit. */
  readonly accessToken?: string
  /** Profile `id`: what `c_hash` must fit. */
  readonly authorizationCode?: string
  /** Profile `id`: longest time since `auth_time` (`max_age`). */
  readonly maxAuthAgeSeconds?: number
  /**
   * The gateway's hot path: stops at the first failure, cheap checks before the signature, so that a flood of bad tokens costs little.
   * The same checks; only fewer of them are listed. Default false.
   */
  readonly stopEarly?: boolean
}

const ALL: readonly Check[] = Object.values(CHECKS)
const CHEAP: readonly Check[] = ALL.filter((check) => check !== CHECKS.signature)

/**
 * Verifies a compact JWT, synchronously, with node:crypto. Never throws for what a token contains.
 *
 * The algorithm must be one the *key* is for; `none`, HS* against public keys, `crit`, `b64:false`, non-canonical base64url, duplicate
 * members and other part counts are refused.
 * @see RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725
 */
export function verifyJwt(token: string, options: VerifyOptions): Verdict {
  const reading = readCompactJwt(token, options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes })
  if (reading.problem !== undefined) {
    return { valid: false, token: undefined, checks: [fail('format', 'RFC 7519 §7.2', 'token_malformed', reading.problem)] }
  }
  const checks = options.stopEarly ? [...CHEAP, ...profileChecks(options), CHECKS.signature] : [...ALL, ...profileChecks(options)]
  const context = createContext(reading.value, options)
  const results: CheckResult[] = [FORMAT_PASSED]
  for (const check of checks) {
    const result = check(context)
    results.push(result)
    if (result.outcome === 'fail' && options.stopEarly) break
  }
  return { valid: isValid(results), token: reading.value, checks: results }
}

const FORMAT_PASSED = pass('format', 'RFC 7519 §7.2')

/** What the checks of one token share. */
export function createContext(jwt: DecodedJwt, options: VerifyOptions): CheckContext {
  const { alg, kid } = jwt.header
  const named = kid === undefined || typeof kid === 'string' ? options.keys.candidates(kid) : []
  const { now } = options
  return {
    jwt,
    options,
    nowSeconds: (typeof now === 'number' ? now : (typeof now === 'function' ? now() : now).getTime()) / 1000,
    leewaySeconds: options.leewaySeconds ?? 0,
    named,
    fitting: named.filter(({ algorithms }) => (algorithms as readonly unknown[]).includes(alg)),
  }
}

/** Nothing failed, and the signature passed: a skipped signature proves nothing. */
export function isValid(results: readonly CheckResult[]): boolean {
  let signed = false
  for (const { check, outcome } of results) {
    if (outcome === 'fail') return false
    if (check === 'signature' && outcome === 'pass') signed = true
  }
  return signed
}

/** The failure a gateway reports: the first one listed. */
export const firstFailure = (verdict: Verdict): CheckResult | undefined => verdict.checks.find(({ outcome }) => outcome === 'fail')
