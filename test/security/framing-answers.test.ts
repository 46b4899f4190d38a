import { describe, expect, test } from 'vitest'
import { rawUpstream, request, sendRaw, serveGate, statusOf } from './raw.js'

describe('message framing of the upstream’s answers (RFC 9112 §6)', () => {
  test('G-13 an answer nobody asked for never reaches the next client', async () => {
    const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    const upstream = await rawUpstream(({ start }) => (start.includes('/public/1') ? answer('first') + answer('poison') : answer('second')))
    const gateway = await serveGate(upstream)
    expect((await sendRaw(gateway, request('GET /public/1'))).messages[0]?.body).toBe('first')
    expect((await sendRaw(gateway, request('GET /public/2'))).messages[0]?.body).toBe('second')
    expect(upstream.connections()).toBe(2)
  })

  test.for([
    { name: 'status 999', bytes: 'HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n' },
    { name: 'status 099', bytes: 'HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n' },
    {
      name: 'Content-Length and Transfer-Encoding',
      bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    },
    { name: 'two Content-Length', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc' },
    { name: 'a header of 64 KB', bytes: `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(65_536)}\r\nContent-Length: 0\r\n\r\n` },
    { name: '100 interim answers', bytes: `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n` },
    { name: 'no status line', bytes: 'hello\r\n\r\n' },
    { name: 'a control character in a header', bytes: 'HTTP/1.1 200 OK\r\nX-A: a\u0001b\r\nContent-Length: 0\r\n\r\n' },
  ])('G-15 an upstream that sends $name is a 502, the next request is fine', async ({ bytes }) => {
    const upstream = await rawUpstream(({ start }) => (start.includes('bad') ? bytes : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
    const gateway = await serveGate(upstream)
    expect(statusOf((await sendRaw(gateway, request('GET /public/bad'))).messages[0])).toBe(502)
    expect(statusOf((await sendRaw(gateway, request('GET /public/good'))).messages[0])).toBe(200)
  })

  test('G-15 a bad chunk after good ones cuts the answer', async () => {
    const upstream = await rawUpstream(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n')
    const { text, isClosed } = await sendRaw(await serveGate(upstream), request('GET /public'), { untilClose: true })
    expect(isClosed).toBe(true)
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
  })

  test.for([
    { name: 'a declared length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789' },
    { name: 'chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n' },
  ])('G-16 F-24 an answer of $name that breaks off does not look whole', async ({ head }) => {
    const upstream = await rawUpstream((_, socket) => {
      socket.write(head, 'latin1', () => socket.destroy())
      return undefined
    })
    const gateway = await serveGate(upstream)
    const { text, messages, isClosed } = await sendRaw(gateway, request('GET /public'), { untilClose: true })
    expect(isClosed).toBe(true)
    expect(messages.filter((message) => statusOf(message) === 200)).toHaveLength(0)
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(gateway.traces.at(-1)).toMatchObject({ reason: 'upstream_unreachable' })
  })
})
