import { createHash, createPublicKey, createSecretKey, X509Certificate, type KeyObject } from 'node:crypto'
import { OidcgwError } from '../errors.js'
import { blameRuntime } from './module-lattice.js'
import type { Jwk, JwkSet } from './types.js'
import { readVerificationKey, toVerificationKey, type KeyReading, type VerificationKey } from './verification-key.js'

/** A key that was left out, and why. */
export interface SkippedKey {
  /** Position in the set. */
  readonly index: number
  readonly kid: string | undefined
  readonly reason: string
}

/** Keys made ready once. Immutable: other content is another set with another `generation`. */
export interface KeySet {
  readonly keys: readonly VerificationKey[]
  readonly skipped: readonly SkippedKey[]
  /** Digest of the content; equal content has equal generation, so a cached verdict can be tied to it. */
  readonly generation: string
  /** Keys that a header may mean: those of its `kid`, all of them when it names none, and pinned ones always. */
  candidates(kid: string | undefined): readonly VerificationKey[]
}

export interface KeySetOptions {
  /** HMAC secret the caller holds (for Kong, `client_secret` with `enable_hs_signatures`); without it every HS* token is refused. */
  readonly secret?: string | Uint8Array
  /** Accept `oct` keys: only for a set the caller owns, never for a fetched one. Default false. */
  readonly symmetric?: boolean
}

/** Makes the keys of a JWK Set ready. A key that cannot be used is left out and reported; the others work (RFC 7517 §5). */
export function createKeySet(jwks: JwkSet, { secret, symmetric = false }: KeySetOptions = {}): KeySet {
  const listed: readonly unknown[] = Array.isArray(jwks?.keys) ? jwks.keys : []
  const readings = listed.map((jwk) => readVerificationKey(jwk, { symmetric }))
  const kids = listed.map((jwk) => (typeof (jwk as Jwk | null)?.kid === 'string' ? (jwk as Jwk).kid : undefined))
  if (secret !== undefined) readings.push(toVerificationKey(createSecretKey(Buffer.from(secret)), { pinned: true }))
  const digest = createHash('sha256').update(JSON.stringify(listed))
  if (secret !== undefined) digest.update('\0').update(secret)
  return assemble(readings, kids, digest.digest('base64url'))
}

/** The key set of one JWK the caller named: its `kid` need not match. */
export function keySetOfJwk(jwk: Jwk): KeySet {
  const digest = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url')
  return assemble([readVerificationKey(jwk, { symmetric: true, pinned: true })], [jwk.kid], digest)
}

/**
 * The key set of PEM text: public keys, private keys (their public half), certificates; one or more of them.
 * @throws {OidcgwError} `ERR_NOT_A_KEY` when there is none, `ERR_UNSUPPORTED` for one this runtime lacks (ML-DSA).
 */
export function keySetOfPem(pem: string): KeySet {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g) ?? []
  if (blocks.length === 0)
    throw new OidcgwError('ERR_NOT_A_KEY', 'there is no PEM block in it', { hint: 'Expected -----BEGIN PUBLIC KEY-----' })
  const keys = blocks.filter((block) => !/BEGIN EC PARAMETERS/.test(block)).map(publicKeyOfPem)
  return assemble(
    keys.map(({ key, jwk }) => toVerificationKey(key, { jwk, pinned: true })),
    [],
    createHash('sha256').update(pem).digest('base64url'),
  )
}

/** A Node whose OpenSSL knows more keys than itself reads one and cannot show it as a JWK. */
function publicKeyOfPem(block: string): { readonly key: KeyObject; readonly jwk: Jwk } {
  try {
    const key = block.includes('CERTIFICATE') ? new X509Certificate(block).publicKey : createPublicKey(block)
    return { key, jwk: key.export({ format: 'jwk' }) as Jwk }
  } catch (cause) {
    blameRuntime(block, 'the PEM block', cause)
    const encrypted = block.includes('ENCRYPTED')
    throw new OidcgwError('ERR_NOT_A_KEY', encrypted ? 'the PEM key is encrypted' : 'the PEM block holds no key that can be read', {
      cause,
      hint: 'Give the public key: openssl pkey -in FILE -pubout',
    })
  }
}

function assemble(readings: readonly KeyReading[], kids: readonly (string | undefined)[], generation: string): KeySet {
  return restoreKeySet({
    keys: readings.flatMap((reading) => ('value' in reading ? [reading.value] : [])),
    skipped: readings.flatMap((reading, index) => ('value' in reading ? [] : [{ index, kid: kids[index], reason: reading.problem }])),
    generation,
  })
}

/** A key set from its plain parts: what remains of one after it was handed to a worker thread. */
export function restoreKeySet({ keys, skipped, generation }: Pick<KeySet, 'keys' | 'skipped' | 'generation'>): KeySet {
  const pinned = keys.filter((key) => key.pinned)
  const byKid = new Map<string, VerificationKey[]>()
  for (const key of keys) {
    if (key.kid === undefined || key.pinned) continue
    const sameKid = byKid.get(key.kid)
    if (sameKid) sameKid.push(key)
    else byKid.set(key.kid, [key])
  }
  for (const sameKid of byKid.values()) sameKid.push(...pinned)
  return {
    keys,
    skipped,
    generation,
    candidates: (kid) => (kid === undefined ? keys : (byKid.get(kid) ?? pinned)),
  }
}
