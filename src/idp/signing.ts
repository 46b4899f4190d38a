import { constants, createPrivateKey, createPublicKey, sign, verify, type KeyObject, type SignKeyObjectInput } from 'node:crypto'
import type { KeyRing, SigningAlg, SigningKey } from './keys.js'

type Options = Omit<SignKeyObjectInput, 'key'>

export const ALGS: Readonly<Record<SigningAlg, { readonly hash: string | null; readonly options: Options }>> = {
  RS256: { hash: 'sha256', options: {} },
  PS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } },
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { hash: null, options: {} },
}

interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

// Reading an RSA key from its JWK costs as much as signing with it.
const PAIRS = new WeakMap<SigningKey, KeyPair>()

/** Both halves of a signing key as Node's key objects. */
export function keysOf(key: SigningKey): KeyPair {
  const known = PAIRS.get(key)
  if (known) return known
  const privateKey = createPrivateKey({ key, format: 'jwk' })
  const pair = { privateKey, publicKey: createPublicKey(privateKey) }
  PAIRS.set(key, pair)
  return pair
}

export type Claims = Record<string, unknown>

export interface JwtParts {
  readonly header: Claims
  readonly payload: Claims
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A compact JWS by one of the provider's keys; `alg` and `kid` come from the key unless the header says otherwise (RFC 7515 §7.1). */
export function signJwt({ header, payload }: JwtParts, key: SigningKey): string {
  const input = `${encode({ alg: key.alg, kid: key.kid, ...header })}.${encode(payload)}`
  const { hash, options } = ALGS[key.alg]
  const signature = sign(hash, Buffer.from(input), { key: keysOf(key).privateKey, ...options })
  return `${input}.${signature.toString('base64url')}`
}

/** Header and payload without any check; undefined when it is no compact JWS. */
export function decodeParts(token: unknown): JwtParts | undefined {
  const parts = typeof token === 'string' ? token.split('.') : []
  if (parts.length !== 3) return undefined
  try {
    const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims)
    return header && payload && typeof header === 'object' && typeof payload === 'object' ? { header, payload } : undefined
  } catch {
    return undefined
  }
}

/** The claims of a token that one of these keys signed; undefined otherwise. Time and issuer are not looked at. */
export function verifyOwnJwt(token: unknown, keys: KeyRing): Claims | undefined {
  const parts = decodeParts(token)
  const key = parts && keys.find(parts.header['kid'])
  if (!key || parts.header['alg'] !== key.alg) return undefined
  const text = token as string
  const dot = text.lastIndexOf('.')
  const { hash, options } = ALGS[key.alg]
  const genuine = verify(
    hash,
    Buffer.from(text.slice(0, dot)),
    { key: keysOf(key).publicKey, ...options },
    Buffer.from(text.slice(dot + 1), 'base64url'),
  )
  return genuine ? parts.payload : undefined
}
