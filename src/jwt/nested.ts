import { decodeBase64url } from './base64url.js'
import { crypto } from './lazy-crypto.js'
import { showValue } from './printable.js'
import { readToken, type TokenReading } from './reading.js'
import type { JsonValue } from './types.js'

/** The token inside a token (`cty: JWT`), or undefined. Each level has to be verified by itself (RFC 7519 §5.2). */
export function nestedToken({ payload, payloadBytes, header }: TokenReading): TokenReading | undefined {
  const inner = payload ? undefined : payloadBytes?.toString('latin1')
  if (inner === undefined || !/^[\w-]+(\.[\w-]*){2,4}$/.test(inner)) return undefined
  const reading = readToken({ token: inner, source: header?.['cty'] === undefined ? 'the payload' : 'the payload (cty)', stripped: [] })
  return reading.form === 'opaque' ? undefined : reading
}

/** A claim that an SD-JWT discloses beside its signed part. */
export interface Disclosure {
  /** Undefined for an element of a list. */
  readonly name: string | undefined
  readonly value: JsonValue
  /** What stands in `_sd` for it; only then is it vouched for. */
  readonly digest: string
  readonly referenced: boolean
}

/** Hash names of RFC 9901 §4.1.1 as node knows them. */
const HASHES: ReadonlyMap<unknown, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
])

/** The disclosures of an SD-JWT with the digest each must have in the signed part (RFC 9901 §4.2). A key-binding JWT is not one. */
export function readDisclosures({ disclosures, payload }: TokenReading): readonly Disclosure[] {
  const hash = HASHES.get(payload?.['_sd_alg'] ?? 'sha-256')
  const signed = JSON.stringify([payload, ...disclosures.map((text) => decodeBase64url(text)?.toString('utf8') ?? '')])
  return disclosures.flatMap((text) => {
    const parts = parseDisclosure(text)
    if (!parts) return []
    const digest = hash ? crypto().createHash(hash).update(text).digest('base64url') : ''
    return [
      {
        name: parts.length === 3 ? showValue(parts[1]) : undefined,
        value: parts.at(-1) ?? null,
        digest,
        referenced: digest !== '' && signed.includes(digest),
      },
    ]
  })
}

function parseDisclosure(text: string): readonly JsonValue[] | undefined {
  try {
    const value = JSON.parse(decodeBase64url(text)?.toString('utf8') ?? '') as unknown
    return Array.isArray(value) && (value.length === 2 || value.length === 3) ? (value as JsonValue[]) : undefined
  } catch {
    return undefined
  }
}
