import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import * as oauth from 'openid-client'
import { importPrivateKey } from './client-auth/private-key.js'
import type { Provider } from './connect.js'
import type { GrantRequest } from './grants/grant.js'
import type { TokenOf } from './obtain-options.js'

export interface PreparedRequest {
  readonly request: GrantRequest
  /** Private JWK of the proof key, to be kept with the tokens. */
  readonly dpopKey?: JsonWebKey
}

/** What a grant needs beside the provider: the proof key (the stored one, since tokens are bound to it, else a new one) and other profiles' tokens. */
export async function createGrantRequest(
  { profile, configuration }: Pick<Provider, 'profile' | 'configuration'>,
  tokenOf: TokenOf,
  stored?: JsonWebKey,
): Promise<PreparedRequest> {
  if (!profile.dpop) return { request: { profile, tokenOf } }
  const dpopKey = stored ?? (await newKey())
  return { request: { profile, tokenOf, dpop: await dpopHandleOf(configuration, dpopKey) }, dpopKey }
}

/** Makes proofs with a kept key; remembers the nonces that servers ask for (RFC 9449 §8). */
export async function dpopHandleOf(configuration: oauth.Configuration, key: JsonWebKey): Promise<oauth.DPoPHandle> {
  return oauth.getDPoPHandle(configuration, await keyPairOf(key))
}

async function newKey(): Promise<JsonWebKey> {
  const { privateKey } = await oauth.randomDPoPKeyPair('ES256', { extractable: true })
  return (await crypto.subtle.exportKey('jwk', privateKey)) as JsonWebKey
}

async function keyPairOf(jwk: JsonWebKey): Promise<oauth.CryptoKeyPair> {
  const { importJWK } = await import('jose')
  const { key, alg } = await importPrivateKey(JSON.stringify(jwk), 'proof key')
  const spki = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' })).export({ format: 'jwk' })
  // The proof carries the public key, so this one has to be extractable.
  const publicKey = (await importJWK(spki as Parameters<typeof importJWK>[0], alg, { extractable: true })) as oauth.CryptoKey
  return { privateKey: key, publicKey }
}
