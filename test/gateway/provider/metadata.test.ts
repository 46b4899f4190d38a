import { describe, expect, test } from 'vitest'
import { discoveryUrl, issuerIdentifier, readMetadata } from '../../../src/gateway/provider/metadata.js'
import { travel, type HttpSettings } from '../../../src/gateway/provider/http-settings.js'
import { byPosition, pairs } from '../../../src/gateway/provider/pairs.js'

describe('where a provider is', () => {
  test.for([
    { issuer: 'https://idp.example', url: 'https://idp.example/.well-known/openid-configuration', identifier: 'https://idp.example' },
    { issuer: 'https://idp.example/', url: 'https://idp.example/.well-known/openid-configuration', identifier: 'https://idp.example/' },
    {
      issuer: 'https://idp.example/oauth2/default',
      url: 'https://idp.example/oauth2/default/.well-known/openid-configuration',
      identifier: 'https://idp.example/oauth2/default',
    },
    {
      issuer: 'https://idp.example/a/.well-known/openid-configuration',
      url: 'https://idp.example/a/.well-known/openid-configuration',
      identifier: 'https://idp.example/a',
    },
    {
      issuer: 'https://idp.example/.well-known/oauth-authorization-server/a',
      url: 'https://idp.example/.well-known/oauth-authorization-server/a',
      identifier: 'https://idp.example/.well-known/oauth-authorization-server/a',
    },
    { issuer: 'my-issuer', url: undefined, identifier: 'my-issuer' },
  ])('$issuer', ({ issuer, url, identifier }) => {
    expect(discoveryUrl(issuer)?.href).toBe(url)
    expect(issuerIdentifier(issuer)).toBe(identifier)
  })

  test('members of the wrong type count as absent; the older introspection name is read', () => {
    const read = readMetadata({
      issuer: 'https://idp.example',
      token_endpoint: 7,
      jwks_uri: 'javascript:alert(1)',
      token_introspection_endpoint: 'https://idp.example/introspect',
      token_endpoint_auth_methods_supported: 'client_secret_basic',
      code_challenge_methods_supported: ['S256'],
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example/token', x: 1 },
    })
    expect(read).toEqual({
      issuer: 'https://idp.example',
      introspection_endpoint: 'https://idp.example/introspect',
      code_challenge_methods_supported: ['S256'],
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example/token' },
    })
    for (const document of [null, [], 'x', {}, { issuer: '' }, { issuer: 7 }]) expect(readMetadata(document)).toBeUndefined()
  })
})

describe('where a document may lead (G-153)', () => {
  const endpoints = {
    token_endpoint: 'http://idp.example/token',
    jwks_uri: 'HTTP://169.254.169.254/keys',
    userinfo_endpoint: 'https://other.example/me',
  }
  const aliases = { mtls_endpoint_aliases: { token_endpoint: 'http://mtls.example/token' } }

  test('an https issuer leads to https alone, on whatever host', () => {
    const told: string[] = []
    const read = readMetadata({ issuer: 'https://idp.example', ...endpoints, ...aliases }, (member) => told.push(member))
    expect(read).toEqual({ issuer: 'https://idp.example', userinfo_endpoint: 'https://other.example/me', mtls_endpoint_aliases: {} })
    expect(told).toEqual(['token_endpoint', 'jwks_uri', 'mtls_endpoint_aliases.token_endpoint'])
  })

  test('an http issuer, of a test, leads where it says; nobody leads to other schemes', () => {
    const told: string[] = []
    expect(readMetadata({ issuer: 'http://idp.example', ...endpoints }, (member) => told.push(member))).toEqual({
      issuer: 'http://idp.example',
      ...endpoints,
    })
    for (const jwks_uri of ['file:///keys', 'data:application/json,{}', 'ftp://idp.example/keys', '//idp.example/keys', ' http:'])
      expect(readMetadata({ issuer: 'http://idp.example', jwks_uri }, (member) => told.push(member))).toEqual({
        issuer: 'http://idp.example',
      })
    expect(told).toEqual([])
  })
})

describe('how a call travels', () => {
  const settings: HttpSettings = {
    ssl_verify: true,
    timeout: 500,
    http_proxy: 'http://proxy:1',
    http_proxy_authorization: 'Basic a',
    https_proxy: 'http://proxy:2',
    https_proxy_authorization: null,
    no_proxy: 'internal.example, .corp.example,10.0.0.1',
  }
  test.for([
    { url: 'http://idp.example/', proxy: { url: 'http://proxy:1', authorization: 'Basic a' } },
    { url: 'https://idp.example/', proxy: { url: 'http://proxy:2' } },
    { url: 'https://internal.example/', proxy: undefined },
    { url: 'https://a.internal.example/', proxy: undefined },
    { url: 'https://notinternal.example/', proxy: { url: 'http://proxy:2' } },
    { url: 'https://x.corp.example/', proxy: undefined },
    { url: 'https://10.0.0.1/', proxy: undefined },
  ])('$url', ({ url, proxy }) => {
    expect(travel(settings, new URL(url))).toEqual({ timeoutMs: 500, ...(proxy && { proxy }) })
  })

  test('ssl_verify: false turns verification off', () => {
    expect(travel({ ...settings, ssl_verify: false, https_proxy: null }, new URL('https://idp.example/'))).toEqual({
      timeoutMs: 500,
      tls: { allowInvalidCertificate: true },
    })
  })
})

test('lists by position fall back to the first entry; pairs stop where a value is missing', () => {
  expect([byPosition(['a', 'b'], 1), byPosition(['a'], 1), byPosition(null, 0)]).toEqual(['b', 'a', undefined])
  expect(pairs(['a', 'b'], ['1'])).toEqual([['a', '1']])
  expect(pairs(null, ['1'])).toEqual([])
})
