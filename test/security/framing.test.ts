import { describe, expect, test } from 'vitest'
import { serve } from '../gateway/documents.js'
import { field, hastyUpstream, rawUpstream, request, sendRaw, serveGate, statusOf, type RawMessage } from './raw.js'

const SMUGGLED = request('GET /admin/secret')
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`

describe('message framing and the request target (RFC 9112 §2–§7)', () => {
  test.for(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])(
    'G-01 %s with more header fields than node keeps is refused, its body never a request',
    async (method) => {
      const upstream = await rawUpstream()
      const gateway = await serveGate(upstream)
      const many = Array.from({ length: 1_100 }, (_, index) => `${index.toString(36)}:`)
      const { messages, isClosed } = await sendRaw(
        gateway,
        request(`${method} /public`, [...many, `Content-Length: ${SMUGGLED.length}`], SMUGGLED),
        {
          untilClose: true,
          isHead: method === 'HEAD',
        },
      )
      expect(messages).toHaveLength(1)
      expect([400, 431]).toContain(statusOf(messages[0]))
      expect(isClosed).toBe(true)
      expect(upstream.requests).toHaveLength(0)
    },
  )

  test('G-01 as many fields as we allow still work', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const many = Array.from({ length: 98 }, (_, index) => `X-${index}: a`)
    expect(statusOf((await sendRaw(gateway, request('GET /public', many))).messages[0])).toBe(200)
    const { messages } = await sendRaw(gateway, request('GET /public', [...many, 'X-A: 1', 'X-B: 2']))
    expect(statusOf(messages[0])).toBe(431)
    expect(upstream.requests).toHaveLength(1)
  })

  test.for(['GET', 'DELETE', 'OPTIONS', 'POST'])('G-02 a chunked %s stays one request, framed again', async (method) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request(`${method} /public`, ['Transfer-Encoding: chunked'], chunked(SMUGGLED)))
    expect(statusOf(messages[0])).toBe(200)
    await sendRaw(gateway, request('GET /public/after'))
    expect(upstream.requests.map(({ start }) => start)).toEqual([`${method} /public HTTP/1.1`, 'GET /public/after HTTP/1.1'])
    expect(upstream.requests[0]?.body).toBe(SMUGGLED)
  })

  test.for(['content-length', 'transfer-encoding', 'host', 'cookie', 'authorization'])(
    'G-03 Connection: %s takes nothing away',
    async (name) => {
      const upstream = await rawUpstream()
      const gateway = await serveGate(upstream)
      const fields = [`Connection: close, ${name}`, 'Authorization: Bearer good', 'Cookie: a=1', `Content-Length: ${SMUGGLED.length}`]
      const { messages } = await sendRaw(gateway, request('GET /admin', fields, SMUGGLED))
      expect(statusOf(messages[0])).toBe(200)
      expect(upstream.requests).toHaveLength(1)
      const [seen] = upstream.requests as [RawMessage]
      expect(seen.body).toBe(SMUGGLED)
      expect(field(seen, 'authorization')).toEqual(['Bearer good'])
      expect(field(seen, 'cookie')).toEqual(['a=1'])
      expect(field(seen, 'x-userinfo')).toEqual(['alice'])
      expect(field(seen, 'host')).toEqual([`127.0.0.1:${upstream.port}`])
    },
  )

  test.for([
    { name: 'Content-Length and Transfer-Encoding', fields: ['Content-Length: 3', 'Transfer-Encoding: chunked'] },
    { name: 'two different Content-Length', fields: ['Content-Length: 3', 'Content-Length: 4'] },
    { name: 'two equal Content-Length, another case (G-05)', fields: ['content-length: 3', 'Content-Length: 3'] },
    { name: 'a list', fields: ['Content-Length: 3, 3'] },
    { name: '+1', fields: ['Content-Length: +1'] },
    { name: '0x1', fields: ['Content-Length: 0x1'] },
    { name: '-1', fields: ['Content-Length: -1'] },
    { name: 'an unknown coding', fields: ['Transfer-Encoding: xchunked'] },
    { name: 'chunked not last', fields: ['Transfer-Encoding: chunked, identity'] },
    { name: 'two Transfer-Encoding', fields: ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'] },
    { name: 'a space before the colon', fields: ['Content-Length : 3'] },
    { name: 'a folded line', fields: ['X-A: b', ' c'] },
    { name: 'a bare CR', fields: ['X-A: b\rc'] },
    { name: 'a bare LF', fields: ['X-A: b\nX-C: d'] },
    { name: 'NUL', fields: ['X-A: b\u0000c'] },
  ])('G-04 $name is refused', async ({ fields }) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('POST /public', fields, 'abc'))
    expect([400, 501]).toContain(statusOf(messages[0]))
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['5\nhello\r\n0\r\n\r\n', 'ffffffffffffffffff\r\n', 'zz\r\nhello\r\n0\r\n\r\n'])('G-04 chunk %j is no chunk', async (body) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { isClosed } = await sendRaw(gateway, request('POST /public', ['Transfer-Encoding: chunked'], body), { untilClose: true })
    expect(isClosed).toBe(true)
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['gzip, chunked', 'identity', 'deflate'])('G-06 Transfer-Encoding: %s is not half-decoded', async (coding) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('POST /public', [`Transfer-Encoding: ${coding}`], chunked('abc')))
    expect([400, 501]).toContain(statusOf(messages[0]))
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-06 a coding in HTTP/1.0 is refused, HTTP/1.0 itself is not', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const old = (fields: string) => `POST /public HTTP/1.0\r\nHost: a\r\n${fields}\r\n`
    expect(statusOf((await sendRaw(gateway, old('Transfer-Encoding: chunked\r\n') + chunked('abc'))).messages[0])).toBe(400)
    expect(upstream.requests).toHaveLength(0)
    expect(statusOf((await sendRaw(gateway, `${old('Content-Length: 3\r\n')}abc`)).messages[0])).toBe(200)
  })

  test.for(['a,b', 'u@b', '', 'a:99999', 'a:0', 'a b', 'a/b', '[::1', 'a:80:80'])('G-08 Host: %j is refused', async (host) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, `GET /public HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(statusOf(messages[0])).toBe(400)
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-08 two Host fields are refused, one with a port is not', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(statusOf((await sendRaw(gateway, request('GET /public', ['host: other']))).messages[0])).toBe(400)
    expect(statusOf((await sendRaw(gateway, 'GET /public HTTP/1.1\r\n\r\n')).messages[0])).toBe(400)
    expect(upstream.requests).toHaveLength(0)
    expect(statusOf((await sendRaw(gateway, 'GET /public HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n')).messages[0])).toBe(200)
  })

  test.for([[], ['Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']])(
    'G-09 an absolute target goes nowhere %j',
    async (fields) => {
      const [upstream, canary] = [await rawUpstream(), await rawUpstream()]
      const gateway = await serveGate(upstream)
      const { messages } = await sendRaw(gateway, request(`GET ${canary.url}/public`, fields))
      expect(statusOf(messages[0])).toBe(400)
      expect([canary.connections(), upstream.requests.length]).toEqual([0, 0])
    },
  )

  test('G-10 a target never changes the authority', async () => {
    const [upstream, canary] = [await rawUpstream(), await rawUpstream()]
    const gateway = await serve({ services: [{ url: `${upstream.url}/base` }], routes: [{ paths: ['/'] }, { paths: ['/cut'] }] })
    for (const target of [
      `//127.0.0.1:${canary.port}/x`,
      `/\\127.0.0.1:${canary.port}/x`,
      `/@127.0.0.1:${canary.port}/x`,
      '/cut../x',
      '/cut../../x',
      '/cut..;/x',
      '/cut%2e%2e/x',
      '/cut./x',
    ]) {
      await sendRaw(gateway, request(`GET ${target}`))
    }
    expect(canary.connections()).toBe(0)
    expect(upstream.requests.length).toBeGreaterThan(1)
    for (const { start } of upstream.requests) expect(start).toMatch(/^GET \/base\/(?!\.{1,2}[/;? ])/)
  })

  test('G-11 two upstreams whose URLs concatenate alike are told apart', async () => {
    const [a, b] = [await rawUpstream(), await rawUpstream()]
    const gateway = await serve({
      services: [
        { name: 'a', url: `${a.url}` },
        { name: 'b', url: `${b.url}` },
      ],
      routes: [
        { name: 'ra', service: 'a', paths: ['/1'], strip_path: false },
        { name: 'rb', service: 'b', paths: ['/2'], strip_path: false },
      ],
    })
    for (let round = 0; round < 2; round++) for (const path of ['/1/private', '/2/private']) await sendRaw(gateway, request(`GET ${path}`))
    expect([a.requests.map(({ start }) => start), b.requests.map(({ start }) => start)]).toEqual([
      ['GET /1/private HTTP/1.1', 'GET /1/private HTTP/1.1'],
      ['GET /2/private HTTP/1.1', 'GET /2/private HTTP/1.1'],
    ])
  })

  test('G-14 an answer before the body is whole ends the connection', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const bytes = request('POST /admin', [`Content-Length: ${1024 * 1024}`], 'x')
    const { messages, isClosed } = await sendRaw(gateway, bytes, { untilClose: true })
    expect(messages.map(statusOf)).toEqual([401])
    expect(field(messages[0] as RawMessage, 'connection')).toEqual(['close'])
    expect(isClosed).toBe(true)
  })

  test('G-14 the same when the upstream answers early', async () => {
    const early = await serveGate(await hastyUpstream())
    const bytes = request('POST /public', [`Content-Length: ${1024 * 1024}`], 'x')
    const { messages, isClosed } = await sendRaw(early, bytes, { untilClose: true })
    expect(messages.map(statusOf)).toEqual([200])
    expect(field(messages[0] as RawMessage, 'connection')).toEqual(['close'])
    expect(isClosed).toBe(true)
  })

  test('G-18 a body that nobody wants is not asked for', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const refused = await sendRaw(gateway, request('POST /admin', ['Expect: 100-continue', 'Content-Length: 3']))
    expect(refused.text).toMatch(/^HTTP\/1\.1 401 /)
    const unknown = await sendRaw(gateway, request('POST /public', ['Expect: miracles', 'Content-Length: 3']))
    expect(unknown.text).toMatch(/^HTTP\/1\.1 417 /)
    expect(upstream.requests).toHaveLength(0)
    const allowed = await sendRaw(gateway, request('POST /public', ['Expect: 100-continue', 'Content-Length: 3'], 'abc'))
    expect(allowed.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
    expect(field(upstream.requests[0] as RawMessage, 'expect')).toEqual([])
  })

  test('G-19 CONNECT and TRACE are not served', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const tunnel = await sendRaw(gateway, `CONNECT 127.0.0.1:${upstream.port} HTTP/1.1\r\nHost: a\r\n\r\n${SMUGGLED}`, { untilClose: true })
    expect([405, 501]).toContain(statusOf(tunnel.messages[0]))
    const trace = await sendRaw(gateway, request('TRACE /public', ['Cookie: secret=1']))
    expect(statusOf(trace.messages[0])).toBe(405)
    expect(trace.text).not.toContain('secret')
    expect(upstream.connections()).toBe(0)
  })

  test('G-20 an upgrade to h2c is not passed on', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const fields = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']
    const { messages } = await sendRaw(gateway, request('GET /public', fields))
    expect(messages[0]?.start).toBe('HTTP/1.1 200 OK')
    const [seen] = upstream.requests as [RawMessage]
    for (const name of ['upgrade', 'http2-settings']) expect(field(seen, name)).toEqual([])
    expect(field(seen, 'connection')).toEqual(['keep-alive'])
  })

  test.for(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('G-21 a body on %s is forwarded framed', async (method) => {
    const upstream = await rawUpstream(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n' : undefined)
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request(`${method} /public`, ['Content-Length: 3'], 'abc'), { isHead: method === 'HEAD' })
    expect(statusOf(messages[0])).toBe(200)
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.requests[0]?.body).toBe('abc')
  })

  test('the lenient parser is off and HTTP/0.9 is not spoken', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { text } = await sendRaw(gateway, 'GET /public\r\n\r\n', { untilClose: true })
    expect(text).not.toMatch(/^HTTP\/1\.1 200/)
    expect(upstream.requests).toHaveLength(0)
  })
})
