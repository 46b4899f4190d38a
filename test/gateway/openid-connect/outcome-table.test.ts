import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rsaKey, startScriptedProvider, type ScriptedProvider } from '../../support/scripted-provider.js'
import { startProtected, type Ask, type Protected } from '../../support/protected-gateway.js'

interface Row {
  readonly name: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly arrange?: (setup: Protected) => void
  readonly ask?: Ask | ((provider: ScriptedProvider) => Ask)
  readonly consumers?: readonly Readonly<Record<string, unknown>>[]
  readonly status: number
  readonly message?: string
  /** After `Bearer realm="…"`; null: no challenge at all. */
  readonly challenge?: string | null
  readonly reason?: string
}

const stranger = rsaKey()
const INVALID = ', error="invalid_token"'
const INSUFFICIENT = ', error="insufficient_scope"'
const bearer = { auth_methods: ['bearer'] }
const introspection = { auth_methods: ['introspection'], client_id: ['demo'], client_secret: ['demo-secret'] }
const claims =
  (overrides: Readonly<Record<string, unknown>>, header = {}) =>
  (provider: ScriptedProvider): Ask => ({ bearer: provider.token({ claims: overrides, header }) })
const nowSeconds = () => Math.floor(Date.now() / 1000)

const ROWS: readonly Row[] = [
  { name: 'no credential, code flow off', config: bearer, status: 401, challenge: '', reason: 'no_credential' },
  {
    name: 'Authorization present but unusable, code flow off',
    config: bearer,
    ask: { headers: { authorization: 'Token abc' } },
    status: 401,
    challenge: '',
    reason: 'credential_unusable',
  },
  {
    name: 'Authorization without the word Bearer, code flow off',
    config: bearer,
    ask: (provider) => ({ headers: { authorization: provider.token() } }),
    status: 401,
    challenge: '',
    reason: 'credential_unusable',
  },
  {
    name: 'Basic credentials rejected by the provider',
    config: { auth_methods: ['client_credentials'] },
    ask: { basic: 'demo:wrong' },
    status: 401,
    challenge: INVALID,
    reason: 'grant_refused',
  },
  {
    name: 'Basic credentials the provider accepts',
    config: { auth_methods: ['client_credentials'] },
    ask: { basic: 'demo:demo-secret' },
    status: 200,
  },
  {
    name: 'provider refuses the scope',
    config: { auth_methods: ['client_credentials'] },
    arrange: ({ provider }) => provider.script('/token', { status: 400, body: '{"error":"invalid_scope"}' }),
    ask: { basic: 'demo:demo-secret' },
    status: 401,
    challenge: INVALID,
    reason: 'scope_refused',
  },
  { name: 'JWT malformed', config: bearer, ask: { bearer: 'eyJ.eyJ.x' }, status: 401, challenge: INVALID, reason: 'token_malformed' },
  {
    name: 'JWT with a bad signature',
    config: bearer,
    ask: (provider) => ({ bearer: provider.token({ key: stranger }) }),
    status: 401,
    challenge: INVALID,
    reason: 'token_bad_signature',
  },
  {
    name: 'JWT by an unknown key',
    config: bearer,
    ask: claims({}, { kid: 'nobody' }),
    status: 401,
    challenge: INVALID,
    reason: 'token_unknown_key',
  },
  {
    name: 'alg none',
    config: bearer,
    ask: (provider) => ({ bearer: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${provider.token().split('.')[1]}.` }),
    status: 401,
    challenge: INVALID,
    reason: 'token_alg_refused',
  },
  {
    name: 'encrypted (five parts)',
    config: bearer,
    ask: { bearer: 'eyJhbGciOiJkaXIifQ.a.b.c.d' },
    status: 401,
    challenge: INVALID,
    reason: 'token_malformed',
  },
  {
    name: 'JWT expired',
    config: bearer,
    ask: claims({ exp: nowSeconds() - 10 }),
    status: 401,
    challenge: INVALID,
    reason: 'token_expired',
  },
  {
    name: 'JWT expired, claims unverified: an access token must live',
    config: { ...bearer, verify_claims: false },
    ask: claims({ exp: nowSeconds() - 10 }),
    status: 401,
    challenge: INVALID,
    reason: 'token_expired',
  },
  {
    name: 'JWT without exp',
    config: bearer,
    ask: claims({ exp: undefined }),
    status: 401,
    challenge: INVALID,
    reason: 'token_invalid',
  },
  {
    name: 'JWT not yet valid',
    config: bearer,
    ask: claims({ nbf: nowSeconds() + 60 }),
    status: 401,
    challenge: INVALID,
    reason: 'token_not_yet_valid',
  },
  {
    name: 'iat in the future',
    config: bearer,
    ask: claims({ iat: nowSeconds() + 60 }),
    status: 401,
    challenge: INVALID,
    reason: 'token_iat_future',
  },
  { name: 'iat in the future within the leeway', config: { ...bearer, leeway: 90 }, ask: claims({ iat: nowSeconds() + 60 }), status: 200 },
  {
    name: 'wrong iss',
    config: bearer,
    ask: claims({ iss: 'https://other.example' }),
    status: 401,
    challenge: INVALID,
    reason: 'token_wrong_issuer',
  },
  {
    name: 'opaque token and nobody who takes it',
    config: bearer,
    ask: { bearer: 'opaque' },
    status: 401,
    challenge: INVALID,
    reason: 'token_malformed',
  },
  {
    name: 'introspection says inactive',
    config: introspection,
    arrange: ({ provider }) => provider.script('/introspect', { active: false }),
    ask: { bearer: 'opaque' },
    status: 401,
    challenge: INVALID,
    reason: 'token_inactive',
  },
  { name: 'introspection says active', config: introspection, ask: { bearer: 'opaque' }, status: 200 },
  {
    name: 'introspection fails',
    config: introspection,
    arrange: ({ provider }) => provider.script('/introspect', { status: 500 }),
    ask: { bearer: 'opaque' },
    status: 401,
    challenge: INVALID,
    reason: 'introspection_failed',
  },
  {
    name: 'userinfo answers 400',
    config: { auth_methods: ['userinfo'] },
    arrange: ({ provider }) => provider.script('/userinfo', { status: 400 }),
    ask: { bearer: 'opaque' },
    status: 401,
    challenge: INVALID,
    reason: 'userinfo_failed',
  },
  { name: 'userinfo answers 200', config: { auth_methods: ['userinfo'] }, ask: { bearer: 'opaque' }, status: 200 },
  {
    name: 'scope missing',
    config: { ...bearer, scopes_required: ['write'] },
    ask: claims({}),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'scope_missing',
  },
  { name: 'scope present', config: { ...bearer, scopes_required: ['write'] }, ask: claims({ scope: 'read write' }), status: 200 },
  {
    name: 'audience missing',
    config: { ...bearer, audience_required: ['orders'] },
    ask: claims({ aud: 'billing' }),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'audience_missing',
  },
  {
    name: 'audience present',
    config: { ...bearer, audience_required: ['orders'] },
    ask: claims({ aud: ['billing', 'orders'] }),
    status: 200,
  },
  {
    name: 'group missing',
    config: { ...bearer, groups_required: ['admins'] },
    ask: claims({ groups: ['users'] }),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'group_missing',
  },
  { name: 'group present', config: { ...bearer, groups_required: ['admins'] }, ask: claims({ groups: ['users', 'admins'] }), status: 200 },
  {
    name: 'role missing',
    config: { ...bearer, roles_required: ['ops'], roles_claim: ['realm_access', 'roles'] },
    ask: claims({ realm_access: { roles: [] } }),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'role_missing',
  },
  {
    name: 'role present',
    config: { ...bearer, roles_required: ['ops'], roles_claim: ['realm_access', 'roles'] },
    ask: claims({ realm_access: { roles: ['ops'] } }),
    status: 200,
  },
  {
    name: 'issuer not allowed, claims unverified',
    config: { ...bearer, verify_claims: false, issuers_allowed: ['https://a.example'] },
    ask: claims({ iss: 'https://b.example' }),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'issuer_not_allowed',
  },
  {
    name: 'issuer allowed, claims unverified',
    config: { ...bearer, verify_claims: false, issuers_allowed: ['https://b.example'] },
    ask: claims({ iss: 'https://b.example' }),
    status: 200,
  },
  {
    name: 'forbidden claim present',
    config: { ...bearer, claims_forbidden: ['act'] },
    ask: claims({ act: {} }),
    status: 403,
    challenge: INSUFFICIENT,
    reason: 'claim_forbidden',
  },
  { name: 'forbidden claim absent', config: { ...bearer, claims_forbidden: ['act'] }, ask: claims({}), status: 200 },
  {
    name: 'consumer claim missing',
    config: { ...bearer, consumer_claims: [['email']] },
    ask: claims({}),
    status: 403,
    challenge: '',
    reason: 'consumer_claim_missing',
  },
  {
    name: 'consumer not found',
    config: { ...bearer, consumer_claims: [['sub']] },
    ask: claims({}),
    status: 403,
    challenge: '',
    reason: 'consumer_not_found',
  },
  {
    name: 'consumer not found but optional',
    config: { ...bearer, consumer_claims: [['sub']], consumer_optional: true },
    ask: claims({}),
    status: 200,
  },
  {
    name: 'consumer found',
    config: { ...bearer, consumer_claims: [['sub']] },
    consumers: [{ username: 'alice' }],
    ask: claims({}),
    status: 200,
  },
  {
    name: 'consumer group not found',
    config: { ...bearer, consumer_groups_claim: ['groups'] },
    ask: claims({ groups: ['gold'] }),
    status: 403,
    challenge: '',
    reason: 'consumer_group_not_found',
  },
  {
    name: 'consumer not found, with an anonymous consumer',
    config: { ...bearer, consumer_claims: [['sub']], anonymous: 'nobody' },
    consumers: [{ username: 'nobody' }],
    ask: claims({}),
    status: 200,
  },
  {
    name: 'no credential, with an anonymous consumer',
    config: { ...bearer, anonymous: 'nobody' },
    consumers: [{ username: 'nobody' }],
    status: 200,
  },
  {
    name: 'scope missing, with an anonymous consumer',
    config: { ...bearer, scopes_required: ['write'], anonymous: 'nobody' },
    consumers: [{ username: 'nobody' }],
    ask: claims({}),
    status: 403,
    challenge: INSUFFICIENT,
  },
  {
    name: 'anonymous consumer does not exist',
    config: { ...bearer, anonymous: 'ghost' },
    status: 500,
    message: 'An unexpected error occurred',
    challenge: null,
    reason: 'anonymous_not_found',
  },
  {
    name: 'discovery fails and nothing is cached',
    config: bearer,
    arrange: ({ provider }) => provider.script('/.well-known/openid-configuration', { status: 500 }),
    ask: claims({}),
    status: 401,
    challenge: '',
    reason: 'discovery_failed',
  },
  {
    name: 'token endpoint unreachable',
    config: { auth_methods: ['client_credentials'], token_endpoint: 'http://127.0.0.1:1/token' },
    ask: { basic: 'demo:demo-secret' },
    status: 401,
    challenge: '',
    reason: 'idp_unreachable',
  },
  {
    name: 'jwt_session_cookie does not equal the claim',
    config: { ...bearer, jwt_session_cookie: 'app' },
    ask: (provider) => ({ bearer: provider.token({ claims: { sid: 's1' } }), headers: { cookie: 'app=s2' } }),
    status: 401,
    challenge: INVALID,
  },
  {
    name: 'jwt_session_cookie equals the claim',
    config: { ...bearer, jwt_session_cookie: 'app' },
    ask: (provider) => ({ bearer: provider.token({ claims: { sid: 's1' } }), headers: { cookie: 'app=s1' } }),
    status: 200,
  },
  {
    name: 'possession wanted and not proven',
    config: { ...bearer, proof_of_possession_mtls: 'strict' },
    ask: claims({}),
    status: 401,
    challenge: INVALID,
    reason: 'pop_failed',
  },
  {
    name: 'internal error',
    config: { ...bearer, userinfo_endpoint: 'http://127.0.0.1:1/', upstream_headers: [{ header: 'x', path: ['a'] }] },
    arrange: ({ gateway }) => {
      // a document whose plugin cannot work: no code path of ours throws by itself
      const plugin = gateway.config.plugins.find(({ name }) => name === 'openid-connect')
      Object.defineProperty(plugin?.config, 'scopes_claim', {
        get: () => {
          throw new Error('broken')
        },
      })
      Object.defineProperty(plugin?.config, 'scopes_required', { value: ['read'] })
    },
    ask: claims({}),
    status: 500,
    message: 'An unexpected error occurred',
    challenge: null,
    reason: 'internal_error',
  },
]

const MESSAGES: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden' }
const needsOwnGateway = ({ arrange, consumers }: Row) => arrange !== undefined || consumers !== undefined
const pathOf = (row: Row) => `/row-${ROWS.indexOf(row)}`

describe('outcome table (section 2.4)', () => {
  // one gateway with a route a row, where rows do not need the provider or the document for themselves
  let shared: Protected
  beforeAll(async () => {
    const routes = Object.fromEntries(ROWS.filter((row) => !needsOwnGateway(row)).map((row) => [pathOf(row), row.config ?? {}]))
    shared = await startProtected({ config: bearer, routes, until: afterAll })
  })

  test.for(ROWS)('$name → $status', async (row) => {
    const { config = {}, consumers = [], arrange, ask = {}, ...expected } = row
    const own = needsOwnGateway(row)
    const setup = own ? await startProtected({ config, consumers }) : shared
    arrange?.(setup)
    const asked = typeof ask === 'function' ? ask(setup.provider) : ask
    const answer = await setup.ask(own ? asked : { ...asked, path: `${pathOf(row)}/anything` })
    expect(answer.status).toBe(expected.status)
    if (expected.status === 200) {
      expect(answer.upstream).toBeDefined()
      return
    }
    expect(answer.upstream).toBeUndefined()
    expect(answer.body).toBe(JSON.stringify({ message: expected.message ?? MESSAGES[expected.status] }))
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.challenge).toBe(expected.challenge === null ? undefined : `Bearer realm="127.0.0.1"${expected.challenge ?? ''}`)
    if (expected.reason) expect(answer.trace.reason).toBe(expected.reason)
  })

  test('discovery fails but a previous configuration is cached: works from the cache', async () => {
    const { ask, provider, clock } = await startProtected({ config: bearer })
    expect((await ask({ bearer: provider.token() })).status).toBe(200)
    provider.script('/.well-known/openid-configuration', { status: 500 })
    clock.pass(7200)
    expect((await ask({ bearer: provider.token() })).status).toBe(200)
    expect((await ask({ bearer: provider.token({ key: stranger }) })).status).toBe(401)
  })
})

describe('around the table', () => {
  test('expose_error_code: false removes the error code', async () => {
    const { ask, provider } = await startProtected({ config: { ...bearer, expose_error_code: false, scopes_required: ['write'] } })
    expect((await ask({ bearer: 'x' })).challenge).toBe('Bearer realm="127.0.0.1"')
    expect((await ask({ bearer: provider.token() })).challenge).toBe('Bearer realm="127.0.0.1"')
  })

  test('bodies have 26 and 23 bytes', async () => {
    const { ask, provider } = await startProtected({ config: { ...bearer, scopes_required: ['write'] } })
    expect((await ask()).headers['content-length']).toBe('26')
    expect((await ask({ bearer: provider.token() })).headers['content-length']).toBe('23')
  })

  test('messages, redirects by client, display_errors', async () => {
    const named = await startProtected({
      config: { ...bearer, unauthorized_error_message: 'No', forbidden_error_message: 'Never', scopes_required: ['write'] },
    })
    expect((await named.ask()).body).toBe('{"message":"No"}')
    expect((await named.ask({ bearer: named.provider.token() })).body).toBe('{"message":"Never"}')

    const redirected = await startProtected({
      config: {
        ...bearer,
        scopes_required: ['write'],
        client_id: ['one', 'two'],
        client_secret: ['a', 'b'],
        unauthorized_redirect_uri: ['https://app.example/login', 'https://two.example/login'],
        forbidden_redirect_uri: ['https://app.example/denied'],
        unexpected_redirect_uri: ['https://app.example/oops'],
      },
    })
    expect(await redirected.ask()).toMatchObject({
      status: 302,
      body: '',
      headers: { location: 'https://app.example/login', 'content-length': '0' },
    })
    expect((await redirected.ask({ headers: { 'x-client-id': 'two' } })).headers['location']).toBe('https://two.example/login')
    expect((await redirected.ask({ bearer: redirected.provider.token() })).headers['location']).toBe('https://app.example/denied')
  })

  test('run_on_preflight: OPTIONS is judged, or passes untouched', async () => {
    const judged = await startProtected({ config: bearer })
    expect((await judged.ask({ method: 'OPTIONS' })).status).toBe(401)
    const open = await startProtected({
      config: { ...bearer, run_on_preflight: false, upstream_headers: [{ header: 'X-Email', path: ['email'] }] },
    })
    const answer = await open.ask({
      method: 'OPTIONS',
      headers: { 'x-email': 'forged', origin: 'https://a.example', 'access-control-request-method': 'GET' },
    })
    expect(answer.upstream?.method).toBe('OPTIONS')
    expect(answer.upstream?.headers).not.toHaveProperty('X-Email')
    expect((await open.ask()).status).toBe(401)
  })

  test('the provider hangs: the call is cut at `timeout`, and waiting requests share it', async () => {
    const provider = await startScriptedProvider()
    provider.script('/.well-known/openid-configuration', 'hang')
    const { ask } = await startProtected({ provider, config: { ...bearer, timeout: 150 } })
    const answers = await Promise.all([ask({ bearer: 'a' }), ask({ bearer: 'b' }), ask({ bearer: 'c' })])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(provider.count('/.well-known/openid-configuration')).toBe(1)
  })
})
