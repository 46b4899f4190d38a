import type { JsonWebKeyInput } from 'node:crypto'
import { crypto } from '../lazy-crypto.js'
import { printable, showValue } from '../printable.js'
import type { JsonObject } from '../types.js'
import { error, info, warn, type Hit } from './rule.js'

/** Registered header parameters: they may not be named in `crit` (RFC 7515 §4.1.11). */
const REGISTERED: readonly string[] = [
  'alg',
  'jku',
  'jwk',
  'kid',
  'x5u',
  'x5c',
  'x5t',
  'x5t#S256',
  'typ',
  'cty',
  'crit',
  'enc',
  'zip',
  'epk',
  'apu',
  'apv',
  'iv',
  'tag',
  'p2s',
  'p2c',
]

/** A `jku` or `x5u`: where a token says its keys are (RFC 8725 §3.10). */
export function keyUrl(name: string, value: unknown, iss: unknown): Hit {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  const issuer = typeof iss === 'string' && URL.canParse(iss) ? new URL(iss) : undefined
  if (url?.protocol !== 'https:') return error(`${name} is no https URL`)
  return issuer && url.host !== issuer.host
    ? error(`${name} points at ${printable(url.host)}, not at the issuer’s host`)
    : warn(`${name}: verifiers must not fetch keys from where a token says`)
}

/** What `crit` asks of a verifier (RFC 7515 §4.1.11). */
export function critical({ crit, ...header }: JsonObject): Hit {
  if (!Array.isArray(crit) || crit.length === 0 || crit.some((name) => typeof name !== 'string'))
    return error('crit is not a list of names')
  const names = crit as readonly string[]
  if (new Set(names).size < names.length) return error('crit names something twice')
  const wrong = names.find((name) => REGISTERED.includes(name) || !Object.hasOwn(header, name))
  if (wrong !== undefined) return error(`crit names ${showValue(wrong)}, which is registered or not there`)
  return info(`crit: a verifier must understand ${names.map(showValue).join(', ')}, or refuse the token`)
}

/** The first certificate of an `x5c`: whose, and whether it is valid now. */
export function certificate(x5c: unknown, nowSeconds: number): Hit {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined
  try {
    const { subject, validTo, validFrom } = new (crypto().X509Certificate)(Buffer.from(String(first), 'base64'))
    const name = printable(subject.replaceAll('\n', ', '))
    const valid = Date.parse(validFrom) <= nowSeconds * 1000 && nowSeconds * 1000 <= Date.parse(validTo)
    return valid
      ? info(`x5c: ${name}, until ${validTo}; it must end in configured trust`)
      : warn(`x5c: ${name} is valid from ${validFrom} to ${validTo}, not now`)
  } catch {
    return warn('x5c holds no certificate')
  }
}

/** Whether a JWK is a key at all; node refuses a point that is not on its curve. */
export function isKey(jwk: unknown): boolean {
  try {
    crypto().createPublicKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
    return true
  } catch (cause) {
    // A curve this runtime does not know (X25519 variants) is no proof of an attack.
    return (cause as { code?: string }).code === 'ERR_CRYPTO_INVALID_CURVE'
  }
}
