import { CHECKS } from './checks/index.js'
import { fail } from './checks/check.js'
import { readCompactJws } from './compact.js'
import { jsonObject } from './reading.js'
import type { CheckResult, DecodedJwt, JsonObject } from './types.js'
import { createContext, isValid, type VerifyOptions } from './verify.js'

export interface JwsOptions extends Pick<VerifyOptions, 'keys' | 'algorithms'> {
  /** The content, where the JWS itself leaves it out (RFC 7515 App. F). */
  readonly detached?: Uint8Array
}

export interface JwsVerdict {
  /** There is a signature, and every one of them is right. */
  readonly valid: boolean
  readonly payload: Buffer | undefined
  readonly signatures: readonly { readonly header: JsonObject; readonly valid: boolean; readonly checks: readonly CheckResult[] }[]
}

/**
 * Verifies the signatures over any content, compact or as JSON: what is signed need not be claims, and no claim is looked at.
 * @see RFC 7515 §5.2, §7.2
 */
export function verifyJws(text: string, { detached, ...options }: JwsOptions): JwsVerdict {
  const parts = text.trimStart().startsWith('{') ? readJson(text, detached) : readCompact(text, detached)
  if (typeof parts === 'string') {
    return {
      valid: false,
      payload: undefined,
      signatures: [{ header: {}, valid: false, checks: [fail('format', 'RFC 7515 §5.2', 'token_malformed', parts)] }],
    }
  }
  const signatures = parts.tokens.map((token) => {
    const context = createContext(token, { ...options, now: 0 })
    const checks = [CHECKS.alg, CHECKS.crit, CHECKS.key, CHECKS.signature].map((check) => check(context))
    return { header: token.header, valid: isValid(checks), checks }
  })
  return { valid: signatures.length > 0 && signatures.every(({ valid }) => valid), payload: parts.payload, signatures }
}

interface JwsParts {
  readonly payload: Buffer
  readonly tokens: readonly DecodedJwt[]
}

function readCompact(text: string, detached: Uint8Array | undefined): JwsParts | string {
  if (detached && !text.includes('..')) return 'it brings content of its own'
  const whole = detached ? text.replace('..', `.${Buffer.from(detached).toString('base64url')}.`) : text
  const { value, problem } = readCompactJws(whole)
  return problem ?? { payload: value.payloadBytes, tokens: [{ ...value, payload: {} }] }
}

/** Each signature of a JSON serialization is a compact one whose header may have an unprotected part, which must not repeat a name. */
function readJson(text: string, detached: Uint8Array | undefined): JwsParts | string {
  const document = jsonObject(Buffer.from(text))
  if (detached && document?.['payload'] !== undefined) return 'it brings content of its own'
  const payload = detached ? Buffer.from(detached).toString('base64url') : document?.['payload']
  if (!document || typeof payload !== 'string') return 'it is no JWS'
  const tokens: DecodedJwt[] = []
  for (const part of (Array.isArray(document['signatures']) ? document['signatures'] : [document]) as readonly JsonObject[]) {
    const { protected: encoded = '', header: unprotected = {}, signature } = part
    const compact = `${typeof encoded === 'string' && encoded !== '' ? encoded : 'e30'}.${payload}.${typeof signature === 'string' ? signature : '='}`
    const { value, problem } = readCompactJws(compact)
    if (problem !== undefined) return problem
    if (typeof unprotected !== 'object' || unprotected === null || Array.isArray(unprotected))
      return 'its unprotected header is no JSON object'
    const shared = Object.keys(unprotected).find((name) => Object.hasOwn(value.header, name) || name === 'crit' || name === 'b64')
    if (shared !== undefined) return `its unprotected header has ${shared}, which only the protected one may`
    const signingInput = encoded === '' ? `.${payload}` : value.signingInput
    tokens.push({ ...value, signingInput, header: { ...(unprotected as JsonObject), ...value.header }, payload: {} })
  }
  return { payload: Buffer.from(payload, 'base64url'), tokens }
}
