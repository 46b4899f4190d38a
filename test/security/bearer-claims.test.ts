import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject } from '../../src/jwt/types.js'
import { rsaKey, startScriptedProvider } from '../support/scripted-provider.js'
import { startProtected, type Answer, type Protected } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'

/** gateway-security-cases.md section 1.4: what a genuine token says. One gateway, a route for each policy. */
const until = untilAll()
let setup: Protected
beforeAll(async () => {
  setup = await startProtected({
    until,
    config: { auth_methods: ['bearer'] },
    routes: {
      '/aud': { auth_methods: ['bearer'], audience_required: ['orders'] },
      '/leeway': { auth_methods: ['bearer'], leeway: 30 },
      '/groups': { auth_methods: ['bearer'], groups_required: ['admins'] },
      '/empty': { auth_methods: ['bearer'], groups_required: [' '] },
      '/bound': { auth_methods: ['bearer'], proof_of_possession_mtls: 'strict' },
      '/cookie': {
        auth_methods: ['bearer'],
        bearer_token_param_type: ['header', 'query', 'body', 'cookie'],
        bearer_token_cookie_name: 'at',
      },
      '/nested': { auth_methods: ['bearer'], scopes_claim: ['__proto__', 'scope'], scopes_required: ['read'] },
    },
  })
})

const attacker = rsaKey()

const at = (seconds: number) => Math.floor(setup.clock.ms / 1000) + seconds
const claims = (overrides: Readonly<Record<string, unknown>>) => ({ bearer: setup.provider.token({ claims: overrides }) })

/** 401 with a Bearer challenge, and nothing upstream. */
function expect401B(answer: Answer): void {
  expect(answer.upstream).toBeUndefined()
  expect(answer.status).toBe(401)
  expect(answer.challenge).toMatch(/^Bearer realm=/)
}

describe('G-66 exp', () => {
  const now = () => at(0)
  test.for([
    { name: 'now', exp: () => now(), status: 401 },
    { name: 'one second ago', exp: () => now() - 1, status: 401 },
    { name: 'a second ahead', exp: () => now() + 2, status: 200 },
    { name: 'a numeric string ahead (Kong since 3.13)', exp: () => String(now() + 60), status: 200 },
    { name: 'a numeric string of the past', exp: () => '1699999999', status: 401 },
    { name: 'a fraction ahead', exp: () => now() + 60.5, status: 200 },
    { name: 'a fraction of the past', exp: () => 1.5e9 + 0.5, status: 401 },
    { name: 'huge', exp: () => 1e300, status: 401 },
    { name: 'milliseconds by mistake', exp: () => now() * 1000, status: 401 },
    { name: 'negative', exp: () => -1, status: 401 },
    { name: 'null', exp: () => null, status: 401 },
    { name: 'absent', exp: () => undefined, status: 401 },
    { name: 'a list', exp: () => [now() + 60], status: 401 },
  ])('$name → $status', async ({ exp, status }) => {
    expect((await setup.ask(claims({ exp: exp() }))).status).toBe(status)
  })

  test('leeway moves the end and no further, also for a cached verdict', async () => {
    const bearer = setup.provider.token({ claims: { exp: at(0) - 29 } })
    expect((await setup.ask({ path: '/leeway/anything', bearer })).status).toBe(200)
    expect401B(await setup.ask({ bearer }))
    expect401B(await setup.ask({ path: '/leeway/anything', ...claims({ exp: at(0) - 31 }) }))
  })

  test('a cached verdict ends with the token', async () => {
    const own = await startProtected({ config: { auth_methods: ['bearer'] } })
    const bearer = own.provider.token({ claims: { exp: Math.floor(own.clock.ms / 1000) + 60 } })
    expect((await own.ask({ bearer })).status).toBe(200)
    own.clock.pass(30)
    expect((await own.ask({ bearer })).status).toBe(200)
    own.clock.pass(31)
    expect401B(await own.ask({ bearer }))
  })
})

describe('G-68 iss', () => {
  test.for([
    { name: 'a list with the good one', iss: (good: string) => [good, 'https://evil.example'] },
    { name: 'a prefix', iss: (good: string) => good.slice(0, -1) },
    { name: 'a suffix added', iss: (good: string) => `${good}.evil` },
    { name: 'a trailing slash', iss: (good: string) => `${good}/` },
    { name: 'upper case', iss: (good: string) => good.toUpperCase() },
    { name: 'absent', iss: () => undefined },
    { name: 'an object', iss: (good: string) => ({ [good]: true }) },
  ])('$name', async ({ iss }) => {
    expect401B(await setup.ask(claims({ iss: iss(setup.provider.issuer) })))
  })

  test('discovery unreachable: never unchecked', async () => {
    const provider = await startScriptedProvider()
    provider.script('/.well-known/openid-configuration', { status: 503 })
    const dark = await startProtected({ provider, config: { auth_methods: ['bearer'] } })
    expect401B(await dark.ask({ bearer: provider.token() }))
  })
})

describe('G-69 aud', () => {
  test.for([
    { name: 'absent', aud: undefined, status: 403 },
    { name: 'another', aud: 'billing', status: 403 },
    { name: 'a list without', aud: ['billing'], status: 403 },
    { name: 'a longer name', aud: 'orders-admin', status: 403 },
    { name: 'a shorter name', aud: 'order', status: 403 },
    { name: 'a number', aud: 1, status: 403 },
    { name: 'an object', aud: { orders: true }, status: 403 },
    { name: 'the one', aud: 'orders', status: 200 },
    { name: 'a list with', aud: ['billing', 'orders'], status: 200 },
  ])('$name → $status', async ({ aud, status }) => {
    const answer = await setup.ask({ path: '/aud/anything', ...claims({ aud }) })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.upstream).toBeUndefined()
  })
})

describe('G-70 other kinds of token', () => {
  test.for([
    { name: 'ID token by at_hash', parts: { claims: { aud: 'demo', at_hash: 'x' }, header: { typ: 'JWT' } } },
    { name: 'ID token by nonce', parts: { claims: { aud: 'demo', nonce: 'n' }, header: { typ: 'JWT' } } },
    { name: 'ID token by Keycloak’s typ claim', parts: { claims: { typ: 'ID' } } },
    { name: 'refresh token', parts: { claims: { typ: 'Refresh' } } },
    { name: 'logout token by typ', parts: { header: { typ: 'logout+jwt' } } },
    { name: 'logout token by event', parts: { claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } } } },
    { name: 'client assertion', parts: { header: { typ: 'application/client-authentication+jwt' } } },
    { name: 'DPoP proof', parts: { header: { typ: 'DPoP+JWT' } } },
  ])('$name', async ({ parts }) => {
    const answer = await setup.ask({ bearer: setup.provider.token(parts) })
    expect401B(answer)
    expect(answer.trace.reason).toBe('token_wrong_type')
  })

  test('an access token typed at+jwt or JWT passes', async () => {
    for (const typ of ['at+jwt', 'JWT', undefined]) {
      expect((await setup.ask({ bearer: setup.provider.token({ header: { typ } as JsonObject }) })).status).toBe(200)
    }
  })
})

test('G-71 a key of issuer A does not speak for issuer B, in either plugin instance', async () => {
  const [a, b] = await Promise.all([startScriptedProvider(), startScriptedProvider({ key: attacker })])
  onTestFinished(() => b.close())
  const own = await startProtected({
    provider: a,
    config: { auth_methods: ['bearer'] },
    routes: { '/b': { auth_methods: ['bearer'], issuer: b.issuer } },
  })
  expect((await own.ask({ bearer: a.token() })).status).toBe(200)
  expect((await own.ask({ path: '/b/anything', bearer: b.token() })).status).toBe(200)
  for (const path of ['/anything', '/b/anything']) {
    expect401B(await own.ask({ path, bearer: a.token({ claims: { iss: b.issuer } }) }))
    expect401B(await own.ask({ path, bearer: b.token({ claims: { iss: a.issuer } }) }))
  }
  expect401B(await own.ask({ path: '/b/anything', bearer: a.token() }))
})

test.for([
  { name: 'an empty string', groups: [''] },
  { name: 'empty text', groups: '' },
  { name: 'a look-alike (Cyrillic а)', groups: ['аdmins'] },
  { name: 'another case', groups: ['Admins'] },
  { name: 'a name with spaces around the wanted one', groups: ['not admins here'] },
  { name: 'overage pointers', groups: undefined, _claim_names: { groups: 'src1' } },
  { name: 'null', groups: null },
  { name: 'an object', groups: { admins: true } },
])('G-73 $name is in no group', async ({ name: _name, ...overrides }) => {
  const answer = await setup.ask({ path: '/groups/anything', ...claims(overrides) })
  expect(answer).toMatchObject({ status: 403, upstream: undefined })
  expect((await setup.ask({ path: '/empty/anything', ...claims(overrides) })).status).toBe(403)
})

test('G-79 a route that wants possession refuses a token without binding, and a bound one without proof', async () => {
  expect401B(await setup.ask({ path: '/bound/anything', bearer: setup.provider.token() }))
  expect401B(await setup.ask({ path: '/bound/anything', ...claims({ cnf: { 'x5t#S256': 'x' } }) }))
})

describe('G-36 several credentials', () => {
  const path = '/cookie/anything'

  test('two Authorization lines never get through', async () => {
    const rawHeaders = ['Authorization', `Bearer ${setup.provider.token()}`, 'Authorization', `Bearer ${setup.provider.token()}`]
    const answer = await setup.ask({ path, rawHeaders })
    expect([400, 401]).toContain(answer.status)
    expect(answer.upstream).toBeUndefined()
  })

  test('different tokens in different places are refused, one token twice is fine', async () => {
    const one = setup.provider.token()
    const two = setup.provider.token()
    const twice = (other: string) => [
      { path: `${path}?access_token=${other}`, bearer: one },
      { path, bearer: one, headers: { cookie: `at=${other}` } },
      { path, bearer: one, headers: { 'x-access-token': other } },
      {
        path,
        bearer: one,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `access_token=${other}`,
      },
      { path: `${path}?access_token=${one}&access_token=${other}` },
    ]
    for (const ask of twice(two)) expect401B(await setup.ask(ask))
    for (const ask of twice(one)) expect((await setup.ask(ask)).status).toBe(200)
  })
})

test('G-35 claims, headers and fields named like inherited members are data', async () => {
  const token = setup.provider.token({ claims: JSON.parse('{"__proto__":{"scope":"other"},"constructor":"x"}') as Record<string, unknown> })
  expect((await setup.ask({ path: '/nested/anything', bearer: token })).status).toBe(403)
  const raw = JSON.parse(`{"iss":"${setup.provider.issuer}","sub":"a","exp":${at(60)},"__proto__":{"scope":"read"}}`) as JsonObject
  const own = signJwt({ alg: 'RS256', kid: 'k1' }, raw, setup.provider.key)
  expect((await setup.ask({ path: '/nested/anything', bearer: own })).status).toBe(200)
  expect401B(
    await setup.ask({ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"__proto__":{"access_token":"x"}}' }),
  )
})

test.for(['null', '[]', '1', '""', '{', '', '{"access_token":null}', '{"access_token":7}'])(
  'G-58 JSON body %j is no credential and no error',
  async (body) => {
    expect401B(await setup.ask({ method: 'POST', headers: { 'content-type': 'application/json' }, body }))
  },
)
