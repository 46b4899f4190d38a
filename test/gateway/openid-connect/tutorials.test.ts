import { beforeAll, describe, expect, test } from 'vitest'
import { startIdp, type Idp } from '../../../src/idp/idp.js'
import { startProtected, type Ask, type Protected } from '../../support/protected-gateway.js'
import { untilAll } from '../../support/until-all.js'

/** Section 11 of the reference: parts 1, 3 and 4 against the embedded provider. Part 2 is in `code-flow`. */
const until = untilAll()
let idp: Idp
let setup: Protected<Idp>
const basicOf = (name: string) => `${idp.applications[name]?.client_id}:${idp.applications[name]?.client_secret}`

beforeAll(async () => {
  idp = await startIdp()
  const web = { client_id: [idp.applications.web.client_id], client_secret: [idp.applications.web.client_secret] }
  const introspector = {
    client_id: [idp.applications.introspector.client_id],
    client_secret: [idp.applications.introspector.client_secret],
  }
  const introspection = { auth_methods: ['introspection'], ...introspector, introspect_jwt_tokens: true }
  const groups = { auth_methods: ['bearer', 'password'], ...web, scopes: ['openid', 'groups'] }
  setup = await startProtected({
    provider: idp,
    realTime: true,
    until,
    consumers: [{ username: 'alice', acls: [{ group: 'vip' }] }],
    routes: {
      '/oidcroute': { ...web, scopes: ['api.read'], session_secret: 'x'.repeat(32) },
      '/part1': {
        auth_methods: ['client_credentials'],
        scopes: ['api.read'],
        upstream_headers_claims: ['iss'],
        upstream_headers_names: ['Issuer_Header'],
      },
      '/part3': { ...introspection, introspection_endpoint: `${idp.issuer}/v1/introspect`, cache_introspection: false },
      '/part3-cached': introspection,
      '/part4a': { ...groups, groups_required: ['admins'] },
      '/part4b': { ...groups, authenticated_groups_claim: ['groups'] },
      '/part4c': { ...groups, authenticated_groups_claim: ['groups'], consumer_claims: [['sub']], consumer_optional: true },
    },
    routePlugins: {
      '/part4b': [{ name: 'acl', config: { allow: ['admins'] } }],
      '/part4c': [{ name: 'acl', config: { allow: ['admins'] } }],
    },
  })
})

const ask = (path: string, rest: Ask = {}) => setup.ask({ path: `${path}/get`, ...rest })

describe('part 1, client credentials', () => {
  test('all methods on: nobody is sent to the provider, the client gets through, a wrong secret does not', async () => {
    expect(await ask('/oidcroute')).toMatchObject({ status: 302, upstream: undefined })
    const answer = await ask('/oidcroute', { basic: basicOf('m2m') })
    expect(answer.status).toBe(200)
    expect(answer.upstream?.headers['Authorization']).toMatch(/^Bearer eyJ/)
    expect(await ask('/oidcroute', { basic: 'm2m:wrong' })).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' })
  })

  test('client_credentials only, with a header from a claim', async () => {
    expect(await ask('/part1')).toMatchObject({ status: 401, challenge: 'Bearer realm="127.0.0.1"' })
    const answer = await ask('/part1', { basic: basicOf('m2m'), headers: { 'issuer-header': 'x', issuer_header: 'y' } })
    expect(answer.status).toBe(200)
    expect(answer.upstream?.headers['Authorization']).toMatch(/^Bearer eyJ/)
    expect(answer.upstream?.headers['Issuer-Header']).toBe(idp.issuer)
    expect(Object.keys(answer.upstream?.headers ?? {}).filter((name) => /issuer/i.test(name))).toEqual(['Issuer-Header'])
    expect(await ask('/part1', { basic: 'm2m:wrong' })).toMatchObject({ status: 401, upstream: undefined })
  })
})

describe('part 3, introspection', () => {
  test('each request is one call; a deactivated application is refused on the next request, or after the ttl with a cache', async () => {
    const authorization = (await ask('/part1', { basic: basicOf('m2m') })).upstream?.headers['Authorization'] ?? ''
    const asked = () => idp.counters().introspection
    const headers = { authorization }
    const before = asked()
    for (const count of [1, 2, 3]) {
      expect((await ask('/part3', { headers })).status).toBe(200)
      expect(asked() - before).toBe(count)
    }
    expect((await ask('/part3-cached', { headers })).status).toBe(200)
    expect((await ask('/part3-cached', { headers })).status).toBe(200)
    expect(asked() - before).toBe(4)
    idp.deactivate('m2m')
    expect(await ask('/part3', { headers })).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'token_inactive' } })
    expect((await ask('/part3-cached', { headers })).status).toBe(200)
    idp.activate('m2m')
    expect((await ask('/part3', { headers })).status).toBe(200)
    expect(await ask('/part3')).toMatchObject({ status: 401, challenge: 'Bearer realm="127.0.0.1"' })
  })
})

describe('part 4, groups', () => {
  const alice = 'alice:alice-password'
  const bob = 'bob:bob-password'

  test('(a) groups_required: a member passes, another is forbidden', async () => {
    expect((await ask('/part4a', { basic: alice })).status).toBe(200)
    expect(await ask('/part4a', { basic: bob })).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
      challenge: 'Bearer realm="127.0.0.1", error="insufficient_scope"',
      upstream: undefined,
    })
  })

  test('(b) authenticated_groups_claim with acl', async () => {
    const answer = await ask('/part4b', { basic: alice })
    expect(answer.upstream?.headers['X-Authenticated-Groups']).toBe('everyone, admins')
    const denied = await ask('/part4b', { basic: bob })
    expect(denied).toMatchObject({ status: 403, upstream: undefined })
    expect(denied.body).toContain('You cannot consume this service')
  })

  test('(c) a mapped consumer: the acl looks at its own groups', async () => {
    expect(await ask('/part4c', { basic: alice })).toMatchObject({ status: 403, upstream: undefined })
  })
})
