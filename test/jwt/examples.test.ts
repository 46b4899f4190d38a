import { createPrivateKey, createSecretKey, type JsonWebKeyInput } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../src/jwt/decode.js'
import { decryptJwe } from '../../src/jwt/decrypt.js'
import { verifyDpopProof } from '../../src/jwt/dpop.js'
import { createKeySet, keySetOfJwk } from '../../src/jwt/key-set.js'
import { readToken } from '../../src/jwt/reading.js'
import { thumbprint } from '../../src/jwt/thumbprint.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'
import { verifyJwt } from '../../src/jwt/verify.js'
import { verifyJws } from '../../src/jwt/verify-jws.js'

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
    alg: string
    key: Jwk | null
    password: string | null
    plaintext: string
    output: { compact?: string }
  }[]
  readonly nested: { signatureKey: Jwk; encryptionKey: Jwk; claims: string; compact: string; inner: string }
}
interface Examples {
  readonly jws: readonly { section: string; key: Jwk; compact: string }[]
  readonly unsecured: string
  readonly general: JsonObject
  readonly generalKeys: Jwk[]
  readonly dpop: readonly { section: string; proof: string; iat: number; method: string; url: string; accessToken?: string }[]
  readonly jkt: string
  readonly thumbprint: { key: Jwk; value: string }
}
const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../fixtures/tokens/${name}`, import.meta.url), 'utf8'))
const rfc7520 = load('rfc7520.json') as Rfc7520
const examples = load('rfc-examples.json') as Examples
/** Any other character in the middle of the last part: a signature that is not this one. */
const spoil = (text: string) => text.slice(0, -20) + (text.at(-20) === 'A' ? 'B' : 'A') + text.slice(-19)

describe('RFC 7515 appendix A, RFC 8037 appendix A', () => {
  test.for(examples.jws)('$section verifies as printed, and not when altered', ({ key, compact }) => {
    expect(verifyJws(compact, { keys: keySetOfJwk(key) }).valid).toBe(true)
    expect(verifyJws(spoil(compact), { keys: keySetOfJwk(key) }).valid).toBe(false)
  })

  test('the claims of A.1 to A.3 are good until 2011, and never without a signature (A.5)', () => {
    for (const { key, compact } of examples.jws.slice(0, 3)) {
      const keys = keySetOfJwk(key)
      expect(decodeJwt(compact).payload).toEqual({ iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true })
      expect(verifyJwt(compact, { keys, now: 1_300_819_379_999, issuer: 'joe' }).valid).toBe(true)
      expect(verifyJwt(compact, { keys, now: 1_300_819_380_000, issuer: 'joe' }).valid).toBe(false)
      expect(verifyJwt(examples.unsecured, { keys, now: 1_300_819_379_999 }).valid).toBe(false)
    }
    expect(decodeJwt(examples.unsecured).header).toEqual({ alg: 'none' })
  })

  test('A.6: two signatures over one content', () => {
    const keys = createKeySet({ keys: examples.generalKeys })
    expect(verifyJws(JSON.stringify(examples.general), { keys })).toMatchObject({
      valid: true,
      signatures: [{ valid: true }, { valid: true }],
    })
    const one = createKeySet({ keys: examples.generalKeys.slice(0, 1) })
    expect(verifyJws(JSON.stringify(examples.general), { keys: one })).toMatchObject({
      valid: false,
      signatures: [{ valid: true }, { valid: false }],
    })
  })
})

describe('RFC 7520 section 4: signatures', () => {
  test.for(rfc7520.jws)('$section $title', ({ keys: jwks, payload, output, section }) => {
    const keys = createKeySet({ keys: jwks }, { symmetric: true })
    const content = section === '4.5' ? { detached: Buffer.from(payload) } : {}
    const texts = [output.compact, output.json && JSON.stringify(output.json), output.json_flat && JSON.stringify(output.json_flat)]
    for (const text of texts.filter((form) => form !== undefined)) {
      const verdict = verifyJws(text, { keys, ...content })
      expect(verdict.valid).toBe(true)
      expect(verdict.payload?.toString()).toBe(payload)
      expect(verifyJws(text, { keys: createKeySet({ keys: [] }), ...content }).valid).toBe(false)
      expect(verifyJws(text, { keys, detached: Buffer.from('something else') }).valid).toBe(false)
    }
    if (output.compact && section !== '4.5')
      expect(readToken({ token: output.compact, source: undefined, stripped: [] })).toMatchObject({
        form: 'jws',
        header: { kid: jwks[0]?.kid },
      })
    if (output.json)
      expect(readToken({ token: JSON.stringify(output.json), source: undefined, stripped: [] }).form).toMatch(
        section === '4.5' ? /opaque/ : /jws-json/,
      )
  })
})

describe('RFC 7520 sections 5 and 6: encryption', () => {
  const compact = rfc7520.jwe.filter(({ output }) => output.compact !== undefined)
  const keyOf = ({ key, password }: { key: Jwk | null; password?: string | null }) =>
    password
      ? createSecretKey(Buffer.from(password))
      : key?.kty === 'oct'
        ? createSecretKey(Buffer.from(String(key['k']), 'base64url'))
        : createPrivateKey({ key, format: 'jwk' } as JsonWebKeyInput)

  test.for(compact.filter(({ alg }) => alg !== 'RSA1_5'))('$section $title', async ({ output, plaintext, ...row }) => {
    expect((await decryptJwe(output.compact ?? '', keyOf(row))).toString()).toBe(plaintext)
    await expect(decryptJwe(spoil(output.compact ?? ''), keyOf(row))).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
  })

  test('5.1: RSA1_5 is refused by name', async () => {
    const row = compact.find(({ alg }) => alg === 'RSA1_5')
    expect(row?.section).toBe('5.1')
    await expect(decryptJwe(row?.output.compact ?? '', keyOf(row ?? { key: null }))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      hint: expect.stringContaining('RSA1_5') as string,
    })
  })

  test('6: a signed token inside an encrypted one', async () => {
    const { nested } = rfc7520
    const inner = (await decryptJwe(nested.compact, keyOf({ key: nested.encryptionKey }))).toString()
    expect(inner).toBe(nested.inner)
    expect(verifyJwt(inner, { keys: keySetOfJwk(nested.signatureKey), now: 0 }).valid).toBe(true)
    expect(decodeJwt(inner).payload).toEqual(JSON.parse(nested.claims))
  })
})

describe('RFC 9449 figures 2 and 13: DPoP proofs', () => {
  test.for(examples.dpop)('$section', ({ proof, iat, method, url, accessToken }) => {
    const options = { now: iat * 1000, method, url, ...(accessToken !== undefined && { accessToken }) }
    expect(verifyDpopProof(proof, options)).toMatchObject({ valid: true, jkt: examples.jkt })
    expect(verifyDpopProof(spoil(proof), options).valid).toBe(false)
    expect(verifyDpopProof(proof, { ...options, method: 'DELETE' }).valid).toBe(false)
    expect(verifyDpopProof(proof, { ...options, url: 'https://other.example' }).valid).toBe(false)
    expect(verifyDpopProof(proof, { ...options, accessToken: 'another' }).valid).toBe(false)
    expect(verifyDpopProof(proof, { ...options, now: (iat + 301) * 1000 }).valid).toBe(false)
  })
})

test('RFC 7638 §3.1: the thumbprint as printed', () => {
  expect(thumbprint(examples.thumbprint.key)).toBe(examples.thumbprint.value)
})
