import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSealer } from '../../../../src/gateway/plugins/openid-connect/session/seal.js'

const id = randomBytes(32)
const sealer = createSealer('the secret', randomBytes)
const plain = Buffer.from('{"access_token":"at"}')

describe('sealing (AES-256-GCM, keys by HKDF-SHA-256)', () => {
  test('opens what it sealed', () => {
    const sealed = sealer.seal(id, 'session', ['session', 'front'], plain)
    expect(sealer.open(id, 'session', ['session', 'front'], sealed)).toEqual(plain)
    expect(sealed.bytes.includes(plain)).toBe(false)
  })

  test.for([
    ['another secret', (sealed) => createSealer('other', randomBytes).open(id, 'session', ['a', 'b'], sealed)],
    ['another id', (sealed) => sealer.open(randomBytes(32), 'session', ['a', 'b'], sealed)],
    ['another purpose', (sealed) => sealer.open(id, 'authorization', ['a', 'b'], sealed)],
    ['another context', (sealed) => sealer.open(id, 'session', ['a', 'c'], sealed)],
    ['a changed ciphertext', ({ bytes, tag }) => sealer.open(id, 'session', ['a', 'b'], { bytes: flip(bytes, bytes.length - 1), tag })],
    ['a changed nonce', ({ bytes, tag }) => sealer.open(id, 'session', ['a', 'b'], { bytes: flip(bytes, 0), tag })],
    ['a changed tag', ({ bytes, tag }) => sealer.open(id, 'session', ['a', 'b'], { bytes, tag: flip(tag, 3) })],
    ['a short tag', ({ bytes, tag }) => sealer.open(id, 'session', ['a', 'b'], { bytes, tag: tag.subarray(0, 4) })],
    ['nothing', ({ tag }) => sealer.open(id, 'session', ['a', 'b'], { bytes: Buffer.alloc(0), tag })],
  ] satisfies [string, (sealed: { bytes: Buffer; tag: Buffer }) => Buffer | undefined][])('%s opens nothing', ([, open]) => {
    expect(open(sealer.seal(id, 'session', ['a', 'b'], plain))).toBeUndefined()
  })

  test('G-120: bytes moved from one part to the next make another MAC', () => {
    const mac = sealer.mac(id, 'session', ['ab', 'c'])
    expect(sealer.macMatches(id, 'session', ['ab', 'c'], mac)).toBe(true)
    expect(sealer.macMatches(id, 'session', ['a', 'bc'], mac)).toBe(false)
    expect(sealer.macMatches(id, 'session', ['abc'], mac)).toBe(false)
    const sealed = sealer.seal(id, 'session', ['ab', 'c'], plain)
    expect(sealer.open(id, 'session', ['a', 'bc'], sealed)).toBeUndefined()
  })

  test('keys are those of node’s own HKDF', () => {
    const master = createHash('sha256').update('the secret').digest()
    const key = Buffer.from(hkdfSync('sha256', master, id, 'oidcgw:authentication:session', 32))
    const mac = createHmac('sha256', key).update(Buffer.from('\0\0\0\u0001a')).digest().subarray(0, 16)
    expect(sealer.mac(id, 'session', ['a'])).toEqual(mac)
  })

  test('G-129: a MAC of another length is refused, not thrown at', () => {
    const mac = sealer.mac(id, 'session', ['a'])
    expect(sealer.macMatches(id, 'session', ['a'], mac.subarray(0, 15))).toBe(false)
    expect(sealer.macMatches(id, 'session', ['a'], Buffer.concat([mac, mac]))).toBe(false)
  })

  test('G-139: equal texts never share a nonce or a ciphertext', () => {
    const nonces = new Set<string>()
    const texts = new Set<string>()
    const rounds = 5_000
    for (let round = 0; round < rounds; round += 1) {
      const { bytes } = sealer.seal(id, 'session', [], plain)
      nonces.add(bytes.toString('latin1', 0, 12))
      texts.add(bytes.toString('latin1', 12))
    }
    expect(nonces.size).toBe(rounds)
    expect(texts.size).toBe(rounds)
  })
})

function flip(bytes: Buffer, index: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[index] = (changed[index] ?? 0) ^ 1
  return changed
}
