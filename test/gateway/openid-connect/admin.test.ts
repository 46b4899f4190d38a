import { describe, expect, onTestFinished, test } from 'vitest'
import { startAdmin } from '../../../src/gateway/admin/admin.js'
import { createKeySet } from '../../../src/jwt/key-set.js'
import type { Jwk } from '../../../src/jwt/types.js'
import { verifyJwt } from '../../../src/jwt/verify.js'
import { startProtected, type ProtectedOptions } from '../../support/protected-gateway.js'
import { rsaKey } from '../../support/scripted-provider.js'

const bearer = { auth_methods: ['bearer'] }

async function start(options: ProtectedOptions = { config: bearer }) {
  const setup = await startProtected(options)
  const admin = await startAdmin({
    gateway: setup.gateway,
    port: 0,
    text: '',
    plugins: [],
    load: () => ({ config: undefined, issues: [] }),
  })
  onTestFinished(() => admin.close())
  const call = async (path: string, method = 'GET', headers = {}) => {
    const answer = await fetch(`${admin.url}/openid-connect${path}`, { method, headers })
    const text = await answer.text()
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      allow: answer.headers.get('allow'),
      body: text && JSON.parse(text),
    }
  }
  return { ...setup, admin, call }
}

interface Issuer {
  readonly id: string
  readonly issuer: string
  readonly configuration: object
  readonly keys: readonly Jwk[]
}

describe('/openid-connect/issuers of the Admin API (section 3.1)', () => {
  test('lists what was discovered, public members of keys only; nothing before the first request', async () => {
    const { ask, call, provider } = await start()
    expect(await call('/issuers')).toMatchObject({ status: 200, body: { data: [], next: null } })
    provider.script('/jwks', { keys: [{ ...rsaKey().export({ format: 'jwk' }), kid: 'careless' } as never, { kty: 'oct', k: 'c2VjcmV0' }] })
    await ask({ bearer: provider.token() })
    const { body } = await call('/issuers')
    const [entry, ...others] = (body as { data: Issuer[] }).data
    expect(others).toEqual([])
    expect(entry).toMatchObject({ issuer: provider.issuer, configuration: { token_endpoint: `${provider.issuer}/token` } })
    expect(entry?.keys.map(Object.keys)).toEqual([['kty', 'n', 'e', 'kid']])
  })

  test.for(['id', 'issuer'] as const)('shows and forgets one by its %s; another is 404', async (by) => {
    const { ask, call, provider } = await start()
    await ask({ bearer: provider.token() })
    const [entry] = ((await call('/issuers')).body as { data: Issuer[] }).data as [Issuer]
    const path = `/issuers/${encodeURIComponent(entry[by])}`
    expect(await call(path)).toMatchObject({ status: 200, body: entry })
    expect(await call(path, 'DELETE')).toMatchObject({ status: 204, body: '' })
    for (const method of ['GET', 'DELETE']) expect(await call(path, method)).toMatchObject({ status: 404, body: { message: 'Not found' } })
    expect(await call('/issuers/nobody')).toMatchObject({ status: 404 })
  })

  test('a key exchanged under its old kid is refused until the cache is forgotten (gotcha 7)', async () => {
    const { ask, call, provider } = await start()
    expect((await ask({ bearer: provider.token() })).status).toBe(200)
    const key = rsaKey()
    provider.publish({ key, kid: 'k1' })
    const token = () => provider.token({ key })
    expect((await ask({ bearer: token() })).status).toBe(401)
    expect(provider.count('/jwks')).toBe(1)
    await call('/issuers/nobody', 'DELETE')
    expect((await ask({ bearer: token() })).status).toBe(401)
    expect((await call('/issuers', 'DELETE')).status).toBe(204)
    expect((await ask({ bearer: token() })).status).toBe(200)
    expect(provider.count('/jwks')).toBe(2)
  })

  test('two ways to one issuer are two entries; the id forgets one, the issuer both', async () => {
    const { ask, call, provider } = await start({ config: bearer, routes: { '/other': { ...bearer, cache_ttl: 60 } } })
    const list = async () => ((await call('/issuers')).body as { data: Issuer[] }).data
    const askBoth = async () => {
      for (const path of ['/anything', '/other/anything']) await ask({ path, bearer: provider.token() })
    }
    await askBoth()
    const [first, second] = await list()
    expect(first?.id).not.toBe(second?.id)
    await call(`/issuers/${first?.id}`, 'DELETE')
    expect(await list()).toEqual([second])
    await askBoth()
    expect((await list()).map(({ id }) => id)).toEqual([first?.id, second?.id])
    await call(`/issuers/${encodeURIComponent(provider.issuer)}`, 'DELETE')
    expect(await list()).toEqual([])
  })
})

describe('/openid-connect/jwks of the Admin API', () => {
  const assertions = {
    config: { auth_methods: ['password'], client_id: ['demo'], client_auth: ['private_key_jwt'], cache_tokens: false },
  }

  test('publishes the key that signs client assertions, and rotates it', async () => {
    const { ask, call, clock, provider } = await start(assertions)
    const signs = async (keys: unknown) => {
      await ask({ basic: 'alice:wonderland' })
      const assertion = provider.requests.findLast(({ path }) => path === '/token')?.form.get('client_assertion') ?? ''
      return verifyJwt(assertion, { keys: createKeySet(keys as never), now: clock.ms / 1000 }).checks.find(
        ({ check }) => check === 'signature',
      )?.outcome
    }
    const before = await call('/jwks')
    expect(before).toMatchObject({ status: 200, type: 'application/jwk-set+json' })
    const [jwk] = (before.body as { keys: object[] }).keys
    expect(Object.keys(jwk ?? {}).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    expect(await signs(before.body)).toBe('pass')
    expect((await call('/jwks', 'DELETE')).status).toBe(204)
    expect(await signs(before.body)).not.toBe('pass')
    const after = await call('/jwks')
    expect(await signs(after.body)).toBe('pass')
    expect(after.body).not.toEqual(before.body)
  })
})

test('other calls beneath /openid-connect: 404, 405 with what is allowed, 403 for a page of another site', async () => {
  const { ask, call, provider } = await start()
  await ask({ bearer: provider.token() })
  for (const path of ['', '/', '/tokens', '/jwks/x', '/issuers/a/b']) expect((await call(path)).status, path).toBe(404)
  for (const path of ['/issuers', '/jwks'])
    for (const method of ['POST', 'PUT', 'PATCH']) expect(await call(path, method)).toMatchObject({ status: 405, allow: 'GET, DELETE' })
  expect((await call('/issuers', 'DELETE', { origin: 'http://evil.test' })).status).toBe(403)
  expect(((await call('/issuers')).body as { data: unknown[] }).data).toHaveLength(1)
  expect(await call('/issuers', 'HEAD')).toMatchObject({ status: 200, body: '' })
})
