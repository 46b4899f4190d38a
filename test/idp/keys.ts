import { createHash, createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Jwk } from '../../src/jwt/types.js'

type Claims = Record<string, unknown>

const encode = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A client's own EC key: private, and public as a JWK. */
export interface ClientKey {
  readonly privateKey: KeyObject
  readonly jwk: Jwk
}

export function createClientKey(kid = 'client-key'): ClientKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: { ...(createPublicKey(privateKey).export({ format: 'jwk' }) as Jwk), kid, alg: 'ES256', use: 'sig' } }
}

export function signEs256(payload: Claims, { privateKey, jwk }: ClientKey, header: Claims = {}): string {
  const input = `${encode({ alg: 'ES256', kid: jwk.kid, ...header })}.${encode(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export function signHs256(payload: Claims, secret: string): string {
  const input = `${encode({ alg: 'HS256' })}.${encode(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset

/** A client assertion or request object's usual claims (RFC 7523 §3). */
export const assertionClaims = (clientId: string, aud: string, changes: Claims = {}): Claims => ({
  iss: clientId,
  sub: clientId,
  aud,
  jti: randomUUID(),
  iat: seconds(),
  exp: seconds(60),
  ...changes,
})

/** A DPoP proof (RFC 9449 §4.2). */
export function dpopProof(
  key: ClientKey,
  facts: { readonly htm: string; readonly htu: string; readonly token?: string; readonly nonce?: string },
): string {
  const { kty, crv, x, y } = key.jwk
  const ath = facts.token && createHash('sha256').update(facts.token).digest('base64url')
  const payload = {
    jti: randomUUID(),
    iat: seconds(),
    htm: facts.htm,
    htu: facts.htu,
    ...(ath && { ath }),
    ...(facts.nonce && { nonce: facts.nonce }),
  }
  return signEs256(payload, key, { typ: 'dpop+jwt', kid: undefined, jwk: { kty, crv, x, y } })
}

/** RFC 7638 for an EC key, written again here so that it can judge. */
export const thumbprintOf = ({ jwk: { crv, x, y } }: ClientKey): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv, kty: 'EC', x, y }))
    .digest('base64url')
