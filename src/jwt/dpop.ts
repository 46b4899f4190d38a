import { createHash } from 'node:crypto'
import { fail, pass, skip, type Check } from './checks/check.js'
import { required } from './checks/claims.js'
import { keySetOfJwk } from './key-set.js'
import { readCompactJwt } from './compact.js'
import { showValue } from './printable.js'
import { thumbprint } from './thumbprint.js'
import type { CheckResult, JsonObject, Jwk, Verdict } from './types.js'
import { verifyJwt } from './verify.js'

/** What is expected of a DPoP proof. */
export interface DpopOptions {
  readonly now: number | Date | (() => Date)
  /** Method of the request it came with. */
  readonly method?: string
  /** URL of that request; query and fragment do not count. */
  readonly url?: string | URL
  /** Access token it came with: `ath` must be its hash. */
  readonly accessToken?: string
  /** The nonce the server gave. */
  readonly nonce?: string
  /** Allowed algorithms. Default: every asymmetric one. */
  readonly algorithms?: readonly string[]
  /** Longest time since `iat`. Default 300. */
  readonly maxAgeSeconds?: number
  /** Default 0. */
  readonly leewaySeconds?: number
}

export interface DpopVerdict extends Verdict {
  /** RFC 7638 thumbprint of the key in the proof, to compare with `cnf.jkt`; undefined when there is no usable key. */
  readonly jkt: string | undefined
}

const SPEC = 'RFC 9449 §4.3'
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv']

/**
 * Verifies a DPoP proof: the one kind of token whose key stands in its own header, because it proves possession and nothing else.
 * Replay (`jti`) and binding to the access token (`jkt`) are the caller's to check.
 * @see RFC 9449 §4.3
 */
export function verifyDpopProof(proof: string, options: DpopOptions): DpopVerdict {
  const reading = readCompactJwt(proof)
  if (reading.problem !== undefined) {
    return { valid: false, token: undefined, jkt: undefined, checks: [fail('format', SPEC, 'pop_failed', reading.problem)] }
  }
  const { header } = reading.value
  const jwk = publicJwk(header)
  const keys = keySetOfJwk(jwk ?? ({ kty: 'none' } as Jwk))
  const verdict = verifyJwt(proof, {
    keys,
    typ: 'dpop+jwt',
    now: options.now,
    requireExp: false,
    maxAgeSeconds: options.maxAgeSeconds ?? 300,
    ...(options.leewaySeconds !== undefined && { leewaySeconds: options.leewaySeconds }),
    ...(options.algorithms && { algorithms: options.algorithms }),
  })
  const own = Object.values(DPOP_CHECKS).map((check) => check(reading.value, options))
  const checks = [...verdict.checks, ...own].map((result) =>
    result.outcome === 'fail' ? { ...result, code: 'pop_failed' as const } : result,
  )
  const valid = verdict.valid && own.every(({ outcome }) => outcome !== 'fail')
  return { valid, token: reading.value, checks, jkt: jwk && keys.keys.length > 0 ? thumbprint(jwk) : undefined }
}

function publicJwk(header: JsonObject): Jwk | undefined {
  const { jwk } = header
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk) || (jwk as JsonObject)['kty'] === 'oct') return undefined
  // `alg`, `use` and the like are the sender's words on its own key: the header's alg must fit the key itself.
  return jwk as Jwk
}

type DpopCheck = (proof: Parameters<Check>[0]['jwt'], options: DpopOptions) => CheckResult

const DPOP_CHECKS = {
  jwk: ({ header }) => {
    const jwk = publicJwk(header)
    if (!jwk) return fail('jwk', SPEC, 'pop_failed', 'the header holds no public key (jwk)')
    const exposed = PRIVATE.find((name) => Object.hasOwn(jwk, name))
    return exposed === undefined ? pass('jwk', SPEC) : fail('jwk', SPEC, 'pop_failed', `the jwk holds the private member ${exposed}`)
  },
  claims: (jwt) => required(SPEC, 'jti', 'htm', 'htu', 'iat')({ jwt } as Parameters<Check>[0]),
  jti: ({ payload: { jti } }) =>
    typeof jti === 'string' && jti !== ''
      ? pass('jti', SPEC)
      : fail('jti', SPEC, 'pop_failed', 'jti is not a text: replay could not be seen'),
  htm: ({ payload: { htm } }, { method }) => {
    if (method === undefined) return skip('htm', SPEC, 'no method given')
    return htm === method ? pass('htm', SPEC) : fail('htm', SPEC, 'pop_failed', `expected ${method}, got ${showValue(htm)}`)
  },
  htu: ({ payload: { htu } }, { url }) => {
    if (url === undefined) return skip('htu', SPEC, 'no URL given')
    const expected = withoutQuery(url)
    return typeof htu === 'string' && withoutQuery(htu) === expected
      ? pass('htu', SPEC)
      : fail('htu', SPEC, 'pop_failed', `expected ${expected}, got ${showValue(htu)}`)
  },
  ath: ({ payload: { ath } }, { accessToken }) => {
    if (accessToken === undefined) return skip('ath', SPEC, 'no access token given')
    const expected = createHash('sha256').update(accessToken).digest('base64url')
    return ath === expected
      ? pass('ath', SPEC)
      : fail('ath', SPEC, 'pop_failed', ath === undefined ? 'ath is missing' : 'ath is of another access token')
  },
  nonce: ({ payload }, { nonce }) => {
    if (nonce === undefined) return skip('nonce', 'RFC 9449 §8', 'none expected')
    return payload['nonce'] === nonce
      ? pass('nonce', 'RFC 9449 §8')
      : fail('nonce', 'RFC 9449 §8', 'pop_failed', 'it is not the one the server gave')
  },
} satisfies Record<string, DpopCheck>

/** Scheme, host and path, normalised as URLs are (RFC 9449 §4.3 item 9). */
function withoutQuery(url: string | URL): string | undefined {
  if (typeof url === 'string' && !URL.canParse(url)) return undefined
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
