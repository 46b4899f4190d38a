import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBalancer, type Endpoint } from '../../src/gateway/upstream/balancer.js'
import { startEcho } from '../../src/lab/echo.js'
import { rawUpstream } from '../security/raw.js'
import { document, serve } from './documents.js'

async function echo() {
  const upstream = await startEcho()
  onTestFinished(() => upstream.close())
  return upstream
}

describe('upstreams and targets', () => {
  const balancerFor = (targets: readonly [string, number][], now = () => 0) => {
    const config = document({ services: [{ host: 'pool' }], upstreams: [{ name: 'pool', targets }] })
    return createBalancer(config.services[0] as never, config, now)
  }
  const turn = (balancer: ReturnType<typeof balancerFor>, tried = new Set<Endpoint>()) => balancer.next(tried)?.host

  test('weights are shares, spread evenly', () => {
    const balancer = balancerFor([
      ['a:1', 5],
      ['b:1', 1],
      ['c:1', 1],
      ['off:1', 0],
    ])
    expect(Array.from({ length: 7 }, () => turn(balancer)).join('')).toBe('aabacaa')
  })

  test('a target that failed is passed over for ten seconds, unless nobody else is left', () => {
    let now = 0
    const balancer = balancerFor(
      [
        ['a:1', 1],
        ['b:1', 1],
      ],
      () => now,
    )
    const tried = new Set<Endpoint>()
    const first = balancer.next(tried) as Endpoint
    balancer.failed(first)
    expect([turn(balancer), turn(balancer), turn(balancer)]).not.toContain(first.host)
    const second = balancer.next(tried) as Endpoint
    balancer.failed(second)
    expect(turn(balancer)).toBeDefined()
    now = 10_001
    expect(new Set([turn(balancer), turn(balancer)])).toEqual(new Set(['a', 'b']))
  })

  test('a dead target costs no request (F-23)', async () => {
    const [alive, dead] = [await echo(), await startEcho()]
    await dead.close()
    const targets = [dead, alive].map(({ url }): [string, number] => [new URL(url).host, 100])
    const gateway = await serve({ services: [{ host: 'pool' }], routes: [{ paths: ['/'] }], upstreams: [{ name: 'pool', targets }] })
    for (let index = 0; index < 6; index++) {
      expect((await fetch(`${gateway.url}/anything`, { method: 'POST', body: 'kept' })).status).toBe(200)
    }
    expect(alive.received).toHaveLength(6)
    expect(gateway.traces[0]?.steps.filter((step) => step.kind === 'call')).toHaveLength(2)
    expect(gateway.traces[5]?.steps.filter((step) => step.kind === 'call')).toHaveLength(1)
  })

  test('a target that took the request and died is not tried again', async () => {
    const [alive, dying] = [
      await echo(),
      await rawUpstream((_, socket) => {
        socket.destroy()
        return undefined
      }),
    ]
    const targets: [string, number][] = [
      [`127.0.0.1:${dying.port}`, 100],
      [new URL(alive.url).host, 1],
    ]
    const gateway = await serve({ services: [{ host: 'pool' }], routes: [{ paths: ['/'] }], upstreams: [{ name: 'pool', targets }] })
    expect((await fetch(`${gateway.url}/anything`, { method: 'POST', body: 'once' })).status).toBe(502)
    expect(alive.received).toHaveLength(0)
  })

  test('an upstream without targets is 503', async () => {
    const gateway = await serve({ services: [{ host: 'pool' }], routes: [{ paths: ['/'] }], upstreams: [{ name: 'pool', targets: [] }] })
    expect((await fetch(gateway.url)).status).toBe(503)
  })

  test('the Host field is the target’s, or the client’s with preserve_host', async () => {
    const upstream = await echo()
    const routes = [
      { name: 'own', paths: ['/own'] },
      { name: 'kept', paths: ['/kept'], preserve_host: true },
    ]
    const gateway = await serve({ services: [{ url: upstream.url }], routes })
    await fetch(`${gateway.url}/own/get`)
    await fetch(`${gateway.url}/kept/get`)
    expect(upstream.received.map(({ headers }) => headers['Host'])).toEqual([new URL(upstream.url).host, new URL(gateway.url).host])
  })
})

describe('faults of the upstream', () => {
  test('no answer within read_timeout is 504 (F-25)', async () => {
    const upstream = await rawUpstream(() => undefined)
    const gateway = await serve({ services: [{ url: upstream.url, read_timeout: 100 }], routes: [{ paths: ['/'] }] })
    const answer = await fetch(gateway.url)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ message: 'The upstream server is timing out' })
    expect(gateway.traces[0]).toMatchObject({ reason: 'upstream_timeout' })
  })

  test('a body that stops coming is cut, not ended (F-25)', async () => {
    const upstream = await rawUpstream(() => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
    const gateway = await serve({ services: [{ url: upstream.url, read_timeout: 100 }], routes: [{ paths: ['/'] }] })
    await expect(fetch(gateway.url).then((answer) => answer.text())).rejects.toThrow()
  })

  test('a client that leaves mid-upload ends the upstream’s request (F-28)', async () => {
    let closed = 0
    const url = await listen((socket) => socket.on('data', () => undefined).on('close', () => closed++))
    const gateway = await serve({ services: [{ url }], routes: [{ paths: ['/'] }] })
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc')
    await expect.poll(() => gateway.upstreamSockets).toBe(1)
    client.destroy()
    await expect.poll(() => closed).toBe(1)
    await expect.poll(() => gateway.traces[0]?.status).toBe(499)
  })

  test('a reader that does not read holds the upstream back (F-29)', async () => {
    const total = 200
    let chunks = 0
    const url = await listen((socket) => {
      const more = (): void => {
        while (chunks < total) if ((chunks++, !socket.write(Buffer.alloc(1024 * 1024)))) return
      }
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total * 1024 * 1024}\r\n\r\n`)
        more()
      })
      socket.on('drain', more)
    })
    const gateway = await serve({ services: [{ url }], routes: [{ paths: ['/'] }] })
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => client.once('data', resolve))
    client.pause()
    // The kernel's buffers fill; then nothing moves any more.
    let before = -1
    let quiet = 0
    const quietRounds = () => {
      quiet = chunks === before ? quiet + 1 : 0
      before = chunks
      return quiet
    }
    await expect.poll(quietRounds, { interval: 50, timeout: 10_000 }).toBeGreaterThan(6)
    expect(chunks).toBeLessThan(50)
    client.destroy()
    await expect.poll(() => gateway.traces[0]?.status).toBe(499)
  })
})

async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    onSocket(socket.on('error', () => undefined))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
