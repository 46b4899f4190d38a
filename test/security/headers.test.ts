import { describe, expect, test } from 'vitest'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import { serve } from '../gateway/documents.js'
import { field, rawUpstream, request, sendRaw, serveGate, statusOf, type RawMessage } from './raw.js'

const ON_P = ['Authorization: Bearer good']

/** What an upstream would read under a name, whatever spelling its framework merges. */
const merged = ({ fields }: RawMessage, name: string): string[] =>
  fields
    .filter(([key]) => key.toLowerCase().replace(/[^a-z0-9]/g, '') === name.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .map(([, value]) => value)

describe('header trust (sections 6.1–6.4)', () => {
  test.for([
    'X-Userinfo',
    'X-ID-Token',
    'X-Access-Token',
    'X-Refresh-Token',
    'X-Role',
    'X-Consumer-ID',
    'X-Consumer-Custom-ID',
    'X-Consumer-Username',
    'X-Consumer-Groups',
    'X-Credential-Identifier',
    'X-Authenticated-Groups',
    'X-Authenticated-Userid',
    'X-Anonymous-Consumer',
  ])('G-22 a client never says %s', async (name) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('GET /admin', [...ON_P, `${name}: mallory`]))
    expect(statusOf(messages[0])).toBe(200)
    expect(merged(upstream.requests[0] as RawMessage, name)).toEqual(name === 'X-Userinfo' ? ['alice'] : [])
  })

  test('G-22 a client may say other things', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    await sendRaw(gateway, request('GET /admin', [...ON_P, 'X-User: bob', 'X-Userinformation: x']))
    const [seen] = upstream.requests as [RawMessage]
    expect([field(seen, 'x-user'), field(seen, 'x-userinformation')]).toEqual([['bob'], ['x']])
  })

  test('G-23 a managed name that nothing was injected under is absent upstream', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    await sendRaw(gateway, request('GET /admin', [...ON_P, 'X-Role: admin']))
    expect(merged(upstream.requests[0] as RawMessage, 'X-Role')).toEqual([])
  })

  test.for([
    'X_Userinfo',
    'X.Userinfo',
    'x_userinfo',
    'X-USERINFO',
    'X%2DUserinfo',
    'X%5fUserinfo',
    'x_Consumer.ID',
    'X_Real_IP',
    'X_Forwarded_For',
  ])('G-24 the alias %s of a managed name never goes upstream', async (alias) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    await sendRaw(gateway, request('GET /admin', [...ON_P, `${alias}: mallory`]))
    expect(JSON.stringify(upstream.requests)).not.toContain('mallory')
    expect(merged(upstream.requests[0] as RawMessage, 'x-userinfo')).toEqual(['alice'])
  })

  test.for(['X-Userinfo, x-forwarded-for, X-Consumer-Id, X-Mine', 'x-userinfo,x-forwarded-for,x-mine'])(
    'G-25 Connection: %s removes only what is the client’s',
    async (names) => {
      const upstream = await rawUpstream()
      const gateway = await serveGate(upstream)
      await sendRaw(gateway, request('GET /admin', [...ON_P, `Connection: close, ${names}`, 'X-Mine: 1', 'X-Other: 2']))
      const [seen] = upstream.requests as [RawMessage]
      expect(field(seen, 'x-userinfo')).toEqual(['alice'])
      expect(field(seen, 'x-forwarded-for')).toEqual(['127.0.0.1'])
      expect([field(seen, 'x-mine'), field(seen, 'x-other')]).toEqual([[], ['2']])
    },
  )

  test('G-26 forwarding headers are rebuilt from the connection', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const forged = ['For', 'Host', 'Proto', 'Port', 'Uri', 'Prefix', 'Method', 'Server', 'Path'].map(
      (part) => `X-Forwarded-${part}: forged`,
    )
    const more = ['X-Real-IP: forged', 'X-Original-URL: /forged', 'X-Rewrite-URL: /forged', 'Forwarded: for=forged']
    await sendRaw(gateway, request('GET /admin/x?y=1', [...ON_P, ...forged, ...more]))
    const [seen] = upstream.requests as [RawMessage]
    expect(JSON.stringify(seen)).not.toContain('forged')
    expect(Object.fromEntries(seen.fields)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'gateway.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': new URL(gateway.url).port,
      'x-forwarded-path': '/admin/x',
      'x-real-ip': '127.0.0.1',
    })
  })

  test.for([
    { name: 'CRLF', value: 'a\r\nX-Admin: 1' },
    { name: 'a lone CR', value: 'a\rX-Admin: 1' },
    { name: 'a lone LF', value: 'a\nX-Admin: 1' },
    { name: 'NUL', value: 'a\u0000b' },
    { name: 'DEL', value: 'a\u007fb' },
  ])('G-30 $name in an injected value starts no second header', async ({ value }) => {
    const upstream = await rawUpstream()
    const gateway = await serveInjected(upstream.url, 'X-Claim', value)
    const { messages } = await sendRaw(gateway, request('GET /', ['X-Claim: mallory']))
    expect(statusOf(messages[0])).toBe(200)
    expect(field(messages[0] as RawMessage, 'x-admin')).toEqual([])
    const [seen] = upstream.requests as [RawMessage]
    expect([field(seen, 'x-admin'), field(seen, 'x-claim')]).toEqual([[], []])
  })

  test('G-30 nor does a name from the configuration', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveInjected(upstream.url, 'X-Claim: 1\r\nX-Admin', 'yes')
    const { messages } = await sendRaw(gateway, request('GET /'))
    expect(statusOf(messages[0])).toBe(200)
    expect(upstream.requests[0]?.fields.map(([name]) => name.toLowerCase())).not.toContain('x-admin')
  })

  test.for(['Zoë', '日本語', 'e\u0301', 'a\u2028b', '🙂'])('G-31 the value %s arrives as its UTF-8 octets', async (value) => {
    const upstream = await rawUpstream()
    const gateway = await serveInjected(upstream.url, 'X-Claim', value)
    const { messages } = await sendRaw(gateway, request('GET /'))
    const octets = Buffer.from(value, 'utf8').toString('latin1')
    expect(statusOf(messages[0])).toBe(200)
    expect(field(upstream.requests[0] as RawMessage, 'x-claim')).toEqual([octets])
    expect(field(messages[0] as RawMessage, 'x-claim')).toEqual([octets])
  })

  test.for(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('G-35 %s is a name like any other', async (name) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request(`GET /public?${name}=1&${name}=2`, [`${name}: x`, `Cookie: ${name}=1`]))
    expect(statusOf(messages[0])).toBe(200)
    expect(field(upstream.requests[0] as RawMessage, name)).toEqual(['x'])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test.for([
    ['Bearer good', 'Bearer bad'],
    ['Bearer bad', 'Bearer good'],
    ['Bearer good', 'Bearer good'],
  ])('G-36 two Authorization fields %j are refused', async (values) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(
      gateway,
      request(
        'GET /admin',
        values.map((value) => `Authorization: ${value}`),
      ),
    )
    expect([400, 401]).toContain(statusOf(messages[0]))
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-36 nor does an open route pass two on, for the upstream to choose', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    for (const name of ['Authorization', 'Content-Type', 'Origin']) {
      const { messages } = await sendRaw(gateway, request('GET /public', [`${name}: a`, `${name.toLowerCase()}: b`]))
      expect(statusOf(messages[0])).toBe(400)
    }
    expect(upstream.requests).toHaveLength(0)
  })

  test.for([
    'Keep-Alive: z',
    'Proxy-Authorization: Basic eA==',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Trailer: X-Userinfo',
    'Upgrade: ,',
    'Proxy-Authenticate: x',
  ])('G-39 %s stays on its hop', async (line) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('GET /public', [line]))
    expect(statusOf(messages[0])).toBe(200)
    expect(field(upstream.requests[0] as RawMessage, line.slice(0, line.indexOf(':')))).toEqual([])
  })

  test('G-39 a trailer is no header', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const body = '3\r\nabc\r\n0\r\nX-Userinfo: mallory\r\n\r\n'
    const { messages } = await sendRaw(
      gateway,
      request('POST /admin', [...ON_P, 'Transfer-Encoding: chunked', 'Trailer: X-Userinfo'], body),
    )
    expect(statusOf(messages[0])).toBe(200)
    expect(JSON.stringify(upstream.requests)).not.toContain('mallory')
  })

  test('G-40 hop-by-hop fields of the answer stay on their hop', async () => {
    const head = [
      'HTTP/1.1 200 OK',
      'Connection: X-Secret, keep-alive',
      'X-Secret: s',
      'Keep-Alive: timeout=99',
      'Proxy-Authenticate: Basic',
      'Upgrade: h2c',
      'X-Fine: yes',
    ]
    const upstream = await rawUpstream([...head, 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 2', '', 'ok'].join('\r\n'))
    const gateway = await serveGate(upstream)
    const [message] = (await sendRaw(gateway, request('GET /public'))).messages as [RawMessage]
    for (const name of ['x-secret', 'proxy-authenticate', 'upgrade']) expect(field(message, name)).toEqual([])
    expect(field(message, 'keep-alive')).not.toContain('timeout=99')
    expect(field(message, 'x-fine')).toEqual(['yes'])
    expect(field(message, 'set-cookie')).toEqual(['a=1', 'b=2'])
  })

  test('header octets of the answer pass unchanged', async () => {
    const upstream = await rawUpstream('HTTP/1.1 200 OK\r\nX-Name: Zo\u00c3\u00ab\r\nContent-Length: 2\r\n\r\nok')
    const [message] = (await sendRaw(await serveGate(upstream), request('GET /public'))).messages as [RawMessage]
    expect(field(message, 'x-name')).toEqual(['Zo\u00c3\u00ab'])
  })

  test.for([
    'User-Agent: kube-probe/1.29',
    'X-Middleware-Subrequest: middleware',
    'X-Kong-Request-Id: 1',
    'X-Internal: true',
    'X-Consumer-Username: admin',
  ])('G-41 %s opens nothing', async (line) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('GET /admin', [line]))
    expect(statusOf(messages[0])).toBe(401)
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-05 a plugin cannot set framing fields', async () => {
    const upstream = await rawUpstream()
    for (const name of ['Content-Length', 'Transfer-Encoding', 'Connection', 'content_length']) {
      const gateway = await serveInjected(upstream.url, name, '3')
      const { messages } = await sendRaw(gateway, request('POST /', ['Content-Length: 5'], 'hello'))
      expect(statusOf(messages[0])).toBe(200)
    }
    expect(upstream.requests.map(({ body }) => body)).toEqual(['hello', 'hello', 'hello', 'hello'])
    for (const seen of upstream.requests) expect(field(seen, 'content-length')).toEqual(['5'])
  })
})

/** A gateway whose only plugin sets one field on both sides, as a claim mapping would. */
async function serveInjected(url: string, name: string, value: string) {
  const injector: Plugin = {
    name: 'injector',
    priority: 1,
    create: () => ({
      access({ upstream, downstream }) {
        upstream.set(name, value)
        if (!/length|encoding|connection/i.test(name)) downstream.set(name, value)
        return undefined
      },
    }),
  }
  return await serve({ services: [{ url }], routes: [{ paths: ['/'] }], plugins: [{ name: 'injector' }] }, { plugins: { injector } })
}
