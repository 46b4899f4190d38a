import { OidcgwError } from '../errors.js'
import { algorithmNamed } from './algorithms.js'
import type { Jwk } from './types.js'

/** What a person can do about it. */
export const NEEDS_NEWER_NODE = 'ML-DSA needs Node 24.6 or later'

/** Whether this runtime has no ML-DSA (FIPS 204, RFC 9964): Node's own OpenSSL has it from 24.6 on. */
export function lacksModuleLattice(version = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 24 || (major === 24 && minor < 6)
}

/** The OIDs of the three variants, 2.16.840.1.101.3.4.3.17 to .19, in DER. */
const OBJECT_IDENTIFIERS = ['11', '12', '13'].map((last) => Buffer.from(`06096086480165030403${last}`, 'hex'))

/** Whether a key is of ML-DSA, readable here or not. */
export function isModuleLattice(key: Jwk | string): boolean {
  if (typeof key !== 'string') return key.kty === 'AKP' && algorithmNamed(key.alg)?.family === 'ML'
  const der = Buffer.from(key.replace(/-----[^-]+-----/g, ''), 'base64')
  return OBJECT_IDENTIFIERS.some((identifier) => der.includes(identifier))
}

/** Why a key that could not be read may be a good one nevertheless; undefined when that is not the reason. */
export const unreadableHere = (key: Jwk | string): string | undefined =>
  lacksModuleLattice() && isModuleLattice(key) ? `it is for ML-DSA, which this Node (${process.versions.node}) cannot do` : undefined

/**
 * For a key that could not be read.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` when only this runtime is to blame.
 */
export function blameRuntime(key: Jwk | string, what: string, cause: unknown): void {
  const reason = unreadableHere(key)
  if (reason) throw new OidcgwError('ERR_UNSUPPORTED', `${what} cannot be used: ${reason}`, { cause, hint: NEEDS_NEWER_NODE })
}
