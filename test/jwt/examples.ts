import { readFileSync } from 'node:fs'
import type { JsonObject, Jwk, JwkSet } from '../../src/jwt/types.js'

interface Rfc7520 {
  readonly jws: readonly {
    section: string
    title: string
    keys: Jwk[]
    payload: string
    output: { compact?: string; json?: JsonObject; json_flat?: JsonObject }
  }[]
  readonly jwe: readonly {
    section: string
    title: string
    alg: string | readonly string[]
    key: Jwk | readonly Jwk[] | null
    password: string | null
    plaintext: string
    output: { compact?: string; json?: JsonObject; json_flat?: JsonObject }
  }[]
  readonly nested: { signatureKey: Jwk; encryptionKey: Jwk; claims: string; compact: string; inner: string }
}

interface Examples {
  readonly jws: readonly { section: string; key: Jwk; compact: string }[]
  /** What a signer must come to, octet by octet: these algorithms use no randomness. */
  readonly deterministic: readonly { section: string; key: Jwk; header: JsonObject & { alg: string }; compact: string }[]
  readonly unsecured: string
  readonly criticalUnknown: string
  readonly general: JsonObject
  readonly flattened: JsonObject
  readonly generalKeys: Jwk[]
  readonly jwe: readonly { section: string; key: Jwk; plaintext: string; token: string | JsonObject }[]
  readonly rsa1_5: { key: Jwk; tokens: readonly { section: string; token: string | JsonObject }[] }
  readonly keys: { public: JwkSet; private: JwkSet; symmetric: JwkSet; certified: Jwk }
  readonly agreement: readonly {
    section: string
    header: JsonObject & { alg: string; enc: string }
    key: Jwk
    z: string
    derived?: string
  }[]
  readonly okp: { key: Jwk; thumbprint: string }
  readonly accessToken: { header: string; claims: JsonObject }
  readonly dpop: readonly { section: string; proof: string; iat: number; method: string; url: string; accessToken?: string }[]
  readonly jkt: string
  readonly thumbprint: { key: Jwk; value: string }
}

const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/tokens/${name}`, import.meta.url), 'utf8'))

/** The cookbook of JOSE, whole. */
export const rfc7520 = load('rfc7520.json') as Rfc7520

/** The examples that the other RFCs print. */
export const examples = load('rfc-examples.json') as Examples

/** Any other character in the middle of the last part: a signature or content that is not this one. */
export const spoil = (text: string): string => text.slice(0, -20) + (text.at(-20) === 'A' ? 'B' : 'A') + text.slice(-19)
