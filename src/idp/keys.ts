import { createHash, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { Jwk, JwkSet } from '../jwt/types.js'

export type SigningAlg = 'RS256' | 'PS256' | 'ES256' | 'EdDSA'

/** A private JWK with `kid`, `alg` and `use`. */
export type SigningKey = Jwk & { readonly kid: string; readonly alg: SigningAlg }

const generate = promisify(generateKeyPair)

export async function generateSigningKey(alg: SigningAlg): Promise<SigningKey> {
  const { privateKey } =
    alg === 'ES256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? await generate('ed25519')
        : await generate('rsa', { modulusLength: 2048 })
  const jwk = privateKey.export({ format: 'jwk' }) as Jwk
  return { ...jwk, kid: thumbprint(jwk), alg, use: 'sig' }
}

/** The base64url SHA-256 thumbprint over the required public members (RFC 7638 §3). */
export function thumbprint(jwk: Jwk): string {
  const names = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] }[jwk.kty ?? ''] ?? []
  const members = Object.fromEntries(names.map((name) => [name, jwk[name]]))
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

const ALG_OF: Readonly<Record<string, SigningAlg>> = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' }

/** The signing keys of a provider, newest first: the first of an algorithm signs, all are published. */
export class KeyRing {
  #keys: readonly SigningKey[]

  constructor(keys: readonly SigningKey[]) {
    this.#keys = keys
  }

  static async create(algs: readonly SigningAlg[]): Promise<KeyRing> {
    return new KeyRing(await Promise.all(algs.map(generateSigningKey)))
  }

  /** Private JWKs somebody brought; missing `kid` and `alg` are filled in. */
  static from({ keys }: JwkSet): KeyRing {
    return new KeyRing(
      keys.map((jwk) => ({
        ...jwk,
        kid: jwk.kid ?? thumbprint(jwk),
        alg: (jwk.alg as SigningAlg | undefined) ?? ALG_OF[jwk.kty ?? ''] ?? 'RS256',
        use: 'sig',
      })),
    )
  }

  get all(): readonly SigningKey[] {
    return this.#keys
  }

  get algs(): readonly SigningAlg[] {
    return [...new Set(this.#keys.map(({ alg }) => alg))]
  }

  current(alg: string): SigningKey | undefined {
    return this.#keys.find((key) => key.alg === alg)
  }

  find(kid: unknown): SigningKey | undefined {
    return this.#keys.find((key) => key.kid === kid)
  }

  /** New keys for every algorithm in front of the old ones, or in their place. Returns the kid of the first. */
  async rotate({ keepOld }: { readonly keepOld: boolean }): Promise<string> {
    const fresh = await Promise.all(this.algs.map(generateSigningKey))
    this.#keys = keepOld ? [...fresh, ...this.#keys] : fresh
    return fresh[0]?.kid ?? ''
  }
}
