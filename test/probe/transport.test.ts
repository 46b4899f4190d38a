import { describe, expect, onTestFinished, test } from 'vitest'
import type { ProbeRequest } from '../../src/probe/request.js'
import { createTransport, type Transport, type TransportOptions } from '../../src/probe/transport.js'
import { deadUrl, serve } from './serve.js'

async function transport(options: TransportOptions = {}): Promise<Transport> {
  const made = await createTransport(options)
  onTestFinished(() => made.close())
  return made
}

const get = (origin: string, path = '/', rest: Partial<ProbeRequest> = {}): ProbeRequest => ({
  method: 'GET',
  origin,
  path,
  headers: [],
  ...rest,
})

describe('sending', () => {
  test.for(['/a/../b', '/a//b/./c', '/%2e%2e/%6F', '/a?x=%zz&y', '/;a=b/..;/c'])('%s goes out as it was written', async (path) => {
    const { url } = await serve((request, response) => void response.end(request.url))
    const answer = await (await transport()).send(get(url, path))
    expect(answer.body.toString('latin1')).toBe(Buffer.from(path, 'latin1').toString('latin1'))
  })

  test('headers keep their order, their spelling and their repetitions', async () => {
    const { url } = await serve((request, response) => void response.end(JSON.stringify(request.rawHeaders)))
    const headers = [
      ['X-One', '1'],
      ['x-two', 'a'],
      ['X-Two', 'b'],
    ] as const
    const answer = await (await transport()).send(get(url, '/', { headers }))
    expect((JSON.parse(answer.body.toString()) as string[]).filter((text) => /^x-|^[12ab]$/i.test(text))).toEqual(headers.flat())
  })

  test('a redirect is an answer like any other', async () => {
    const { url } = await serve((request, response) => void response.writeHead(302, { location: '/next' }).end())
    expect(await (await transport()).send(get(url))).toMatchObject({ status: 302 })
  })

  test('the answer comes with its fields as sent, and the time to its first byte', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, 'Fine', [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ])
      response.end('hello')
    })
    const answer = await (await transport()).send(get(url))
    expect(answer).toMatchObject({ status: 200, statusMessage: 'Fine', bodyBytes: 5 })
    expect(answer.headers.filter(([name]) => name === 'Set-Cookie')).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    expect(answer.firstByteMs).toBeGreaterThan(0)
    expect(answer.totalMs).toBeGreaterThanOrEqual(answer.firstByteMs)
  })

  test('a body beyond the limit is read to its end and cut', async () => {
    const { url } = await serve((request, response) => void response.end('x'.repeat(100_000)))
    const sender = await transport()
    expect(await sender.send(get(url), { maxBodyBytes: 10 })).toMatchObject({ bodyBytes: 100_000, body: Buffer.from('xxxxxxxxxx') })
    expect(await sender.send(get(url))).toMatchObject({ status: 200 })
  })

  test('--resolve connects elsewhere and keeps the Host', async () => {
    const { url } = await serve((request, response) => void response.end(request.headers.host))
    const { port } = new URL(url)
    const sender = await transport({ resolve: { [`api.example:${port}`]: '127.0.0.1' } })
    expect((await sender.send(get(`http://api.example:${port}`))).body.toString()).toBe(`api.example:${port}`)
  })
})

describe('no answer', () => {
  test('nothing listens there', async () => {
    const origin = await deadUrl()
    await expect((await transport()).send(get(origin))).rejects.toMatchObject({
      code: 'ERR_NETWORK',
      message: `cannot reach ${origin}: nothing listens there`,
    })
  })

  test('the deadline counts to the end of the body', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200)
      response.write('a')
    })
    await expect((await transport()).send(get(url), { timeoutMs: 60 })).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      message: `no answer from ${url} within 60 ms (GET)`,
    })
  })

  test('an aborted signal stops it', async () => {
    const controller = new AbortController()
    const { url } = await serve(() => controller.abort())
    await expect((await transport()).send(get(url), { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    await expect((await transport()).send(get(url), { signal: controller.signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  })

  test('a server that speaks something else', async () => {
    const { server, url } = await serve(() => undefined)
    server.on('connection', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    await expect((await transport()).send(get(url))).rejects.toMatchObject({ code: 'ERR_NETWORK' })
  })

  test('a header that no request may hold is our caller’s mistake', async () => {
    const { url } = await serve((request, response) => void response.end())
    await expect((await transport()).send(get(url, '/', { headers: [['transfer-encoding', 'chunked']] }))).rejects.toMatchObject({
      code: 'ERR_USAGE',
    })
  })
})
