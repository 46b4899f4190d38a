import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import * as oauth from 'openid-client'
import { importPrivateKey } from './client-auth/private-key.js'
import type { ClientHost } from './client-options.js'
import type { Provider } from './connect.js'
import type { GrantRequest } from './grants/grant.js'
import { obtainTokens, type ObtainOptions } from './session.js'

export interface PreparedRequest {
  readonly request: GrantRequest
  /** Private JWK of the proof key, to be kept with the tokens. */
  readonly dpopKey?: JsonWebKey
}

/** What a grant needs beside the provider: the proof key (the stored one, since tokens are bound to it, else a new one) and other profiles' tokens. */
export async function createGrantRequest(
  provider: Provider,
  host: ClientHost,
  options: ObtainOptions,
  stored?: JsonWebKey,
): Promise<PreparedRequest> {
  const { profile, configuration } = provider
  const tokenOf = async (name: string): Promise<string> => {
    if (!options.profileOf) throw new TypeError('profileOf is needed for profile: references')
    return (await obtainTokens(options.profileOf(name), host, { ...options, fresh: false })).access_token
  }
  const base = { profile, tokenOf }
  if (!profile.dpop) return { request: base }
  const dpopKey = stored ?? (await newKey())
  return { request: { ...base, dpop: await dpopHandleOf(configuration, dpopKey) }, dpopKey }
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
