import { describe, expect, test } from 'vitest'
import { startProtected } from '../../support/protected-gateway.js'

const client = { client_id: ['demo'], client_secret: ['demo-secret'] }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('the order of methods (section 2.1)', () => {
  test('is Kong’s, whatever the document says; the search ends at the first credential', async () => {
    const { ask, provider } = await startProtected({
      config: { auth_methods: ['refresh_token', 'bearer'], ...client, refresh_token_param_name: 'refresh_token' },
    })
    const expired = { bearer: provider.token({ claims: { exp: 1 } }), headers: { 'refresh-token': 'refresh-1' } }
    expect((await ask(expired)).status).toBe(401)
    expect(provider.count('/token')).toBe(0)
    expect((await ask({ headers: { 'refresh-token': 'refresh-1' } })).status).toBe(200)
  })

  test('Basic is tried as a user, then as a client; then the answer is not cached', async () => {
    const { ask, provider } = await startProtected({ config: { auth_methods: ['password', 'client_credentials'], ...client } })
    const grants = () => provider.requests.filter(({ path }) => path === '/token').map((request) => request.form.get('grant_type'))
    expect((await ask({ basic: 'demo:demo-secret' })).status).toBe(200)
    expect((await ask({ basic: 'demo:demo-secret' })).status).toBe(200)
    expect(grants()).toEqual(['password', 'client_credentials', 'password', 'client_credentials'])
    expect((await ask({ basic: 'alice:wonderland' })).status).toBe(200)
    expect(await ask({ basic: 'demo:wrong' })).toMatchObject({ status: 401, upstream: undefined })
  })

  test('Basic that nobody takes is no login redirect', async () => {
    const { ask } = await startProtected({ config: { auth_methods: ['password', 'client_credentials', 'authorization_code'], ...client } })
    expect((await ask({ basic: 'demo:wrong' })).status).toBe(401)
    expect((await ask()).status).toBe(302)
  })

  test('kong_oauth2 finds nothing and stops nobody', async () => {
    const { ask, provider } = await startProtected({ config: { auth_methods: ['kong_oauth2', 'introspection'], ...client } })
    expect((await ask({ bearer: 'opaque' })).status).toBe(200)
    expect(provider.count('/introspect')).toBe(1)
  })
})

describe('client_credentials', () => {
  test('forwards the caller’s own Basic field; id and secret may come as arguments', async () => {
    const { ask, provider } = await startProtected({ config: { auth_methods: ['client_credentials'] } })
    expect((await ask({ basic: 'demo:demo-secret' })).status).toBe(200)
    expect(provider.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('demo:demo-secret').toString('base64')}`)
    expect((await ask({ path: '/anything?client_id=demo&client_secret=demo-secret' })).status).toBe(200)
    expect((await ask({ method: 'POST', headers: form, body: 'client_id=demo&client_secret=wrong' })).status).toBe(401)
  })

  test('a Basic field in either reading reaches a provider that wants the form (RFC 6749 §2.3.1)', async () => {
    const { ask, provider } = await startProtected({
      config: { auth_methods: ['client_credentials'], client_auth: ['client_secret_post'], cache_tokens: false },
    })
    const sent = async (basic: string) => {
      await ask({ basic })
      return provider.requests.at(-1)?.form.get('client_secret')
    }
    expect(await sent('demo:p%C3%A4ss')).toBe('päss')
    expect(await sent('demo:100%')).toBe('100%')
    expect(await sent('demo:a+b/c==')).toBe('a+b/c==')
  })

  test('an assertion is exchanged as the configured client (RFC 7523 §2.1)', async () => {
    const { ask, provider } = await startProtected({ config: { auth_methods: ['client_credentials'], ...client } })
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const body = new URLSearchParams({ grant_type, assertion: 'a.b.c', other: '1' }).toString()
    const answer = await ask({ method: 'POST', headers: form, body })
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(provider.requests.at(-1)?.form ?? [])).toMatchObject({ grant_type, assertion: 'a.b.c' })
    expect(JSON.parse(answer.body)).toMatchObject({ data: 'other=1' })
    expect((await ask({ method: 'POST', headers: form, body: 'assertion=a.b.c' })).status).toBe(401)
  })
})

describe('introspection', () => {
  const config = { auth_methods: ['introspection'], ...client, introspection_accept: 'application/token-introspection+jwt' }
  const answer = (jwt: string, type = 'application/token-introspection+jwt') => ({
    status: 200,
    headers: { 'content-type': type },
    body: jwt,
  })

  test('a signed answer is verified, and what it says of the token counts (RFC 9701 §5)', async () => {
    const { ask, provider } = await startProtected({ config: { ...config, scopes_required: ['write'], cache_introspection: false } })
    const signed = (claims: object, header = {}) =>
      provider.token({ claims: { aud: 'demo', ...claims }, header: { typ: 'token-introspection+jwt', ...header } })
    provider.script('/introspect', answer(signed({ token_introspection: { active: true, scope: 'write' } })))
    expect((await ask({ bearer: 't' })).status).toBe(200)
    provider.script('/introspect', answer(signed({ token_introspection: { active: true, scope: 'read' } })))
    expect((await ask({ bearer: 't' })).status).toBe(403)
    provider.script('/introspect', answer(signed({ token_introspection: { active: false } })))
    expect((await ask({ bearer: 't' })).status).toBe(401)
    provider.script('/introspect', answer(`${signed({ token_introspection: { active: true, scope: 'write' } }).slice(0, -6)}AAAAAA`))
    expect(await ask({ bearer: 't' })).toMatchObject({ status: 401, trace: { reason: 'introspection_failed' } })
    provider.script('/introspect', answer(signed({ iss: 'https://evil.example', token_introspection: { active: true, scope: 'write' } })))
    expect((await ask({ bearer: 't' })).status).toBe(401)
  })

  test('a provider that sends the token itself as JWT (phantom token)', async () => {
    const { ask, provider } = await startProtected({
      config: {
        ...config,
        introspection_accept: 'application/jwt',
        upstream_introspection_jwt_header: 'X-Phantom',
        scopes_required: ['read'],
      },
    })
    const phantom = provider.token()
    provider.script('/introspect', answer(phantom, 'application/jwt'))
    expect((await ask({ bearer: 'opaque' })).upstream?.headers['X-Phantom']).toBe(phantom)
  })

  test('the answer’s end is the token’s end', async () => {
    const { ask, provider, clock } = await startProtected({ config: { ...config, cache_introspection: false } })
    provider.script('/introspect', { active: true, exp: Math.floor(clock.ms / 1000) - 1 })
    expect(await ask({ bearer: 't' })).toMatchObject({ status: 401, trace: { reason: 'token_expired' } })
  })
})

describe('ID tokens beside access tokens', () => {
  const config = { auth_methods: ['password'], ...client, cache_tokens: false }
  test.for([
    { name: 'for us', id: { aud: 'demo' }, status: 200 },
    { name: 'for another client', id: { aud: 'other' }, status: 401 },
    { name: 'several audiences without azp', id: { aud: ['demo', 'other'] }, status: 401 },
    { name: 'several audiences with our azp', id: { aud: ['demo', 'other'], azp: 'demo' }, status: 200 },
    { name: 'another azp', id: { aud: 'demo', azp: 'other' }, status: 401 },
    { name: 'a wrong at_hash', id: { aud: 'demo', at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, status: 401 },
    { name: 'expired', id: { aud: 'demo', exp: 1 }, status: 401 },
  ])('$name → $status', async ({ id, status }) => {
    const { ask, provider } = await startProtected({ config })
    const id_token = provider.token({ claims: id, header: { typ: 'JWT' } })
    provider.script('/token', { access_token: provider.token(), id_token, token_type: 'Bearer', expires_in: 60 })
    expect((await ask({ basic: 'alice:wonderland' })).status).toBe(status)
  })
})

describe('consumers (section 7.2)', () => {
  test('username, then custom_id; id only when asked for; nothing of the client’s survives', async () => {
    const id = '22222222-2222-4222-8222-222222222222'
    const config = { auth_methods: ['bearer'], consumer_claims: [['sub']] }
    const { ask, provider } = await startProtected({
      config,
      routes: { '/id': { ...config, consumer_by: ['id'] }, '/optional': { ...config, consumer_optional: true } },
      consumers: [
        { username: 'alice', custom_id: 'bob' },
        { id, username: 'bob', custom_id: 'B' },
      ],
    })
    const name = async (sub: string, path = '/anything') =>
      (await ask({ path, bearer: provider.token({ claims: { sub } }) })).upstream?.headers['X-Consumer-Username']
    expect(await name('alice')).toBe('alice')
    expect(await name('bob')).toBe('bob')
    expect(await name('B')).toBe('bob')
    expect(await name(id)).toBeUndefined()
    expect(await name(id, '/id/anything')).toBe('bob')
    const forged = await ask({
      path: '/optional/anything',
      bearer: provider.token({ claims: { sub: 'nobody' } }),
      headers: { 'x-consumer-username': 'admin', 'x-consumer-id': '1' },
    })
    expect(forged.status).toBe(200)
    expect(Object.keys(forged.upstream?.headers ?? {}).filter((header) => /consumer/i.test(header))).toEqual([])
  })

  test('consumer groups of a claim let plugins of that group apply', async () => {
    const config = { auth_methods: ['bearer'], consumer_groups_claim: ['plan'] }
    const { ask, provider } = await startProtected({ config, consumer_groups: [{ name: 'gold' }] })
    expect((await ask({ bearer: provider.token({ claims: { plan: ['gold', 'unknown'] } }) })).status).toBe(200)
    expect((await ask({ bearer: provider.token({ claims: { plan: ['unknown'] } }) })).status).toBe(403)
  })
})
