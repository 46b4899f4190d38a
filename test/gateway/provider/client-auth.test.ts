import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { authenticateClient, chooseClientAuth } from '../../../src/gateway/provider/client-auth.js'
import { generateSigningKey } from '../../../src/gateway/provider/client-key.js'
import type { ProviderClient } from '../../../src/gateway/provider/client.js'
import { decodeJwt } from '../../../src/jwt/decode.js'
import { createKeySet } from '../../../src/jwt/key-set.js'
import { verifyJwt } from '../../../src/jwt/verify.js'

const client: ProviderClient = { client_id: 'demo', client_secret: 'secret' }
const own = generateSigningKey('own')
const context = { audience: 'https://idp.example/token', now: 1_700_000_000_000, jti: 'j1', ownKey: () => own }

function authenticate(method: Parameters<typeof authenticateClient>[0], who: ProviderClient) {
  const form = new URLSearchParams()
  const headers: Record<string, string> = {}
  authenticateClient(method, who, form, headers, context)
  return { form: Object.fromEntries(form), headers }
}

describe('choice (section 4.1)', () => {
  test.for([
    {
      name: 'the endpoint’s own method first',
      client: { ...client, auth: 'client_secret_post' },
      own: 'none',
      announced: ['client_secret_jwt'],
      chosen: 'none',
    },
    {
      name: 'then client_auth',
      client: { ...client, auth: 'client_secret_post' },
      own: null,
      announced: ['client_secret_jwt'],
      chosen: 'client_secret_post',
    },
    {
      name: 'then what is announced and possible',
      client,
      own: null,
      announced: ['private_key_jwt', 'client_secret_post'],
      chosen: 'client_secret_post',
    },
    {
      name: 'a symmetric client_jwk is a means for client_secret_jwt only',
      client: { client_id: 'demo', jwk: { kty: 'oct', k: 'c2VjcmV0' } },
      own: null,
      announced: ['private_key_jwt', 'client_secret_jwt'],
      chosen: 'client_secret_jwt',
    },
    { name: 'then Basic', client, own: null, announced: undefined, chosen: 'client_secret_basic' },
    { name: 'none only without a secret', client, own: null, announced: ['none'], chosen: 'client_secret_basic' },
    {
      name: 'a caller’s secret is never left out',
      client: { ...client, isCaller: true },
      own: 'none',
      announced: undefined,
      chosen: 'client_secret_basic',
    },
    {
      name: 'a caller has no key of ours',
      client: { ...client, isCaller: true, auth: 'private_key_jwt' },
      own: null,
      announced: undefined,
      chosen: 'client_secret_basic',
    },
  ] as const)('$name', ({ client: who, own: endpoint, announced, chosen }) => {
    expect(chooseClientAuth(who, endpoint, announced)).toBe(chosen)
  })
})

describe('on the wire', () => {
  test('Basic is form-encoded (RFC 6749 §2.3.1); the caller’s own field goes on byte by byte', () => {
    const { headers } = authenticate('client_secret_basic', { client_id: 'a:b', client_secret: 'p%c d' })
    expect(Buffer.from(headers['authorization']?.slice(6) ?? '', 'base64').toString()).toBe('a%3Ab:p%25c+d')
    expect(authenticate('client_secret_basic', { ...client, basic: 'Basic cmF3OiV5' }).headers['authorization']).toBe('Basic cmF3OiV5')
  })

  test('post, none and TLS', () => {
    expect(authenticate('client_secret_post', client)).toEqual({ form: { client_id: 'demo', client_secret: 'secret' }, headers: {} })
    for (const method of ['none', 'tls_client_auth', 'self_signed_tls_client_auth'] as const) {
      expect(authenticate(method, client)).toEqual({ form: { client_id: 'demo' }, headers: {} })
    }
  })

  test('client_secret_jwt is an HMAC by the secret', () => {
    const { form } = authenticate('client_secret_jwt', client)
    const assertion = form['client_assertion'] ?? ''
    const [header, payload, signature] = assertion.split('.')
    expect(signature).toBe(createHmac('sha256', 'secret').update(`${header}.${payload}`).digest('base64url'))
    expect(decodeJwt(assertion).payload).toEqual({
      iss: 'demo',
      sub: 'demo',
      aud: context.audience,
      jti: 'j1',
      iat: 1_700_000_000,
      exp: 1_700_000_060,
    })
    expect(form).not.toHaveProperty('client_secret')
    expect(() => authenticate('client_secret_jwt', { client_id: 'demo' })).toThrow(/needs a client_secret/)
  })

  test('private_key_jwt is signed by client_jwk, which its header names', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k9', 'x5t#S256': 'thumb' } as NonNullable<ProviderClient['jwk']>
    const { form } = authenticate('private_key_jwt', { ...client, jwk })
    const keys = createKeySet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k9' }] })
    const verdict = verifyJwt(form['client_assertion'] ?? '', { keys, now: context.now, audience: context.audience, issuer: 'demo' })
    expect(verdict.valid).toBe(true)
    expect(verdict.token?.header).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k9', 'x5t#S256': 'thumb' })
    expect(() => authenticate('private_key_jwt', { ...client, jwk, alg: 'RS256' })).toThrow(/cannot sign with RS256/)
    expect(() => authenticate('private_key_jwt', { ...client, jwk: { kty: 'EC' } })).toThrow(/is no private key/)
  })

  test.for([
    { name: 'use sig', says: { use: 'sig' }, refusal: undefined },
    { name: 'use enc', says: { use: 'enc' }, refusal: /its use is enc/ },
    { name: 'key_ops with sign', says: { key_ops: ['sign', 'verify'] }, refusal: undefined },
    { name: 'key_ops without sign', says: { key_ops: ['verify'] }, refusal: /key_ops do not include sign/ },
    { name: 'our issuer', says: { issuer: 'https://idp.example' }, refusal: undefined },
    {
      name: 'our issuer as its discovery URL',
      says: { issuer: 'https://idp.example/.well-known/openid-configuration' },
      refusal: undefined,
    },
    { name: 'another issuer', says: { issuer: 'https://idp.example.evil' }, refusal: /tied to another issuer/ },
    { name: 'a third prime', says: { oth: '[{}]' }, refusal: /more than two primes/ },
  ])('client_jwk that says $name (RFC 7517 §4)', ({ says, refusal }) => {
    const jwk = { ...(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as object), ...says }
    const sign = () =>
      authenticate('private_key_jwt', { ...client, issuer: 'https://idp.example/', jwk: jwk as NonNullable<ProviderClient['jwk']> })
    if (refusal) expect(sign).toThrow(refusal)
    else expect(decodeJwt(sign().form['client_assertion'] ?? '').header['alg']).toBe('ES256')
  })

  test('a symmetric client_jwk is the secret of client_secret_jwt where there is none, and never a private key', () => {
    const jwk = { kty: 'oct', kid: 'shared', k: Buffer.from('another secret').toString('base64url') }
    const signedBy = (who: ProviderClient) => {
      const [header = '', payload = '', signature] = (authenticate('client_secret_jwt', who).form['client_assertion'] ?? '').split('.')
      const secrets = ['secret', 'another secret']
      return secrets.find((secret) => createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url') === signature)
    }
    expect(signedBy({ client_id: 'demo', jwk })).toBe('another secret')
    expect(signedBy({ ...client, jwk })).toBe('secret')
    expect(() => authenticate('private_key_jwt', { client_id: 'demo', jwk })).toThrow(/is no private key/)
    expect(() => authenticate('client_secret_jwt', { client_id: 'demo', jwk: { kty: 'oct' } })).toThrow(/is no symmetric key/)
  })
})
