import { describe, expect, onTestFinished, test } from 'vitest'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import { startEcho } from '../../src/lab/echo.js'
import { serve, type DocumentParts } from './documents.js'

const NO_TRANSFORM = Object.fromEntries(['remove', 'rename', 'replace', 'add', 'append'].map((action) => [action, { headers: [] }]))
const CORS = {
  origins: null,
  headers: null,
  exposed_headers: null,
  methods: ['GET', 'POST'],
  max_age: null,
  credentials: false,
  private_network: false,
  preflight_continue: false,
  allow_origin_absent: true,
}

/** Says who asks, as an authenticating plugin would. */
interface Identity {
  readonly consumer?: string
  readonly credential?: boolean
  readonly authenticated?: readonly string[]
  readonly refuse?: boolean
}
const identify: Plugin = {
  name: 'identify',
  priority: 1_050,
  create({ config }) {
    const { consumer, credential, authenticated, refuse } = config as Identity
    return {
      managedHeaders: ['x-injected'],
      access(exchange) {
        if (refuse) return { status: 401, body: '{"message":"Unauthorized"}', reason: 'no_credential' }
        exchange.consumer = exchange.config.consumers.find(({ username }) => username === consumer)
        exchange.credential = credential ? { id: 'sub' } : undefined
        exchange.authenticatedGroups = authenticated
        exchange.upstream.set('X-Injected', 'inside')
        return undefined
      },
    }
  },
}

async function start(parts: Pick<DocumentParts, 'plugins' | 'consumers' | 'consumer_groups'> & { readonly path?: string }) {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  const { path = '/', ...more } = parts
  const gateway = await serve(
    { services: [{ url: echo.url }], routes: [{ paths: [path], strip_path: false }], ...more },
    { plugins: { identify } },
  )
  const get = async (target = '/get', init: RequestInit = {}) => fetch(gateway.url + target, init)
  return { echo, gateway, get, seen: () => echo.received[0]?.headers ?? {} }
}

describe('acl (section 7.3)', () => {
  const consumers = [
    { username: 'inside', acls: ['admins', 'ops'] },
    { username: 'outside', acls: [] },
  ]
  const DENIED = 'You cannot consume this service'
  test.for([
    {
      who: 'claim groups, allowed',
      identity: { credential: true, authenticated: ['users', 'admins'] },
      list: { allow: ['admins'] },
      status: 200,
      header: ['X-Authenticated-Groups', 'users, admins'],
    },
    {
      who: 'claim groups, not allowed',
      identity: { credential: true, authenticated: ['users'] },
      list: { allow: ['admins'] },
      status: 403,
      message: DENIED,
    },
    {
      who: 'claim groups, denied',
      identity: { credential: true, authenticated: ['admins'] },
      list: { deny: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'claim groups, not denied', identity: { credential: true, authenticated: ['users'] }, list: { deny: ['admins'] }, status: 200 },
    { who: 'a credential without groups', identity: { credential: true }, list: { allow: ['admins'] }, status: 403, message: DENIED },
    { who: 'a credential without groups', identity: { credential: true }, list: { deny: ['admins'] }, status: 403, message: DENIED },
    {
      who: 'a credential with an empty claim',
      identity: { credential: true, authenticated: [] },
      list: { deny: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'nobody', identity: {}, list: { allow: ['admins'] }, status: 401, message: 'Unauthorized' },
    { who: 'nobody', identity: {}, list: { deny: ['admins'] }, status: 401, message: 'Unauthorized' },
    {
      who: 'a consumer by its own groups',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['ops'] },
      status: 200,
      header: ['X-Consumer-Groups', 'admins, ops'],
    },
    {
      who: 'a consumer, claim groups ignored',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['users'] },
      status: 403,
      message: DENIED,
    },
    {
      who: 'a consumer in no group',
      identity: { consumer: 'outside', credential: true, authenticated: ['admins'] },
      list: { allow: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'a consumer in no group', identity: { consumer: 'outside', credential: true }, list: { deny: ['admins'] }, status: 200 },
    {
      who: 'a consumer, claim groups asked for',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['users'], always_use_authenticated_groups: true },
      status: 200,
      header: ['X-Authenticated-Groups', 'users'],
    },
    {
      who: 'a consumer, claim groups asked for but absent',
      identity: { consumer: 'inside', credential: true },
      list: { allow: ['ops'], always_use_authenticated_groups: true },
      status: 200,
      header: ['X-Consumer-Groups', 'admins, ops'],
    },
    {
      who: 'a consumer without credential uses claim groups',
      identity: { consumer: 'inside', authenticated: ['users'] },
      list: { allow: ['users'] },
      status: 200,
      header: ['X-Authenticated-Groups', 'users'],
    },
    {
      who: 'a consumer without credential and groups',
      identity: { consumer: 'outside' },
      list: { allow: ['users'] },
      status: 401,
      message: 'Unauthorized',
    },
    {
      who: 'groups, header hidden',
      identity: { credential: true, authenticated: ['admins'] },
      list: { allow: ['admins'], hide_groups_header: true },
      status: 200,
      header: ['X-Authenticated-Groups', undefined],
    },
  ] as const)('$who with $list → $status', async ({ identity, list, status, ...row }) => {
    const config = {
      allow: null,
      deny: null,
      hide_groups_header: false,
      include_consumer_groups: false,
      always_use_authenticated_groups: false,
      ...list,
    }
    const { get, seen, echo, gateway } = await start({
      consumers,
      plugins: [
        { name: 'identify', config: identity },
        { name: 'acl', config },
      ],
    })
    const answer = await get('/get', { headers: { 'x-consumer-groups': 'forged', 'x-authenticated-groups': 'forged' } })
    expect(answer.status).toBe(status)
    expect(JSON.stringify(echo.received)).not.toContain('forged')
    if ('message' in row) {
      expect(await answer.json()).toEqual({ message: row.message, request_id: answer.headers.get('x-kong-request-id') })
      expect(echo.received).toHaveLength(0)
      expect(gateway.traces[0]?.reason).toBe(status === 401 ? 'no_credential' : 'acl_denied')
    }
    if ('header' in row) expect(seen()[row.header[0]]).toBe(row.header[1])
  })
})

describe('cors', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: 'https://app.test', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' },
  }
  test('answers a preflight before authentication, and only a preflight', async () => {
    const { get, echo } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config: CORS },
      ],
    })
    const answer = await get('/get', preflight)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-a',
    })
    expect((await get('/get', { method: 'OPTIONS', headers: { origin: 'https://app.test' } })).status).toBe(401)
    expect((await get('/get', { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } })).status).toBe(401)
    expect(echo.received).toHaveLength(0)
  })

  test('preflight_continue leaves it to the others', async () => {
    const { get } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config: { ...CORS, preflight_continue: true } },
      ],
    })
    expect((await get('/get', preflight)).status).toBe(401)
  })

  test('names the origin on every answer, refusals too', async () => {
    const config = { ...CORS, origins: ['https://app.test', 'https://.*\\.example\\.org'], credentials: true, exposed_headers: ['x-b'] }
    const { get } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config },
      ],
    })
    const allow = async (origin: string) => (await get('/get', { headers: { origin } })).headers
    const allowed = await allow('https://app.test')
    expect(Object.fromEntries(allowed)).toMatchObject({
      'access-control-allow-origin': 'https://app.test',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-b',
      vary: 'Origin',
    })
    expect((await allow('https://a.example.org')).get('access-control-allow-origin')).toBe('https://a.example.org')
    for (const other of ['https://evil.test', 'https://app.test.evil', 'https://a.example.org.evil', 'null']) {
      expect((await allow(other)).get('access-control-allow-origin')).toBeNull()
    }
  })

  test('any origin with credentials is named, never a star', async () => {
    const { get } = await start({ plugins: [{ name: 'cors', config: { ...CORS, origins: ['*'], credentials: true } }] })
    expect((await get('/get', { headers: { origin: 'https://a.test' } })).headers.get('access-control-allow-origin')).toBe('https://a.test')
  })

  test('a preflight of a foreign origin is not allowed anything', async () => {
    const { get } = await start({ plugins: [{ name: 'cors', config: { ...CORS, origins: ['https://other.test'], max_age: 5 } }] })
    const answer = await get('/get', preflight)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('access-control-allow-methods')).toBeNull()
  })
})

describe('request-termination', () => {
  const base = { status_code: 503, message: null, content_type: null, body: null, echo: false, trigger: null }
  test.for([
    { name: 'the default', config: {}, status: 503, body: /"message":"Service unavailable",\n/, type: 'application/json; charset=utf-8' },
    {
      name: 'a message',
      config: { status_code: 418, message: 'so "long"' },
      status: 418,
      body: /^\{"message":"so \\"long\\""\}$/,
      type: 'application/json; charset=utf-8',
    },
    { name: 'a body', config: { status_code: 200, body: '<p>', content_type: 'text/html' }, status: 200, body: /^<p>$/, type: 'text/html' },
    {
      name: 'echo',
      config: { status_code: 200, echo: true },
      status: 200,
      body: /"path":"\/get"/,
      type: 'application/json; charset=utf-8',
    },
  ])('$name', async ({ config, status, body, type }) => {
    const { get, echo } = await start({ plugins: [{ name: 'request-termination', config: { ...base, ...config } }] })
    const answer = await get()
    expect(answer.status).toBe(status)
    expect(await answer.text()).toMatch(body)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(echo.received).toHaveLength(0)
  })

  test('with a trigger, only when it is there', async () => {
    const { get } = await start({ plugins: [{ name: 'request-termination', config: { ...base, trigger: 'X-Stop' } }] })
    expect((await get()).status).toBe(200)
    expect((await get('/get', { headers: { 'x-stop': '' } })).status).toBe(503)
    expect((await get('/get?X-Stop=1')).status).toBe(503)
  })

  test('scoped to a consumer, it applies once that consumer is known', async () => {
    const parts = (consumer: string) => ({
      consumers: [{ username: 'anonymous' }, { username: 'alice' }],
      plugins: [
        { name: 'identify', config: { consumer } },
        { name: 'request-termination', consumer: 'anonymous', config: base },
      ],
    })
    expect((await (await start(parts('anonymous'))).get()).status).toBe(503)
    expect((await (await start(parts('alice'))).get()).status).toBe(200)
  })

  test('scoped to a consumer group likewise', async () => {
    const parts = (groups: string[]) => ({
      consumer_groups: [{ id: 'g1', name: 'gold', tags: [] }],
      consumers: [{ username: 'alice', groups }],
      plugins: [
        { name: 'identify', config: { consumer: 'alice' } },
        { name: 'request-termination', consumer_group: 'g1', config: base },
      ],
    })
    expect((await (await start(parts(['gold']))).get()).status).toBe(503)
    expect((await (await start(parts([]))).get()).status).toBe(200)
  })
})

describe('correlation-id', () => {
  const base = { header_name: 'Kong-Request-ID', generator: 'uuid', echo_downstream: true }
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  test.for([
    { generator: 'uuid', shape: UUID },
    { generator: 'uuid#counter', shape: /^[0-9a-f-]{36}#1$/ },
    { generator: 'tracker', shape: /^\d+-1-\d+\.\d{3}$/ },
  ])('$generator', async ({ generator, shape }) => {
    const { get, seen } = await start({ plugins: [{ name: 'correlation-id', config: { ...base, generator } }] })
    const answer = await get()
    expect(answer.headers.get('kong-request-id')).toMatch(shape)
    expect(seen()['Kong-Request-Id']).toBe(answer.headers.get('kong-request-id'))
  })

  test('keeps the client’s, and echoes only when asked', async () => {
    const { get, seen } = await start({ plugins: [{ name: 'correlation-id', config: { ...base, echo_downstream: false } }] })
    const answer = await get('/get', { headers: { 'kong-request-id': 'mine' } })
    expect(answer.headers.get('kong-request-id')).toBeNull()
    expect(seen()['Kong-Request-Id']).toBe('mine')
  })
})

describe('request-transformer and response-transformer', () => {
  test('change what the upstream gets, after authentication', async () => {
    const config = {
      ...NO_TRANSFORM,
      remove: { headers: ['x-gone'] },
      rename: { headers: ['x-old:x-new', 'x-absent:x-never'] },
      replace: { headers: ['x-replaced:b', 'x-missing:b'] },
      add: { headers: ['x-added:$(headers.x-old)-$(query_params.q)-$(uri_captures.id)', 'x-replaced:c'] },
      append: { headers: ['x-list:2', 'x-injected:more'] },
    }
    const { get, seen } = await start({
      path: '~/(?<id>get)',
      plugins: [
        { name: 'identify', config: {} },
        { name: 'request-transformer', config },
      ],
    })
    await get('/get?q=7', { headers: { 'x-gone': '1', 'x-old': 'o', 'x-replaced': 'a', 'x-list': '1', x_gone: '2' } })
    expect(seen()).toMatchObject({ 'X-New': 'o', 'X-Replaced': 'b', 'X-Added': 'o-7-get', 'X-List': '1, 2', 'X-Injected': 'inside, more' })
    for (const name of ['X-Gone', 'X-Old', 'X-Missing', 'X-Never', 'X_gone']) expect(seen()[name]).toBeUndefined()
  })

  test('change what the client gets', async () => {
    const config = {
      ...NO_TRANSFORM,
      remove: { headers: ['date'] },
      rename: { headers: ['content-type:x-type'] },
      add: { headers: ['x-added:1'] },
      append: { headers: ['x-added:2'] },
    }
    const { get } = await start({ plugins: [{ name: 'response-transformer', config }] })
    const { headers } = await get()
    expect(headers.get('x-type')).toBe('application/json')
    expect(headers.get('content-type')).toBeNull()
    expect(headers.get('x-added')).toBe('1, 2')
  })
})

test('plugins nobody imitates are announced and do nothing', async () => {
  const { gateway, get } = await start({
    plugins: [
      { name: 'rate-limiting', config: { minute: 1 } },
      { name: 'cors', config: CORS },
    ],
  })
  expect(gateway.notImitated).toEqual(['rate-limiting'])
  expect((await get()).status).toBe(200)
})
