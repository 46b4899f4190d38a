import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../src/jwt/decode.js'

const b64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64url')
const token = (header: string | Uint8Array, payload: string | Uint8Array, signature = 'c2ln') =>
  `${b64(header)}.${b64(payload)}.${signature}`
const HEADER = '{"alg":"RS256"}'

describe('decodeJwt (RFC 7515 §7.1, RFC 7519 §7.2)', () => {
  test('gives the parts, unverified', () => {
    const text = token(HEADER, '{"sub":"älice","n":{"a":[1,{"b":2}],"c":"x:\\"y\\":{"}}')
    expect(decodeJwt(text)).toEqual({
      header: { alg: 'RS256' },
      payload: { sub: 'älice', n: { a: [1, { b: 2 }], c: 'x:"y":{' } },
      signature: Buffer.from('sig'),
      signingInput: text.slice(0, text.lastIndexOf('.')),
      token: text,
    })
  })

  test('an empty signature is read: it is the verifier that refuses it', () => {
    expect(decodeJwt(token('{"alg":"none"}', '{}', '')).signature).toHaveLength(0)
  })

  const good = token(HEADER, '{"sub":"alice"}')
  const [h = '', p = '', s = ''] = good.split('.')
  test.for([
    { name: 'no dots', text: 'opaque', message: 'no dots' },
    { name: 'empty', text: '', message: 'no dots' },
    { name: 'two parts', text: `${h}.${p}`, message: '2 parts' },
    { name: 'four parts', text: `${good}.x`, message: '4 parts' },
    { name: 'five parts', text: `${good}.x.x`, message: 'encrypted' },
    { name: 'a thousand dots', text: '.'.repeat(1000), message: 'more than nine parts' },
    { name: 'padding after the token', text: `${good}=`, message: 'signature is not canonical' },
    { name: 'padding inside', text: `${h}.${p}=.${s}`, message: 'payload is not canonical' },
    { name: 'a space inside', text: `${h}.${p.slice(0, 4)} ${p.slice(4)}.${s}`, message: 'payload is not canonical' },
    { name: 'a line end after it', text: `${good}\n`, message: 'signature is not canonical' },
    { name: 'the standard alphabet', text: `${h}.${p}.+/+/`, message: 'signature is not canonical' },
    { name: 'a header that is no JSON', text: token('nope', '{}'), message: 'header is not JSON' },
    { name: 'a header that is a list', text: token('[]', '{}'), message: 'header is not a JSON object' },
    { name: 'a payload that is a list', text: token(HEADER, '[{}]'), message: 'payload is not a JSON object' },
    { name: 'a payload that is null', text: token(HEADER, 'null'), message: 'payload is not a JSON object' },
    { name: 'an empty payload', text: `${h}..${s}`, message: 'payload is not JSON' },
    { name: 'alg twice', text: token('{"alg":"none","alg":"RS256"}', '{}'), message: 'header has a member twice' },
    { name: 'exp twice, once escaped', text: token(HEADER, String.raw`{"exp":1,"\u0065xp":2}`), message: 'payload has a member twice' },
    { name: 'a member twice deep inside', text: token(HEADER, '{"a":[{"b":{"c":1,"c":1}}]}'), message: 'payload has a member twice' },
    { name: '__proto__ twice', text: token(HEADER, '{"__proto__":{},"__proto__":{}}'), message: 'payload has a member twice' },
    { name: 'text after the object', text: token(HEADER, '{} {}'), message: 'payload is not JSON' },
    { name: 'a byte-order mark', text: token(HEADER, '\uFEFF{}'), message: 'payload starts with a byte-order mark' },
    { name: 'bytes that are not UTF-8', text: token(HEADER, Uint8Array.from([0x7b, 0xff, 0x7d])), message: 'payload is not UTF-8' },
    { name: 'very deep nesting', text: token(HEADER, `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`), message: 'nested deeper than 64' },
  ])('refuses $name', ({ text, message }) => {
    expect(() => decodeJwt(text)).toThrowError(
      expect.objectContaining({ code: 'ERR_NOT_A_TOKEN', message: expect.stringContaining(message) }),
    )
  })

  test('unused bits of the last character must be zero (RFC 4648 §3.5)', () => {
    expect(decodeJwt(`${h}.${p}.YQ`).signature.toString()).toBe('a')
    expect(() => decodeJwt(`${h}.${p}.YR`)).toThrowError(/signature is not canonical/)
  })

  test('a length limit is held before anything else', () => {
    expect(decodeJwt(good, { maxBytes: good.length }).payload).toEqual({ sub: 'alice' })
    expect(() => decodeJwt(good, { maxBytes: good.length - 1 })).toThrowError(/longer than/)
  })
})
