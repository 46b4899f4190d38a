import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkIdToken, requireAtHash, subjectOf, unmetAcr } from '../../src/client/id-token.js'
import type { TokenSet } from '../../src/client/types.js'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const withClaims = (claims: object, alg = 'RS256'): TokenSet => ({
  access_token: 'token',
  token_type: 'bearer',
  obtained_at: 0,
  id_token: `${part({ alg })}.${part({ iss: 'i', sub: 'alice', ...claims })}.c2ln`,
})
const atHash = (hash: string): string => {
  const digest = createHash(hash).update('token').digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

describe('what the library leaves out (OIDC Core §3.1.3)', () => {
  test.for([
    ['RS256', 'sha256'],
    ['ES384', 'sha384'],
    ['PS512', 'sha512'],
    ['EdDSA', 'sha512'],
  ])('at_hash of %s is the left half of %s', ([alg, hash]) => {
    expect(() => checkIdToken(withClaims({ at_hash: atHash(hash as string) }, alg), 'me')).not.toThrow()
    expect(() => checkIdToken(withClaims({ at_hash: atHash('sha1') }, alg), 'me')).toThrow('at_hash does not fit')
  })

  test.for([
    { name: 'azp is us', claims: { azp: 'me' }, refused: undefined },
    { name: 'azp is somebody else', claims: { azp: 'you' }, refused: 'azp: expected me, got "you"' },
    { name: 'azp is no text', claims: { azp: 7 }, refused: 'azp: expected me, got 7' },
  ])('$name', ({ claims, refused }) => {
    const check = () => checkIdToken(withClaims(claims), 'me')
    if (refused) expect(check).toThrow(refused)
    else expect(check).not.toThrow()
  })

  test('a refreshed ID token is about the same person of the same issuer (§12.2)', () => {
    expect(() => checkIdToken(withClaims({}), 'me', withClaims({}))).not.toThrow()
    expect(() => checkIdToken(withClaims({ sub: 'bob' }), 'me', withClaims({}))).toThrow('somebody else')
    expect(() => checkIdToken(withClaims({ iss: 'j' }), 'me', withClaims({}))).toThrow('somebody else')
  })

  test('through the browser at_hash is required (§3.2.2.10)', () => {
    expect(() => requireAtHash(withClaims({}))).toThrow('it has no at_hash')
    expect(() => requireAtHash(withClaims({ at_hash: 'x' }))).not.toThrow()
  })

  test('an acr that was asked for and did not come is told', () => {
    expect(unmetAcr(withClaims({ acr: 'mfa' }), 'pwd mfa')).toBeUndefined()
    expect(unmetAcr(withClaims({ acr: 'pwd' }), 'mfa')).toBe('acr: asked for mfa, got "pwd"')
    expect(unmetAcr(withClaims({}), 'mfa')).toBe('acr: asked for mfa, got null')
    expect(unmetAcr(withClaims({}), undefined)).toBeUndefined()
  })

  test('an encrypted or broken one says nothing', () => {
    expect(subjectOf('a.b.c.d.e')).toBeUndefined()
    expect(() => checkIdToken({ ...withClaims({}), id_token: 'nonsense' }, 'me')).not.toThrow()
    expect(subjectOf(withClaims({}).id_token as string)).toBe('alice')
  })
})
