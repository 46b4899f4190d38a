import { createHmac } from 'node:crypto'
import { generateSigningKey, type KeyRing, type SigningKey } from './keys.js'
import { decodeParts, keysOf, signJwt, type Claims, type JwtParts } from './signing.js'

/**
 * What can be falsified on its way out. The first four are JWTs (of `authorization_response` the claims of JARM, else the plain
 * parameters of the redirect); the others are JSON answers, where only `claims` counts. userinfo and introspection may be either.
 */
export type TamperTarget =
  | 'id_token'
  | 'access_token'
  | 'authorization_response'
  | 'userinfo'
  | 'introspection'
  | 'token_response'
  | 'device_authorization'
  | 'par'
  | 'discovery'
  | 'jwks'

/**
 * - `genuine` the key that signed it, also for changed claims (the default)
 * - `other-key` a key nobody publishes, under the genuine `kid`
 * - `unknown-kid` the same under its own `kid`
 * - `none` `alg: none` and no signature (RFC 7519 §6)
 * - `hmac-public-key` HS256 with the public key's PEM as secret (RFC 8725 §2.1)
 * - `broken` the genuine signature with one bit changed
 * - `stripped` an empty signature under the genuine header
 */
type TamperSignature = 'genuine' | 'other-key' | 'unknown-kid' | 'none' | 'hmac-public-key' | 'broken' | 'stripped'

export interface Tamper {
  readonly target: TamperTarget
  /** Claims to set; undefined and null take one away. Or a function from all claims to all claims. */
  readonly claims?: Claims | ((claims: Claims) => Claims)
  /** Header parameters to set, in the same way. */
  readonly header?: Claims
  /** Default `genuine`. */
  readonly signature?: TamperSignature
  /** For how many answers. Default 1; 0 until it is taken away. */
  readonly times?: number
}

const merged = (values: Claims, changes: Claims | undefined): Claims =>
  Object.fromEntries(Object.entries({ ...values, ...changes }).filter(([, value]) => value !== undefined && value !== null))

const changed = (claims: Claims, change: Tamper['claims']): Claims =>
  typeof change === 'function' ? change(claims) : merged(claims, change)

/** The falsifications in force, oldest first. */
export class Tampers {
  readonly #keys: KeyRing
  #pending: { readonly tamper: Tamper; left: number }[] = []

  constructor(keys: KeyRing) {
    this.#keys = keys
  }

  /** Returns what takes this one away again. */
  add(tamper: Tamper): () => void {
    const entry = { tamper, left: tamper.times === 0 ? Infinity : (tamper.times ?? 1) }
    this.#pending.push(entry)
    return () => void (this.#pending = this.#pending.filter((other) => other !== entry))
  }

  clear(): void {
    this.#pending = []
  }

  #take(target: TamperTarget): Tamper | undefined {
    const entry = this.#pending.find(({ tamper }) => tamper.target === target)
    if (entry && --entry.left <= 0) this.#pending = this.#pending.filter((other) => other !== entry)
    return entry?.tamper
  }

  /** The claims of a JSON answer, falsified when that was asked for. */
  json(target: TamperTarget, claims: Claims): Claims {
    const tamper = this.#take(target)
    return tamper ? changed(claims, tamper.claims) : claims
  }

  /** Changes to plain parameters, when that was asked for. */
  parameters(target: TamperTarget): ((parameters: Claims) => Claims) | undefined {
    const tamper = this.#take(target)
    return tamper && ((parameters) => changed(parameters, tamper.claims))
  }

  /** A JWT, falsified when that was asked for. Anything else stays as it is and uses nothing up. */
  async jwt(target: TamperTarget, token: string): Promise<string> {
    const parts = decodeParts(token)
    const key = parts && this.#keys.find(parts.header['kid'])
    const tamper = key && this.#take(target)
    if (!tamper) return token
    const falsified = { header: merged(parts.header, tamper.header), payload: changed(parts.payload, tamper.claims) }
    return resign(falsified, key, tamper.signature ?? 'genuine')
  }
}

async function resign({ header, payload }: JwtParts, key: SigningKey, signature: TamperSignature): Promise<string> {
  const signed = signJwt({ header, payload }, key)
  const unsigned = signed.slice(0, signed.lastIndexOf('.'))
  switch (signature) {
    case 'genuine':
      return signed
    case 'broken':
      return `${unsigned}.${flip(signed.slice(unsigned.length + 1))}`
    case 'stripped':
      return `${unsigned}.`
    case 'none': {
      const { kid: _kid, ...rest } = header
      return `${encode({ ...rest, alg: 'none' })}.${encode(payload)}.`
    }
    case 'other-key':
      return signJwt({ header, payload }, { ...(await generateSigningKey(key.alg)), kid: key.kid })
    case 'unknown-kid': {
      const other = await generateSigningKey(key.alg)
      return signJwt({ header: { ...header, kid: other.kid }, payload }, other)
    }
    case 'hmac-public-key': {
      const pem = keysOf(key).publicKey.export({ type: 'spki', format: 'pem' })
      const input = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`
      return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
    }
  }
}

const encode = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function flip(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return bytes.toString('base64url')
}
