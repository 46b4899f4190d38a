import { describe, expect, test } from 'vitest'
import { field, rawUpstream, request, sendRaw, serveGate, statusOf, type RawMessage } from './raw.js'

const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const GOOD = 'Authorization: Bearer good'

/** No connection is ever switched: a handshake is a request like any other, judged and forwarded without its upgrade (RFC 9110 §7.8). */
describe('WebSocket handshakes (RFC 6455 §4)', () => {
  test('G-158 without a credential: 401, and nobody dials the upstream', async () => {
    const upstream = await rawUpstream(SWITCHED)
    const gateway = await serveGate(upstream)
    const { messages, text } = await sendRaw(gateway, request('GET /admin', HANDSHAKE))
    expect(statusOf(messages[0])).toBe(401)
    expect(text).not.toContain('101')
    expect(upstream.connections()).toBe(0)
  })

  test('G-158 with one: forwarded as a plain request, with its identity and without forged ones', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('GET /admin', [...HANDSHAKE, GOOD, 'X-Userinfo: forged', 'X_Userinfo: forged']))
    expect(statusOf(messages[0])).toBe(200)
    expect(upstream.requests).toHaveLength(1)
    const [seen] = upstream.requests as [RawMessage]
    expect(field(seen, 'x-userinfo')).toEqual(['alice'])
    expect(field(seen, 'x_userinfo')).toEqual([])
    expect(field(seen, 'upgrade')).toEqual([])
    expect(field(seen, 'connection')).toEqual(['keep-alive'])
  })

  test('G-159 whatever its Origin and cookie: no page of another site gets a tunnel', async () => {
    const upstream = await rawUpstream(SWITCHED)
    const gateway = await serveGate(upstream)
    for (const origin of ['https://evil.test', 'https://gateway.test', 'null']) {
      const { text } = await sendRaw(gateway, request('GET /admin', [...HANDSHAKE, GOOD, 'Cookie: session=x', `Origin: ${origin}`]))
      expect(text).not.toMatch(/^HTTP\/1\.1 101/)
    }
  })

  test.for([
    { name: 'switches although nobody asked', says: SWITCHED, status: 502 },
    { name: 'refuses', says: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', status: 403 },
    { name: 'wants an upgrade', says: 'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n', status: 426 },
    { name: 'dies', says: undefined, status: 502 },
  ])('G-160 an upstream that $name: $status, and its socket serves nobody else', async ({ says, status }) => {
    const upstream = await rawUpstream(({ start }, socket) => {
      if (start.startsWith('GET /public/next')) return 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
      if (says === undefined) socket.destroy()
      return says
    })
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('GET /public', HANDSHAKE))
    expect(messages.map(statusOf)).toEqual([status])
    expect(field(messages[0] as RawMessage, 'upgrade')).toEqual([])
    const next = await sendRaw(gateway, request('GET /public/next'))
    expect(next.messages.map(({ body }) => body)).toEqual(['ok'])
  })

  test.for([
    { name: 'a request', more: request('GET /admin/secret') },
    { name: 'a frame', more: '\x81\x85\x01\x02\x03\x04hello' },
  ])('G-160 $name behind a handshake is nobody’s: one answer, and the connection ends', async ({ more }) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    for (const fields of [HANDSHAKE, [...HANDSHAKE, 'Content-Length: 3']]) {
      const body = fields === HANDSHAKE ? '' : 'abc'
      const { messages, isClosed } = await sendRaw(gateway, request('GET /public', fields, body) + more, { untilClose: true })
      expect(messages.map(statusOf)).toEqual([200])
      expect(field(messages[0] as RawMessage, 'connection')).toEqual(['close'])
      expect(isClosed).toBe(true)
    }
    expect(upstream.requests.map(({ start, body }) => [start, body])).toEqual([
      ['GET /public HTTP/1.1', ''],
      ['GET /public HTTP/1.1', 'abc'],
    ])
  })
})
