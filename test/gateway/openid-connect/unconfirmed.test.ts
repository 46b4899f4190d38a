import { describe, expect, test } from 'vitest'
import { decodeJwt } from '../../../src/jwt/decode.js'
import { startScriptedProvider } from '../../support/scripted-provider.js'
import { startProtected } from '../../support/protected-gateway.js'

/**
 * Section 10 of the reference: what nobody outside knows of the real plugin, one test a point, named after it. Points of the code flow and of
 * sessions (U3, U9, U12, U13, U19, U23, U24) are tested in their folders, U21 with the router.
 */
const bearer = { auth_methods: ['bearer'] }
const client = { client_id: ['demo'], client_secret: ['demo-secret'] }

test('U1 error="invalid_token" when a token was presented and rejected, none when nothing was', async () => {
  const { ask, provider } = await startProtected({ config: bearer })
  expect((await ask()).challenge).toBe('Bearer realm="127.0.0.1"')
  expect((await ask({ bearer: 'nonsense' })).challenge).toBe('Bearer realm="127.0.0.1", error="invalid_token"')
  expect((await ask({ bearer: provider.token() })).challenge).toBeUndefined()
})

test('U2 error_description is never sent', async () => {
  const { ask, provider } = await startProtected({ config: { ...bearer, display_errors: true, scopes_required: ['write'] } })
  for (const token of ['nonsense', provider.token()]) expect((await ask({ bearer: token })).challenge).not.toContain('error_description')
})

test('U4 a refused bearer token is a 401 while authorization_code is on; an unreadable one is a login', async () => {
  const { ask, provider } = await startProtected({ config: { auth_methods: ['bearer', 'authorization_code'], ...client } })
  expect((await ask({ bearer: 'nonsense' })).status).toBe(401)
  expect((await ask({ bearer: provider.token({ claims: { exp: 1 } }) })).status).toBe(401)
  expect((await ask({ headers: { authorization: 'nonsense' } })).status).toBe(302)
})

test('U5 claims_forbidden, consumer-group miss and issuers_allowed miss are 403', async () => {
  const { ask, provider } = await startProtected({
    config: { ...bearer, claims_forbidden: ['act'] },
    routes: {
      '/group': { ...bearer, consumer_groups_claim: ['plan'] },
      '/issuer': { ...bearer, issuers_allowed: ['https://other.example'] },
    },
  })
  const token = provider.token({ claims: { act: 'x' } })
  for (const path of ['/anything', '/group/anything', '/issuer/anything'])
    expect((await ask({ path, bearer: token })).status, path).toBe(403)
})

test('U6 realm only on consumer and group misses and on provider outages', async () => {
  const { ask, provider } = await startProtected({
    config: { ...bearer, consumer_claims: [['sub']] },
    routes: {
      '/group': { ...bearer, consumer_groups_claim: ['plan'] },
      '/outage': { auth_methods: ['client_credentials'], token_endpoint: 'http://127.0.0.1:1/' },
    },
  })
  expect((await ask({ bearer: provider.token() })).challenge).toBe('Bearer realm="127.0.0.1"')
  expect((await ask({ path: '/group/anything', bearer: provider.token() })).challenge).toBe('Bearer realm="127.0.0.1"')
  expect((await ask({ path: '/outage/anything', basic: 'a:b' })).challenge).toBe('Bearer realm="127.0.0.1"')
})

test('U7 display_errors: the message with the reason in parentheses, on 401, 403 and 500', async () => {
  const { ask, provider } = await startProtected({
    config: { ...bearer, display_errors: true, scopes_required: ['write'] },
    routes: { '/ghost': { ...bearer, display_errors: true, anonymous: 'ghost' } },
  })
  expect((await ask()).body).toBe('{"message":"Unauthorized (no_credential)"}')
  expect((await ask({ bearer: provider.token() })).body).toBe('{"message":"Forbidden (scope: expected write, got read)"}')
  expect((await ask({ path: '/ghost/anything' })).body).toBe(
    '{"message":"An unexpected error occurred (anonymous consumer was not found)"}',
  )
})

test('U8 X-Credential-Identifier is not sent, and a forged one does not pass', async () => {
  const { ask, provider } = await startProtected({
    config: { ...bearer, consumer_claims: [['sub']] },
    consumers: [{ username: 'alice', custom_id: 'A1' }],
  })
  const { upstream } = await ask({ bearer: provider.token(), headers: { 'x-credential-identifier': 'forged' } })
  expect(upstream?.headers).toMatchObject({ 'X-Consumer-Username': 'alice', 'X-Consumer-Custom-Id': 'A1' })
  expect(upstream?.headers).not.toHaveProperty('X-Credential-Identifier')
})

describe('headers', () => {
  const config = {
    ...bearer,
    upstream_headers: ['text', 'number', 'flag', 'list', 'object', 'script', 'evil', 'missing'].map((name) => ({
      header: `X_${name}`,
      path: [name],
    })),
    upstream_access_token_jwk_header: 'X-Jwk',
  }
  const claims = {
    text: 'as it is',
    number: 7.5,
    flag: false,
    list: ['ÿ>?', '~~~'],
    object: { a: { b: [] } },
    script: 'Grüße 🙂',
    evil: 'a\r\nX-Admin: 1',
  }

  test('U10 numbers and booleans as text, lists and objects base64 of the standard alphabet with padding; G-30, G-31, G-33', async () => {
    const { ask, provider } = await startProtected({ config })
    const { upstream, status } = await ask({ bearer: provider.token({ claims }), headers: { 'x-missing': 'forged', x_missing: 'forged' } })
    expect(status).toBe(200)
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
    expect(base64(claims.list)).toMatch(/[+/=]/)
    expect(upstream?.headers).toMatchObject({
      'X-Text': 'as it is',
      'X-Number': '7.5',
      'X-Flag': 'false',
      'X-List': base64(claims.list),
      'X-Object': base64(claims.object),
      'X-Script': Buffer.from('Grüße 🙂').toString('latin1'),
    })
    for (const name of ['X-Evil', 'X-Admin', 'X-Missing', 'X_missing']) expect(upstream?.headers, name).not.toHaveProperty(name)
  })

  test('U11 JWK headers are base64 of compact JSON', async () => {
    const { ask, provider } = await startProtected({ config })
    const { upstream } = await ask({ bearer: provider.token() })
    const jwk = JSON.parse(Buffer.from(upstream?.headers['X-Jwk'] ?? '', 'base64').toString()) as object
    expect(jwk).toMatchObject({ kty: 'RSA', kid: 'k1' })
  })
})

test('U14 no session is started when session is not in auth_methods', async () => {
  const { ask } = await startProtected({
    config: { auth_methods: ['password', 'authorization_code'], ...client },
    routes: { '/s': { auth_methods: ['password', 'session'], ...client } },
  })
  expect((await ask({ basic: 'alice:wonderland' })).headers['set-cookie']).toBeUndefined()
  expect((await ask({ path: '/s/anything', basic: 'alice:wonderland' })).headers['set-cookie']).toBeDefined()
})

test('U15 anonymous wins over the login redirect', async () => {
  const config = { auth_methods: ['bearer', 'authorization_code'], ...client }
  const { ask } = await startProtected({
    config: { ...config, anonymous: 'nobody' },
    routes: { '/login': config },
    consumers: [{ username: 'nobody' }],
  })
  const answer = await ask()
  expect(answer.upstream?.headers).toMatchObject({ 'X-Anonymous-Consumer': 'true', 'X-Consumer-Username': 'nobody' })
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect((await ask({ method: 'POST', body: 'x' })).status).toBe(200)
  expect((await ask({ path: '/login/anything' })).status).toBe(302)
})

test('U16 a listed issuer passes the claim check, with one warning', async () => {
  const { ask, provider, logs } = await startProtected({ config: { ...bearer, issuers_allowed: ['https://tenant.example'] } })
  for (const round of [1, 2]) {
    const { status } = await ask({ bearer: provider.token({ claims: { iss: 'https://tenant.example' } }) })
    expect(status, `round ${round}`).toBe(200)
  }
  expect(logs.filter((line) => line.startsWith('warn') && line.includes('verify_claims: false'))).toHaveLength(1)
  expect((await ask({ bearer: provider.token({ claims: { iss: 'https://other.example' } }) })).status).toBe(401)
})

test('U17 audience does not verify aud; audience_required does', async () => {
  const { ask, provider } = await startProtected({
    config: { ...bearer, audience: ['orders'] },
    routes: { '/r': { ...bearer, audience_required: ['orders'] } },
  })
  const token = provider.token({ claims: { aud: 'billing' } })
  expect((await ask({ bearer: token })).status).toBe(200)
  expect((await ask({ path: '/r/anything', bearer: token })).status).toBe(403)
})

test('U18 consumer mapping looks into the access token first, then the ID token', async () => {
  const provider = await startScriptedProvider()
  const { ask } = await startProtected({
    provider,
    config: { auth_methods: ['password'], ...client, consumer_claims: [['name']], cache_tokens: false },
    consumers: [{ username: 'from-access' }, { username: 'from-id' }],
  })
  const answer = async (access: Record<string, unknown>) => {
    const id_token = provider.token({ claims: { aud: 'demo', name: 'from-id' }, header: { typ: 'JWT' } })
    provider.script('/token', { access_token: provider.token({ claims: access }), id_token, token_type: 'Bearer', expires_in: 60 })
    return (await ask({ basic: 'alice:wonderland' })).upstream?.headers['X-Consumer-Username']
  }
  expect(await answer({ name: 'from-access' })).toBe('from-access')
  expect(await answer({})).toBe('from-id')
})

test('U20 client assertions live 60 seconds', async () => {
  const { ask, provider } = await startProtected({ config: { auth_methods: ['password'], ...client, client_auth: ['private_key_jwt'] } })
  await ask({ basic: 'alice:wonderland' })
  const { form } = provider.requests.find(({ path }) => path === '/token') ?? {}
  expect(form?.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
  const { payload, header } = decodeJwt(form?.get('client_assertion') ?? '')
  expect(payload).toMatchObject({ iss: 'demo', sub: 'demo', aud: `${provider.issuer}/token`, exp: Number(payload['iat']) + 60 })
  expect(payload['jti']).toMatch(/^[\w-]{22}$/)
  expect(header).toMatchObject({ alg: 'RS256' })
})

test('U22 a custom bearer header carries the token with or without the scheme word; the standard ones are then ignored', async () => {
  const { ask, provider } = await startProtected({ config: { ...bearer, bearer_token_header_name: 'X_Jwt' } })
  for (const value of [provider.token(), `Bearer ${provider.token()}`]) {
    expect((await ask({ headers: { 'x-jwt': value } })).status).toBe(200)
  }
  expect((await ask({ bearer: provider.token() })).status).toBe(401)
  expect((await ask({ headers: { 'x-jwt': `Basic ${provider.token()}` } })).status).toBe(401)
})

test('U25 inactive is not cached while cache_ttl_neg is unset', async () => {
  const { ask, provider } = await startProtected({ config: { auth_methods: ['introspection'], ...client } })
  provider.script('/introspect', { active: false })
  expect((await ask({ bearer: 't' })).status).toBe(401)
  provider.script('/introspect', { active: true })
  expect((await ask({ bearer: 't' })).status).toBe(200)
})

test('U26 numbers in a path index lists, from 1', async () => {
  const { ask, provider } = await startProtected({ config: { ...bearer, roles_claim: ['orgs', '2', 'role'], roles_required: ['admin'] } })
  expect((await ask({ bearer: provider.token({ claims: { orgs: [{ role: 'user' }, { role: 'admin' }] } }) })).status).toBe(200)
  expect((await ask({ bearer: provider.token({ claims: { orgs: [{ role: 'admin' }, { role: 'user' }] } }) })).status).toBe(403)
})

test('U27 the realm is the host without port, or the whole string when it is no URL', async () => {
  const { ask } = await startProtected({
    config: bearer,
    routes: { '/pseudo': { ...bearer, issuer: 'my-issuer', using_pseudo_issuer: true } },
  })
  expect((await ask()).challenge).toBe('Bearer realm="127.0.0.1"')
  expect((await ask({ path: '/pseudo/anything' })).challenge).toBe('Bearer realm="my-issuer"')
})

test('U28 a 302 has an empty body and says so', async () => {
  const { ask } = await startProtected({ config: { ...bearer, unauthorized_redirect_uri: ['https://app.example/'] } })
  expect(await ask()).toMatchObject({ status: 302, body: '', headers: { 'content-length': '0' } })
})

describe('U29 a JWT that bearer refuses is tried by introspection, then userinfo, then it is a 401', () => {
  const all = {
    auth_methods: ['bearer', 'introspection', 'userinfo', 'refresh_token', 'authorization_code'],
    ...client,
    refresh_token_param_name: 'refresh_token',
  }

  test('introspection takes it', async () => {
    const { ask, provider } = await startProtected({ config: all })
    const answer = await ask({ bearer: provider.token({ claims: { iss: 'https://other.example' } }) })
    expect(answer.status).toBe(200)
    expect(answer.trace.steps.filter(({ kind }) => kind === 'decision').map((step) => 'name' in step && [step.name, step.outcome])).toEqual(
      [
        ['bearer', 'fail'],
        ['introspection', 'pass'],
      ],
    )
  })

  test('userinfo takes it when introspection does not', async () => {
    const { ask, provider } = await startProtected({ config: all })
    provider.script('/introspect', { active: false })
    expect((await ask({ bearer: provider.token({ claims: { iss: 'https://other.example' } }) })).status).toBe(200)
    expect(provider.count('/userinfo')).toBe(1)
  })

  test('nobody takes it: 401, no login, and the refresh token beside it is not looked at', async () => {
    const { ask, provider } = await startProtected({ config: all })
    provider.script('/introspect', { active: false })
    provider.script('/userinfo', { status: 401 })
    const answer = await ask({ bearer: provider.token({ claims: { exp: 1 } }), headers: { 'refresh-token': 'refresh-1' } })
    expect(answer).toMatchObject({ status: 401, upstream: undefined })
    expect(provider.count('/token')).toBe(0)
  })

  test('the claims of a token that only the provider vouches for are not believed', async () => {
    const { ask, provider } = await startProtected({
      config: { auth_methods: ['bearer', 'introspection'], ...client, scopes_required: ['admin'] },
    })
    const forged = provider.token({ claims: { iss: 'https://other.example', scope: 'admin' } })
    expect((await ask({ bearer: forged })).status).toBe(403)
  })
})

test('U30 a client_credentials caller need not be the plugin’s own client', async () => {
  const { ask } = await startProtected({ config: { auth_methods: ['client_credentials'], client_id: ['another'], client_secret: ['x'] } })
  expect((await ask({ basic: 'demo:demo-secret' })).status).toBe(200)
  expect((await ask({ basic: 'demo:wrong' })).status).toBe(401)
})
