import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { JsonObject } from '../../src/jwt/types.js'
import { startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js'
import { startProtected, type Protected } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'

/** gateway-security-cases.md section 1.5 and the F- faults of provider calls. */
const client = { client_id: ['demo'], client_secret: ['demo-secret'] }
const introspection = { auth_methods: ['introspection'], ...client }
const bearer = { auth_methods: ['bearer'] }
const seconds = ({ clock }: Protected) => Math.floor(clock.ms / 1000)
const status = async (answer: Promise<{ status: number }>) => (await answer).status

describe('G-80 a cached token is still judged by each route', () => {
  test.for([
    { name: 'introspection', config: introspection, token: () => 'opaque' },
    { name: 'bearer', config: bearer, token: (provider: ScriptedProvider) => provider.token() },
  ])('$name, in both orders, warm cache', async ({ config, token }) => {
    const setup = await startProtected({
      config: { ...config, scopes_required: ['read'] },
      routes: { '/b': { ...config, scopes_required: ['write'] } },
    })
    const one = token(setup.provider)
    for (const path of ['/anything', '/b/anything', '/anything', '/b/anything']) {
      expect(await status(setup.ask({ path, bearer: one }))).toBe(path.startsWith('/b') ? 403 : 200)
    }
  })
})

test('G-81 one token string, two providers: each answers for itself', async () => {
  const [one, two] = await Promise.all([startScriptedProvider(), startScriptedProvider()])
  onTestFinished(() => two.close())
  two.script('/introspect', { active: false })
  const setup = await startProtected({ provider: one, config: introspection, routes: { '/b': { ...introspection, issuer: two.issuer } } })
  for (const round of [1, 2]) {
    expect(await status(setup.ask({ bearer: 'same' })), `round ${round}`).toBe(200)
    expect(await status(setup.ask({ path: '/b/anything', bearer: 'same' })), `round ${round}`).toBe(401)
  }
})

describe('G-83 nothing outlives itself', () => {
  test('introspection: exp in 2 s with a ttl of an hour', async () => {
    const setup = await startProtected({ config: { ...introspection, cache_ttl: 3600, cache_ttl_min: 600 } })
    const exp = seconds(setup) + 2
    setup.provider.script('/introspect', () => ({ active: true, exp }))
    expect(await status(setup.ask({ bearer: 'opaque' }))).toBe(200)
    setup.provider.script('/introspect', { active: false })
    setup.clock.pass(1)
    expect(await status(setup.ask({ bearer: 'opaque' }))).toBe(200)
    setup.clock.pass(2)
    expect(await status(setup.ask({ bearer: 'opaque' }))).toBe(401)
    expect(setup.provider.count('/introspect')).toBe(2)
  })

  test.for([{ expires_in: 0 }, { expires_in: -1 }, { expires_in: '60' }, {}])('token response with %j', async (life) => {
    const setup = await startProtected({ config: { auth_methods: ['client_credentials'], cache_ttl: 60 } })
    setup.provider.script('/token', () => ({ access_token: randomUUID(), token_type: 'Bearer', ...life }) as JsonObject)
    const ask = () => setup.ask({ basic: 'demo:demo-secret' })
    const lives = life.expires_in === undefined || life.expires_in === '60'
    const first = await ask()
    expect(first.status).toBe(lives ? 200 : 401)
    const second = await ask()
    expect(setup.provider.count('/token')).toBe(lives ? 1 : 2)
    if (lives) expect(second.upstream?.headers['Authorization']).toBe(first.upstream?.headers['Authorization'])
    setup.clock.pass(61)
    await ask()
    expect(setup.provider.count('/token')).toBe(lives ? 2 : 3)
  })

  test('a JWT in the token cache ends with its own exp', async () => {
    const setup = await startProtected({ config: { auth_methods: ['client_credentials'] } })
    setup.provider.script('/token', () => ({
      access_token: setup.provider.token({ claims: { exp: seconds(setup) + 5 } }),
      token_type: 'Bearer',
      expires_in: 3600,
    }))
    const ask = () => status(setup.ask({ basic: 'demo:demo-secret' }))
    expect(await ask()).toBe(200)
    setup.clock.pass(4)
    expect(await ask()).toBe(200)
    expect(setup.provider.count('/token')).toBe(1)
    setup.clock.pass(2)
    expect(await ask()).toBe(200)
    expect(setup.provider.count('/token')).toBe(2)
  })
})

describe('G-84 what is cached, and what never is', () => {
  test('revocation is seen within the ttl; at once without a cache', async () => {
    const setup = await startProtected({
      config: { ...introspection, cache_ttl: 60 },
      routes: { '/b': { ...introspection, cache_introspection: false } },
    })
    for (const path of ['/anything', '/b/anything']) expect(await status(setup.ask({ path, bearer: 't' }))).toBe(200)
    setup.provider.script('/introspect', { active: false })
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
    expect(await status(setup.ask({ path: '/b/anything', bearer: 't' }))).toBe(401)
    setup.clock.pass(61)
    expect(await status(setup.ask({ bearer: 't' }))).toBe(401)
  })

  test.for([
    { name: '500', answer: { status: 500 } as const },
    { name: 'no answer', answer: 'hang' as const },
    { name: 'HTML', answer: { status: 200, body: '<html>' } as const },
    { name: '401 for our own credentials (F-09)', answer: { status: 401 } as const },
  ])('a failure ($name) is remembered neither way', async ({ answer }) => {
    const setup = await startProtected({ config: { ...introspection, timeout: 100, cache_ttl_neg: 600 } })
    setup.provider.script('/introspect', answer)
    const refused = await setup.ask({ bearer: 't' })
    expect(refused).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'introspection_failed' } })
    setup.provider.script('/introspect', { active: true })
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
  })

  test.for([
    { name: 'nothing', fields: {} },
    { name: 'an argument', fields: { introspection_post_args_client: ['tenant'] } },
    { name: 'a header', fields: { introspection_post_args_client_headers: ['tenant'] } },
  ])('without a cache each request asks, also when the caller adds $name', async ({ fields }) => {
    const { ask, provider } = await startProtected({
      config: { ...introspection, ...fields, cache_introspection: false },
      routes: { '/cached': { ...introspection, ...fields } },
    })
    const calls = async (path: string) => {
      const before = provider.count('/introspect')
      for (let round = 0; round < 3; round += 1) await ask({ path, bearer: 'opaque', headers: { tenant: 'one' } })
      return provider.count('/introspect') - before
    }
    expect([await calls('/anything'), await calls('/cached/anything')]).toEqual([3, 1])
  })

  test('inactive is remembered only with cache_ttl_neg', async () => {
    const setup = await startProtected({ config: introspection, routes: { '/b': { ...introspection, cache_ttl_neg: 30 } } })
    setup.provider.script('/introspect', { active: false })
    for (const path of ['/anything', '/b/anything']) expect(await status(setup.ask({ path, bearer: 't' }))).toBe(401)
    setup.provider.script('/introspect', { active: true })
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
    expect(await status(setup.ask({ path: '/b/anything', bearer: 't' }))).toBe(401)
    setup.clock.pass(31)
    expect(await status(setup.ask({ path: '/b/anything', bearer: 't' }))).toBe(200)
  })

  test('cache_ttl_resurrect: a stale answer stands in for a failed one, for so long and not longer', async () => {
    const setup = await startProtected({ config: { ...introspection, cache_ttl: 60, cache_ttl_resurrect: 30 } })
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
    setup.provider.script('/introspect', { status: 503 })
    setup.clock.pass(80)
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
    setup.clock.pass(20)
    expect(await status(setup.ask({ bearer: 't' }))).toBe(401)
  })
})

describe('G-85 only true is active', () => {
  const until = untilAll()
  let setup: Protected
  beforeAll(async () => {
    setup = await startProtected({ config: introspection, until })
  })

  test.for(['{"active":"true"}', '{"active":1}', '{}', '[]', '<html>', '', '{"active":null}', 'null', '{"active":[true]}'])(
    '%j',
    async (body) => {
      setup.provider.script('/introspect', { status: 200, body })
      expect(await setup.ask({ bearer: 't' })).toMatchObject({ status: 401, upstream: undefined })
    },
  )

  test('204, and then the control', async () => {
    setup.provider.script('/introspect', { status: 204 })
    expect(await setup.ask({ bearer: 't' })).toMatchObject({ status: 401, upstream: undefined })
    setup.provider.script('/introspect', { active: true })
    expect(await status(setup.ask({ bearer: 't' }))).toBe(200)
  })
})

describe('G-86 the key set is fetched at most once a cool-down', () => {
  test('many unknown kids: one fetch; known keys go on working; expired tokens fetch nothing', async () => {
    const setup = await startProtected({ config: bearer })
    expect(await status(setup.ask({ bearer: setup.provider.token() }))).toBe(200)
    setup.clock.pass(31)
    const flood = Array.from({ length: 60 }, (_, index) => setup.provider.token({ header: { kid: `random-${index}` } }))
    const answers = await Promise.all(flood.map((token) => status(setup.ask({ bearer: token }))))
    expect(new Set(answers)).toEqual(new Set([401]))
    expect(setup.provider.count('/jwks')).toBe(2)
    expect(await status(setup.ask({ bearer: setup.provider.token() }))).toBe(200)
    setup.clock.pass(31)
    for (const kid of ['a', 'b', 'k1']) {
      expect(await status(setup.ask({ bearer: setup.provider.token({ header: { kid }, claims: { exp: seconds(setup) - 1 } }) }))).toBe(401)
    }
    expect(setup.provider.count('/jwks')).toBe(2)
  })

  test('an empty key set throttles as well', async () => {
    const provider = await startScriptedProvider()
    provider.publish()
    const setup = await startProtected({ provider, config: bearer })
    for (let index = 0; index < 5; index++) expect(await status(setup.ask({ bearer: provider.token() }))).toBe(401)
    expect(provider.count('/jwks')).toBe(1)
    setup.clock.pass(31)
    for (let index = 0; index < 5; index++) await setup.ask({ bearer: provider.token() })
    expect(provider.count('/jwks')).toBe(2)
  })
})

test('G-87, F-07 a flood of unknown kids does not starve a real rotation beyond one cool-down', async () => {
  const setup = await startProtected({ config: bearer })
  const { provider, clock, ask } = setup
  expect(await status(ask({ bearer: provider.token() }))).toBe(200)
  clock.pass(31)
  await ask({ bearer: provider.token({ header: { kid: 'flood' } }) })
  const fresh = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  provider.publish({ key: fresh, kid: 'k2' })
  const rotated = () => provider.token({ key: fresh, header: { alg: 'ES256', kid: 'k2' } })
  expect(await status(ask({ bearer: rotated() }))).toBe(401)
  const old = provider.token()
  expect(await status(ask({ bearer: old }))).toBe(200)
  clock.pass(31)
  await ask({ bearer: provider.token({ header: { kid: 'flood-2' } }) })
  expect(await status(ask({ bearer: rotated() }))).toBe(200)
  // F-06: the old key left the set, and a warm verdict for it goes with it
  expect(await status(ask({ bearer: old }))).toBe(401)
})

test('G-88 many first requests at once: one discovery, one key set, one introspection a token', async () => {
  const setup = await startProtected({ config: bearer, routes: { '/i': introspection } })
  const token = setup.provider.token()
  const asked = [...Array(30).keys()].flatMap(() => [setup.ask({ bearer: token }), setup.ask({ path: '/i/anything', bearer: 'opaque' })])
  expect(new Set(await Promise.all(asked.map(status)))).toEqual(new Set([200]))
  expect(['/.well-known/openid-configuration', '/jwks', '/introspect'].map((path) => setup.provider.count(path))).toEqual([1, 1, 1])
})

test('G-89 bad members of a key set do not spoil the good ones; a giant set is refused', async () => {
  const provider = await startScriptedProvider()
  const good = { ...(createPublicKey(provider.key).export({ format: 'jwk' }) as JsonObject), kid: 'k1' }
  const odd = [
    null,
    'x',
    7,
    {},
    { kty: 'XYZ', kid: 'k9' },
    { kty: 'RSA', kid: 'broken', n: '!!', e: 'AQAB' },
    { ...good, kid: 'k1', d: 'private', x5c: ['?'] },
  ]
  const filler = Array.from({ length: 500 }, (_, index) => ({ kty: 'EC', crv: 'P-256', kid: `f${index}`, x: 'a', y: 'b' }))
  provider.script('/jwks', { keys: [...odd, ...filler, good] } as unknown as JsonObject)
  const setup = await startProtected({ provider, config: bearer })
  expect(await status(setup.ask({ bearer: provider.token() }))).toBe(200)

  const giant = await startScriptedProvider()
  giant.script('/jwks', { status: 200, body: JSON.stringify({ keys: [good], filler: 'x'.repeat(5 * 1024 * 1024) }) })
  const dark = await startProtected({ provider: giant, config: bearer })
  expect(await status(dark.ask({ bearer: giant.token() }))).toBe(401)
})

describe('G-90 the token cache knows secrets and clients', () => {
  test('right secret, then a wrong one for the same id', async () => {
    const setup = await startProtected({ config: { auth_methods: ['client_credentials'] } })
    expect(await status(setup.ask({ basic: 'demo:demo-secret' }))).toBe(200)
    expect(await setup.ask({ basic: 'demo:wrong' })).toMatchObject({ status: 401, upstream: undefined })
    expect(await status(setup.ask({ basic: 'demo:demo-secret' }))).toBe(200)
    expect(setup.provider.count('/token')).toBe(2)
  })

  test('two configured clients never get each other’s token', async () => {
    const config = { auth_methods: ['password'], client_id: ['one', 'two'], client_secret: ['a', 'b'], client_auth: ['client_secret_post'] }
    const setup = await startProtected({ config })
    setup.provider.script('/token', ({ form }) => ({
      access_token: `of-${form.get('client_id')}-${randomUUID()}`,
      token_type: 'Bearer',
      expires_in: 600,
    }))
    for (const id of ['one', 'two', 'one', 'two']) {
      const answer = await setup.ask({ basic: 'alice:wonderland', headers: { 'x-client-id': id } })
      expect(answer.upstream?.headers['Authorization']).toContain(`of-${id}-`)
    }
    expect(setup.provider.count('/token')).toBe(2)
  })

  test('equal salts share, others do not', async () => {
    const config = (salt: string | null) => ({ auth_methods: ['client_credentials'], cache_tokens_salt: salt })
    const setup = await startProtected({
      config: config('x'),
      routes: { '/same': config('x'), '/other': config('y'), '/own': config(null) },
    })
    for (const path of ['/anything', '/same/anything', '/other/anything', '/own/anything'])
      await setup.ask({ path, basic: 'demo:demo-secret' })
    expect(setup.provider.count('/token')).toBe(3)
  })
})
