import { beforeAll, describe, expect, test } from 'vitest'
import { cookies } from '../gateway/openid-connect/field-rows/row.js'
import { startProtected, type Ask, type Protected } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'

const mapped = {
  upstream_headers: [{ header: 'X_Email', path: ['email'] }],
  upstream_headers_names: ['X-Tenant'],
  upstream_headers_claims: ['tenant'],
  upstream_user_info_header: 'X-Facts',
  upstream_session_id_header: 'X-Sid',
  session_request_headers: ['id'],
}
const MANAGED = ['x-email', 'x-tenant', 'x-facts', 'x-sid', 'session-id', 'x-userinfo', 'x-id-token', 'x-access-token', 'x-refresh-token']
const CORE = [
  'x-consumer-id',
  'x-consumer-username',
  'x-consumer-custom-id',
  'x-credential-identifier',
  'x-authenticated-groups',
  'x-anonymous-consumer',
]

/** G-22 to G-24: identity headers come from the gateway alone, in every spelling, on every way a request can take. */
describe('G-22 forged identity headers', () => {
  const until = untilAll()
  let setup: Protected
  beforeAll(async () => {
    const bearer = { auth_methods: ['bearer'], ...mapped }
    setup = await startProtected({
      until,
      config: bearer,
      routes: {
        '/anonymous': { ...bearer, anonymous: 'nobody' },
        '/shown': { ...bearer, hide_credentials: false },
        '/preflight': { ...bearer, run_on_preflight: false },
        '/session': {
          ...mapped,
          auth_methods: ['session', 'password'],
          client_id: ['demo'],
          client_secret: ['demo-secret'],
          session_secret: 'x'.repeat(32),
        },
      },
      consumers: [{ username: 'nobody' }],
    })
  })

  const spellings = (name: string) => [name, name.replaceAll('-', '_'), name.replaceAll('-', '.'), name.toUpperCase()]
  const forged = Object.fromEntries([...MANAGED, ...CORE].flatMap(spellings).map((name) => [name, 'forged']))

  const ways: readonly { name: string; ask: () => Ask | Promise<Ask> }[] = [
    { name: 'anonymous', ask: () => ({ path: '/anonymous/anything' }) },
    {
      name: 'preflight',
      ask: () => ({
        method: 'OPTIONS',
        path: '/preflight/anything',
        headers: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
      }),
    },
    {
      name: 'session',
      ask: async () => {
        const first = await setup.ask({ path: '/session/anything', basic: 'alice:wonderland' })
        return { path: '/session/anything', headers: { cookie: cookies([first]) } }
      },
    },
    { name: 'bearer', ask: () => ({ bearer: setup.provider.token() }) },
  ]

  test.for(ways)('never pass: $name', async ({ name, ask }) => {
    const { headers = {}, bearer, ...rest } = await ask()
    // on the bearer way X-Access-Token would be a second credential
    const sent = Object.fromEntries(Object.entries(forged).filter(([header]) => bearer === undefined || !/access.token/i.test(header)))
    const answer = await setup.ask({ ...rest, ...(bearer !== undefined && { bearer }), headers: { ...sent, ...headers } })
    expect(answer.upstream, name).toBeDefined()
    expect(Object.values(answer.upstream?.headers ?? {}).filter((value) => value.includes('forged'))).toEqual([])
  })

  test('G-23 a mapped claim that is there is told, one that is missing leaves no header', async () => {
    const { upstream } = await setup.ask({
      bearer: setup.provider.token({ claims: { email: 'a@b.test' } }),
      headers: { 'x-tenant': 'forged' },
    })
    expect(upstream?.headers).toMatchObject({ 'X-Email': 'a@b.test' })
    expect(upstream?.headers).not.toHaveProperty('X-Tenant')
  })

  test.for([
    { name: 'with a line break it is none', access_token: 'opaque\r\nX-Email: forged@b.test', status: 401 },
    { name: 'letters beyond ASCII go as UTF-8', access_token: 'opäque-token', status: 200, sent: 'Bearer opäque-token' },
  ])('an opaque token of the provider: $name', async ({ access_token, status, sent }) => {
    const credentials = { auth_methods: ['password'], client_id: ['demo'], client_secret: ['demo-secret'] }
    const { provider, ask } = await startProtected({ config: { ...mapped, ...credentials } })
    provider.script('/token', { access_token, token_type: 'Bearer', expires_in: 60 })
    const answer = await ask({ basic: 'alice:wonderland' })
    expect(answer.status).toBe(status)
    expect(answer.upstream?.headers['Authorization']).toBe(sent && Buffer.from(sent).toString('latin1'))
    expect(JSON.stringify(answer.upstream?.headers ?? {})).not.toContain('forged')
  })

  test.for(['/anything', '/shown/anything'])('G-24 an escaped Authorization beside the real one never goes upstream: %s', async (path) => {
    const bearer = setup.provider.token()
    const { upstream } = await setup.ask({ path, bearer, headers: { '%61uthorization': 'Bearer forged' } })
    expect(upstream?.headers).toMatchObject({ Authorization: `Bearer ${bearer}` })
    expect(Object.values(upstream?.headers ?? {})).not.toContain('Bearer forged')
  })

  test('G-25 Connection cannot name an injected header away', async () => {
    const headers = { connection: 'keep-alive, X-Email, authorization' }
    const answer = await setup.ask({ bearer: setup.provider.token({ claims: { email: 'a@b.test' } }), headers })
    if (answer.status === 200)
      expect(answer.upstream?.headers).toMatchObject({
        'X-Email': 'a@b.test',
        Authorization: expect.stringMatching(/^Bearer ey/) as string,
      })
    else expect(answer.upstream).toBeUndefined()
  })
})
