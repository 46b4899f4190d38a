import { describe, expect, test } from 'vitest'
import { startScriptedProvider } from '../support/scripted-provider.js'
import { startProtected } from '../support/protected-gateway.js'

/** gateway-security-cases.md: what a provider says, and what the gateway says to it. */
const client = { client_id: ['demo'], client_secret: ['demo-secret'] }
const bearer = { auth_methods: ['bearer'] }

test('G-105 only the code grant names a redirect_uri', async () => {
  const { ask, provider } = await startProtected({
    config: {
      ...client,
      auth_methods: ['password', 'client_credentials', 'refresh_token'],
      refresh_token_param_name: 'refresh_token',
      redirect_uri: ['https://a.example/'],
    },
  })
  await ask({ basic: 'alice:wonderland' })
  await ask({ basic: 'demo:demo-secret' })
  await ask({ headers: { 'refresh-token': 'refresh-1' } })
  const forms = provider.requests.filter(({ path }) => path === '/token').map(({ form }) => form)
  expect(new Set(forms.map((form) => form.get('grant_type')))).toEqual(new Set(['password', 'client_credentials', 'refresh_token']))
  for (const form of forms) expect(form.has('redirect_uri')).toBe(false)
})

test('G-115 userinfo about somebody else than the ID token is not used', async () => {
  const provider = await startScriptedProvider()
  const config = {
    ...client,
    auth_methods: ['password'],
    upstream_user_info_header: 'X-Userinfo',
    cache_user_info: false,
    cache_tokens: false,
  }
  const { ask } = await startProtected({ provider, config })
  const id_token = provider.token({ claims: { aud: 'demo' }, header: { typ: 'JWT' } })
  provider.script('/token', { access_token: provider.token(), id_token, token_type: 'Bearer', expires_in: 60 })
  expect(await ask({ basic: 'alice:wonderland' })).toMatchObject({ status: 200 })
  provider.script('/userinfo', { sub: 'mallory', groups: ['admins'] })
  expect(await ask({ basic: 'alice:wonderland' })).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'userinfo_failed' } })
})

test.for(['file:///etc/hostname', 'data:application/json,{"keys":[]}', 'javascript:1', '/jwks', 7])(
  'G-153 a key set at %s is not fetched, and nothing is believed without it',
  async (jwks_uri) => {
    const provider = await startScriptedProvider()
    provider.script('/.well-known/openid-configuration', { ...provider.metadata, jwks_uri } as never)
    const { ask } = await startProtected({ provider, config: bearer })
    expect(await ask({ bearer: provider.token() })).toMatchObject({ status: 401, upstream: undefined })
    expect(provider.count('/jwks')).toBe(0)
  },
)

describe('G-155 an answer that is too much', () => {
  test.for([
    { name: 'of 2 MB', answer: { status: 200, body: `{"active":true,"x":"${'x'.repeat(2 * 1024 * 1024)}"}` } },
    {
      name: 'that claims to be packed',
      answer: { status: 200, body: '{"active":true}', headers: { 'content-encoding': 'gzip, br, gzip' } },
      passes: true,
    },
    { name: 'that is packed', answer: { status: 200, body: '\u001f\u008b\u0008', headers: { 'content-encoding': 'gzip' } } },
  ])('$name is cut or read as it is, never unpacked', async ({ answer, passes }) => {
    const { ask, provider } = await startProtected({ config: { ...client, auth_methods: ['introspection'] } })
    provider.script('/introspect', answer)
    expect((await ask({ bearer: 'opaque' })).status).toBe(passes ? 200 : 401)
    provider.script('/introspect', { active: true })
    expect((await ask({ bearer: 'other' })).status).toBe(200)
  })
})

describe('G-178 anonymous stands in for who is refused, never for who could not be asked about', () => {
  const consumers = [{ username: 'guest' }]
  const anonymous = 'guest'

  test('discovery fails', async () => {
    const provider = await startScriptedProvider()
    const { ask } = await startProtected({ provider, config: { ...bearer, anonymous }, consumers })
    provider.script('/.well-known/openid-configuration', { status: 500 })
    expect(await ask({ bearer: provider.token() })).toMatchObject({
      status: 401,
      upstream: undefined,
      trace: { reason: 'discovery_failed' },
    })
  })

  test.for([
    {
      name: 'introspection',
      config: { auth_methods: ['introspection'] },
      path: '/introspect',
      credential: { bearer: 'opaque' },
      refusal: { active: false },
    },
    { name: 'userinfo', config: { auth_methods: ['userinfo'] }, path: '/userinfo', credential: { bearer: 'opaque' } },
    {
      name: 'the token endpoint',
      config: { auth_methods: ['password'], cache_tokens: false },
      path: '/token',
      credential: { basic: 'alice:wonderland' },
      refusal: { status: 400, body: '{"error":"invalid_grant"}' },
    },
  ])('$name fails', async ({ config, path, credential, refusal }) => {
    const { ask, provider } = await startProtected({ config: { ...client, ...config, anonymous }, consumers })
    provider.script(path, { status: 500 })
    expect(await ask(credential)).toMatchObject({ status: 401, upstream: undefined })
    if (refusal) {
      provider.script(path, refusal)
      expect((await ask(credential)).upstream?.headers).toMatchObject({ 'X-Anonymous-Consumer': 'true' })
    }
    expect((await ask()).upstream?.headers).toMatchObject({ 'X-Anonymous-Consumer': 'true' })
  })
})
