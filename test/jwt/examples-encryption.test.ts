import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../src/jwt/decode.js'
import { decryptJwe } from '../../src/jwt/decrypt.js'
import { keySetOfJwk } from '../../src/jwt/key-set.js'
import { findTokens } from '../../src/jwt/paste.js'
import { readToken } from '../../src/jwt/reading.js'
import type { JsonObject, Jwk } from '../../src/jwt/types.js'
import { verifyJwt } from '../../src/jwt/verify.js'
import { cli } from '../support/memory-host.js'
import { createWorkspace } from '../client/workspace.js'
import { examples, rfc7520, spoil } from './examples.js'

const textOf = (token: string | JsonObject): string => (typeof token === 'string' ? token : JSON.stringify(token))
const keyOf = (jwk: Jwk): KeyObject =>
  jwk.kty === 'oct'
    ? createSecretKey(Buffer.from(String(jwk['k']), 'base64url'))
    : createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput)
/** The same token with other content: of the JSON forms the tag is changed. */
const altered = (token: string | JsonObject): string =>
  typeof token === 'string'
    ? spoil(token)
    : JSON.stringify({ ...token, tag: spoil(`${'A'.repeat(20)}${token['tag'] as string}`).slice(20) })

describe('RFC 7516 appendix A, RFC 7517 appendix C', () => {
  test.for(examples.jwe)('$section opens as printed, and not when altered or with another key', async ({ key, plaintext, token }) => {
    expect((await decryptJwe(textOf(token), keyOf(key))).toString()).toBe(plaintext)
    await expect(decryptJwe(altered(token), keyOf(key))).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
    await expect(decryptJwe(textOf(token), createSecretKey(Buffer.alloc(16, 1)))).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
  })

  test('what RFC 7517 C encrypts is a private key, which node takes', () => {
    const { plaintext } = examples.jwe.at(-1) as (typeof examples.jwe)[number]
    expect(keyOf(JSON.parse(plaintext) as Jwk).asymmetricKeyDetails?.modulusLength).toBe(2048)
  })

  const { key: rsa, tokens } = examples.rsa1_5
  test.for(tokens.filter(({ token }) => typeof token === 'string'))('$section: RSA1_5 is refused by name', async ({ token }) => {
    await expect(decryptJwe(textOf(token), keyOf(rsa))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      hint: expect.stringContaining('RSA1_5') as string,
    })
    expect(readToken({ token: textOf(token), source: undefined, stripped: [] })).toMatchObject({ form: 'jwe', header: { alg: 'RSA1_5' } })
  })

  test('RFC 7516 A.4: the recipient by RSA1_5 gets nothing, whatever the other one gets', async () => {
    const { token } = tokens.find((row) => typeof row.token !== 'string') as (typeof tokens)[number]
    await expect(decryptJwe(textOf(token), keyOf(rsa))).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
  })

  test('decode --key opens the JSON forms too', async () => {
    const { folder, write } = await createWorkspace()
    for (const { token, key, plaintext } of examples.jwe.filter((row) => typeof row.token !== 'string')) {
      await write('key.json', JSON.stringify(key))
      const options = { cwd: folder, stdin: textOf(token) }
      expect(await cli(['decode', '--key', 'key.json', '--output', 'raw', '-'], options)).toMatchObject({
        exitCode: 0,
        stdout: `${plaintext}\n`,
      })
      await write('key.json', JSON.stringify({ kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' }))
      expect(await cli(['decode', '--key', 'key.json', '--output', 'raw', '-'], options)).toMatchObject({ exitCode: 2, stdout: '' })
    }
  })
})

const uint32 = (number: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}
const sized = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes])

/** The Concat KDF (RFC 7518 §4.6.2), written from the RFC: one round is enough for every key here. */
function concatKdf(z: Buffer, algorithm: string, { apu = '', apv = '' }: { apu?: string; apv?: string }, bits: number): Buffer {
  const party = (text: string): Buffer => sized(Buffer.from(text, 'base64url'))
  const info = [sized(Buffer.from(algorithm)), party(apu), party(apv), uint32(bits)]
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), z, ...info]))
    .digest()
    .subarray(0, bits / 8)
}

/** A token whose content key follows from the Z that the RFC prints: it opens only where the same Z is agreed upon. */
function encryptFor({ header, z }: (typeof examples.agreement)[number], content: string): string {
  const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
  const direct = header.alg === 'ECDH-ES'
  const bits = Number(/A(\d+)/.exec(direct ? header.enc : header.alg)?.[1])
  const agreed = concatKdf(Buffer.from(z, 'hex'), direct ? header.enc : header.alg, header as { apu?: string; apv?: string }, bits)
  const contentKey = direct ? agreed : Buffer.alloc(Number(/\d+/.exec(header.enc)?.[0]) / 8, 7)
  const wrap = createCipheriv(`id-aes${bits}-wrap`, agreed, Buffer.alloc(8, 0xa6))
  const wrapped = direct ? Buffer.alloc(0) : Buffer.concat([wrap.update(contentKey), wrap.final()])
  const iv = Buffer.alloc(12, 1)
  const cipher = createCipheriv(`aes-${contentKey.length * 8}-gcm` as 'aes-128-gcm', contentKey, iv).setAAD(Buffer.from(encoded))
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()])
  return [encoded, ...[wrapped, iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

describe('RFC 7518 appendix C, RFC 8037 A.6 and A.7: key agreement', () => {
  const [p256, x25519, x448] = examples.agreement as [
    (typeof examples.agreement)[number],
    (typeof examples.agreement)[number],
    (typeof examples.agreement)[number],
  ]

  test('RFC 7518 C: the derived key as printed', () => {
    const { z, header, derived } = p256
    const parties = header as unknown as { apu: string; apv: string }
    expect(concatKdf(Buffer.from(z, 'hex'), 'A128GCM', parties, 128).toString('base64url')).toBe(derived)
  })

  test.for([p256, x25519])('$section: we agree on the Z as printed', async (example) => {
    const token = encryptFor(example, 'agreed')
    expect((await decryptJwe(token, keyOf(example.key))).toString()).toBe('agreed')
    const otherParty = encryptFor({ ...example, header: { ...example.header, apu: 'TWFsbG9yeQ' } }, 'agreed')
      .split('.')
      .slice(1)
    await expect(decryptJwe([token.split('.')[0], ...otherParty].join('.'), keyOf(example.key))).rejects.toMatchObject({
      code: 'ERR_NOT_A_KEY',
    })
    const another = example === p256 ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('x25519')
    await expect(decryptJwe(token, another.privateKey)).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
  })

  test('RFC 8037 A.7: X448 is not taken, and that is said', async () => {
    await expect(decryptJwe(encryptFor(x448, 'agreed'), keyOf(x448.key))).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      hint: expect.stringContaining('X448') as string,
    })
  })
})

describe('RFC 7520 sections 5 and 6: encryption', () => {
  const keysOf = ({ key, password }: (typeof rfc7520.jwe)[number]): readonly KeyObject[] =>
    password !== null ? [createSecretKey(Buffer.from(password))] : [key ?? []].flat().map((jwk) => keyOf(jwk as Jwk))
  const rows = rfc7520.jwe.flatMap((row) =>
    Object.entries(row.output).map(([form, token]) => ({ ...row, form, token: token as string | JsonObject, keys: keysOf(row) })),
  )

  test.for(rows.filter(({ alg }) => alg !== 'RSA1_5' && !Array.isArray(alg)))(
    '$section $title, $form',
    async ({ token, plaintext, keys }) => {
      const [key] = keys as [KeyObject]
      expect((await decryptJwe(textOf(token), key)).toString()).toBe(plaintext)
      await expect(decryptJwe(altered(token), key)).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
    },
  )

  test.for(rows.filter(({ alg }) => alg === 'RSA1_5'))('$section $form: RSA1_5 is refused', async ({ token, keys, form }) => {
    const named =
      form === 'json' ? { code: 'ERR_NOT_A_KEY' } : { code: 'ERR_UNSUPPORTED', hint: expect.stringContaining('RSA1_5') as string }
    await expect(decryptJwe(textOf(token), keys[0] as KeyObject)).rejects.toMatchObject(named)
  })

  test('5.13: of three recipients the one by RSA1_5 gets nothing', async () => {
    const { token, plaintext, keys } = rows.find(({ section }) => section === '5.13') as (typeof rows)[number]
    const [rsa, ec, oct] = keys as [KeyObject, KeyObject, KeyObject]
    for (const key of [ec, oct]) expect((await decryptJwe(textOf(token), key)).toString()).toBe(plaintext)
    await expect(decryptJwe(textOf(token), rsa)).rejects.toMatchObject({ code: 'ERR_NOT_A_KEY' })
  })

  test('6: a signed token inside an encrypted one', async () => {
    const { nested } = rfc7520
    const inner = (await decryptJwe(nested.compact, keyOf(nested.encryptionKey))).toString()
    expect(inner).toBe(nested.inner)
    expect(verifyJwt(inner, { keys: keySetOfJwk(nested.signatureKey), now: 0 }).valid).toBe(true)
    expect(verifyJwt(spoil(inner), { keys: keySetOfJwk(nested.signatureKey), now: 0 }).valid).toBe(false)
    expect(decodeJwt(inner).payload).toEqual(JSON.parse(nested.claims))
    expect(findTokens(inner)).toHaveLength(1)
  })
})
