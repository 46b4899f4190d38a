import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { createKeySet, type KeySet } from '../../src/jwt/key-set.js'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'

export const NOW = 1_800_000_000
export const SECRET = 'a secret that is longer than sixty-four bytes, so that HS512 is content with it'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pairs: Readonly<Record<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>> = {
  rsa,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
}
const KEY_OF: Readonly<Record<string, string>> = {
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  ES256: 'p256',
  ES384: 'p384',
  ES512: 'p521',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
}

/** The published keys, as a document and made ready. */
export const JWKS = { keys: Object.entries(pairs).map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid }) as Jwk) }
export const KEYS: KeySet = createKeySet(JWKS)

const b64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64url')
const time = fc.oneof(
  fc.integer({ min: NOW - 5, max: NOW + 5 }),
  fc.double({ min: NOW - 2, max: NOW + 2, noNaN: true }),
  fc.constantFrom(0, -1, 1e300),
)
const oddTime = fc.oneof(
  { weight: 8, arbitrary: time },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(String(NOW + 60), null, true, [], {}) },
)
const name = fc.constantFrom('https://idp.example', 'https://idp.example/', 'orders', 'billing', '')

const oddClaims = fc.record(
  {
    exp: oddTime,
    nbf: oddTime,
    iat: oddTime,
    iss: fc.oneof({ weight: 6, arbitrary: name }, { weight: 1, arbitrary: fc.jsonValue() }),
    aud: fc.oneof(
      { weight: 4, arbitrary: name },
      { weight: 2, arbitrary: fc.array(name, { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    sub: fc.string(),
  },
  { requiredKeys: [] },
)

/** Claims as they come: good ones, with some of them replaced by odd ones half of the time; times are around now. */
export const claims = fc.tuple(fc.boolean(), oddClaims).map(([odd, others]) => {
  return { exp: NOW + 60, iss: 'https://idp.example', aud: 'orders', ...(odd && others) } as JsonObject
})

const header = fc.record(
  {
    typ: fc.constantFrom('JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT', ''),
    kid: fc.constantFrom('rsa', 'p256', 'ed25519', 'unknown', ''),
    crit: fc.constantFrom<unknown>(['exp'], [], 'x', ['b64']),
    b64: fc.constantFrom<unknown>(false, true),
    jwk: fc.constant(JWKS.keys[0]),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>

/** Signed tokens of every algorithm; header members that matter are often there. */
export const signedToken = fc
  .tuple(fc.constantFrom(...Object.keys(KEY_OF), 'HS256', 'HS512'), fc.boolean(), fc.integer({ min: 0, max: 9 }), header, claims)
  .map(([alg, withKid, luck, extra, payload]) => {
    const kid = KEY_OF[alg]
    const key = kid === undefined ? createSecretKey(Buffer.from(SECRET)) : (pairs[kid]?.privateKey as KeyObject)
    const honest = { alg, ...(withKid && kid !== undefined && { kid }) }
    const { typ } = extra
    return signJwt(
      luck < 7
        ? { ...honest, ...(typ !== undefined && { typ }) }
        : { ...extra, ...honest, ...(luck === 9 && { kid: extra['kid'] ?? 'unknown' }) },
      payload,
      key,
    )
  })

/** One small damage to a text: a character changed, left out, doubled or put in, a part dropped. */
const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.nat(),
      fc.constantFrom('change', 'drop', 'double', 'insert', 'cut', 'part'),
      fc.constantFrom(...Array.from('AZaz09-_=.+/ \n~é\u0000')),
    )
    .map(([whole, at, how, letter]) => {
      const index = at % whole.length
      const [before, after] = [whole.slice(0, index), whole.slice(index + 1)]
      if (how === 'change') return before + letter + after
      if (how === 'drop') return before + after
      if (how === 'double') return before + whole[index] + whole.slice(index)
      if (how === 'insert') return before + letter + whole.slice(index)
      return how === 'cut'
        ? before
        : whole
            .split('.')
            .slice(0, at % 3)
            .join('.')
    })

const json = fc.json({ maxDepth: 2 })

/** Signed beforehand: signing costs more than everything else a property does. */
export const pooledToken = (size: number): fc.Arbitrary<string> => fc.constantFrom(...fc.sample(signedToken, size))

/** Anything somebody may hand to a verifier: honest tokens, damaged ones, parts of any bytes, any text. */
export const anyToken = (signed: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: signed },
    { weight: 3, arbitrary: damaged(signed) },
    { weight: 2, arbitrary: fc.tuple(json, json, fc.uint8Array()).map(([a, b, c]) => `${b64(a)}.${b64(b)}.${b64(c)}`) },
    { weight: 1, arbitrary: fc.tuple(fc.uint8Array(), fc.uint8Array(), fc.uint8Array()).map((parts) => parts.map(b64).join('.')) },
    { weight: 1, arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }) },
  )
