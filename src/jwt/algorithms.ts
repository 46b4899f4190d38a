/** Values of `crypto.constants`, written out so that reading a token loads no crypto. */
const RSA_PKCS1_PSS_PADDING = 6
const RSA_PSS_SALTLEN_DIGEST = -1

export type Family = 'HS' | 'RS' | 'PS' | 'ES' | 'Ed' | 'ML'

/** How a signature algorithm is computed with node:crypto. */
export interface Algorithm {
  readonly family: Family
  /** Digest; `null` where the algorithm brings its own. */
  readonly hash: string | null
  /** `asymmetricKeyType` of the keys that may use it; `secret` for HMAC. */
  readonly keyTypes: readonly string[]
  /** OpenSSL name of the one curve, for ECDSA. */
  readonly curve?: string
  /** Exact signature length in bytes; absent where the key decides (RSA: length of the modulus; EdDSA: the curve). */
  readonly signatureBytes?: number
  /** Extra members for `crypto.sign` and `crypto.verify`. */
  readonly options?: { readonly padding?: number; readonly saltLength?: number; readonly dsaEncoding?: 'ieee-p1363' }
}

const hmac = (bits: number): Algorithm => ({ family: 'HS', hash: `sha${bits}`, keyTypes: ['secret'], signatureBytes: bits / 8 })
/** PKCS #1 v1.5 is what node does with a plain RSA key. */
const pkcs1 = (bits: number): Algorithm => ({ family: 'RS', hash: `sha${bits}`, keyTypes: ['rsa'] })
/** Salt as long as the digest, exactly (RFC 7518 §3.5). */
const pss = (bits: number): Algorithm => ({
  family: 'PS',
  hash: `sha${bits}`,
  keyTypes: ['rsa', 'rsa-pss'],
  options: { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST },
})
/** R and S side by side, never DER (RFC 7518 §3.4). */
const ecdsa = (bits: number, curve: string, signatureBytes: number): Algorithm => ({
  family: 'ES',
  hash: `sha${bits}`,
  keyTypes: ['ec'],
  curve,
  signatureBytes,
  options: { dsaEncoding: 'ieee-p1363' },
})
const edwards = (...keyTypes: string[]): Algorithm => ({ family: 'Ed', hash: null, keyTypes })
const moduleLattice = (level: number, signatureBytes: number): Algorithm => ({
  family: 'ML',
  hash: null,
  keyTypes: [`ml-dsa-${level}`],
  signatureBytes,
})

/**
 * Every signature algorithm there is for us; a name that is not here is refused. `none` is not one of them.
 * @see RFC 7518 §3.1, RFC 8037, RFC 9864, RFC 9964 (ML-DSA, where the runtime has it)
 */
export const ALGORITHMS = {
  HS256: hmac(256),
  HS384: hmac(384),
  HS512: hmac(512),
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, 'prime256v1', 64),
  ES384: ecdsa(384, 'secp384r1', 96),
  ES512: ecdsa(512, 'secp521r1', 132),
  EdDSA: edwards('ed25519', 'ed448'),
  Ed25519: edwards('ed25519'),
  Ed448: edwards('ed448'),
  'ML-DSA-44': moduleLattice(44, 2420),
  'ML-DSA-65': moduleLattice(65, 3309),
  'ML-DSA-87': moduleLattice(87, 4627),
} satisfies Record<string, Algorithm>

export type AlgorithmName = keyof typeof ALGORITHMS

const NAMES = new Map<unknown, Algorithm>(Object.entries(ALGORITHMS))

/** By exact, case-sensitive name; a Map, so that `constructor` finds nothing. */
export const algorithmNamed = (name: unknown): Algorithm | undefined => NAMES.get(name)
