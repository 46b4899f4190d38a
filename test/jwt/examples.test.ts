import { createPrivateKey, generateKeyPairSync, type JsonWebKeyInput } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../src/jwt/decode.js'
import { verifyDpopProof } from '../../src/jwt/dpop.js'
import { createKeySet, keySetOfJwk } from '../../src/jwt/key-set.js'
import { readToken } from '../../src/jwt/reading.js'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'
import { verifyJwt, type VerifyOptions } from '../../src/jwt/verify.js'
import { verifyJws } from '../../src/jwt/verify-jws.js'
import { examples, rfc7520, spoil } from './examples.js'

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

  test('A.7: the same in its flattened form', () => {
    const keys = createKeySet({ keys: examples.generalKeys })
    expect(verifyJws(JSON.stringify(examples.flattened), { keys })).toMatchObject({ valid: true, signatures: [{ valid: true }] })
    expect(
      verifyJws(JSON.stringify({ ...examples.flattened, signature: spoil(examples.flattened['signature'] as string) }), { keys }).valid,
    ).toBe(false)
    expect(verifyJws(JSON.stringify(examples.flattened), { keys: createKeySet({ keys: examples.generalKeys.slice(0, 1) }) }).valid).toBe(
      false,
    )
  })

  test('E: an extension that is critical and unknown is refused', () => {
    const { key } = examples.jws[0] as (typeof examples.jws)[number]
    const { valid, signatures } = verifyJws(examples.criticalUnknown, { keys: keySetOfJwk(key) })
    expect(valid).toBe(false)
    expect(signatures[0]?.checks).toContainEqual(expect.objectContaining({ check: 'crit', outcome: 'fail' }))
    expect(signatures[0]?.header).toMatchObject({ crit: ['http://example.com/UNDEFINED'] })
  })

  test.for(examples.deterministic)('$section is what we sign, octet by octet', ({ key, header, compact }) => {
    const sign = (content: Buffer) => signJwt(header, content, createPrivateKey({ key, format: 'jwk' } as JsonWebKeyInput))
    const content = Buffer.from(compact.split('.')[1] as string, 'base64url')
    expect(sign(content)).toBe(compact)
    expect(sign(Buffer.concat([content, Buffer.from(' ')]))).not.toBe(compact)
  })
})

describe('RFC 7519', () => {
  test('§3.1 and §6.1 are the claims of RFC 7515 A.1 and A.5, signed and not', () => {
    const [signed] = examples.jws
    expect(decodeJwt(signed?.compact ?? '')).toMatchObject({ header: { typ: 'JWT', alg: 'HS256' } })
    expect(decodeJwt(examples.unsecured).payload).toEqual(decodeJwt(signed?.compact ?? '').payload)
  })
})

describe('RFC 9068 §3: a JWT access token', () => {
  const { header, claims } = examples.accessToken
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = createKeySet({ keys: [{ ...(publicKey.export({ format: 'jwk' }) as Jwk), kid: 'RjEwOwOA' }] })
  const RS = 'https://rs.example.com/'
  const AS = 'https://authorization-server.example.com/'
  const during = { keys, profile: 'access', issuer: AS, audience: RS, now: 1_618_354_090_000 } satisfies VerifyOptions
  /** The RFC prints header and claims but no signature: ours stands in for it. */
  const token = ({ without, ...change }: JsonObject & { readonly without?: string } = {}, otherHeader: JsonObject = {}) => {
    const payload = Object.entries({ ...claims, ...change }).filter(([name]) => name !== without)
    return signJwt({ ...(JSON.parse(header) as JsonObject & { alg: string }), ...otherHeader }, Object.fromEntries(payload), privateKey)
  }
  const failed = (text: string, options: Partial<VerifyOptions> = {}) =>
    verifyJwt(text, { ...during, ...options }).checks.flatMap(({ check, outcome }) => (outcome === 'fail' ? [check] : []))

  test('decodes as printed, and passes from iat until exp', () => {
    expect(Buffer.from(token().split('.')[0] ?? '', 'base64url').toString()).toBe(header)
    expect(decodeJwt(token())).toMatchObject({ header: { typ: 'at+JWT', alg: 'RS256', kid: 'RjEwOwOA' }, payload: claims })
    expect(verifyJwt(token(), during).valid).toBe(true)
    expect(verifyJwt(token(), { ...during, now: 1_639_528_911_999 }).valid).toBe(true)
    expect(failed(token(), { now: 1_639_528_912_000 })).toEqual(['exp'])
  })

  test.for<readonly [string, string, Partial<VerifyOptions>, readonly string[]]>([
    ['typ in its long form (§4)', token({}, { typ: 'application/at+jwt' }), {}, []],
    ['typ JWT (§4)', token({}, { typ: 'JWT' }), {}, ['at+jwt']],
    ['another issuer (§4)', token(), { issuer: 'https://authorization-server.example.com' }, ['iss']],
    ['a resource server that is not meant (§4)', token(), { audience: 'https://other.example.com/' }, ['aud']],
    ['one of several audiences (§4)', token({ aud: [RS, 'https://other.example.com/'] }), {}, []],
    ['an altered signature (§4)', spoil(token()), {}, ['signature']],
    ['a claim of ID tokens (§5)', token({ nonce: 'n-0S6_WzA2Mj' }), {}, ['kind']],
    ['no scope, which is not required (§2.2.3)', token({ without: 'scope' }), {}, []],
    ...['sub', 'client_id', 'iat', 'jti'].map((name) => [`no ${name} (§2.2)`, token({ without: name }), {}, ['claims']] as const),
    ['no iss (§2.2)', token({ without: 'iss' }), {}, ['iss', 'claims']],
    ['no aud (§2.2)', token({ without: 'aud' }), {}, ['aud', 'claims']],
    ['no exp (§2.2)', token({ without: 'exp' }), {}, ['exp', 'claims']],
  ])('%s', ([, text, options, expected]) => {
    expect(failed(text, options)).toEqual(expected)
  })

  test('alg none (§2.1, §4)', () => {
    const [, payload] = token().split('.')
    const unsigned = `${Buffer.from(header.replace('RS256', 'none')).toString('base64url')}.${payload}.`
    expect(failed(unsigned)).toEqual(expect.arrayContaining(['alg', 'signature']))
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
