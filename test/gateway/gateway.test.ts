import { describe, expect, onTestFinished, test } from 'vitest'
import { startEcho } from '../../src/lab/echo.js'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import { OK, rawUpstream } from '../security/raw.js'
import { document, serve } from './documents.js'

async function echo() {
  const upstream = await startEcho()
  onTestFinished(() => upstream.close())
  return upstream
}

describe('a request through the gateway', () => {
  test('reaches the upstream without what the route matched', async () => {
    const upstream = await echo()
    const gateway = await serve({ services: [{ url: upstream.url }], routes: [{ name: 'oidc', paths: ['/oidcroute'] }] })
    const answer = await fetch(`${gateway.url}/oidcroute/get?a=1`, { headers: { 'x-mine': 'yes' } })
    expect(answer.status).toBe(200)
    expect(upstream.received).toHaveLength(1)
    expect(upstream.received[0]).toMatchObject({
      method: 'GET',
      url: '/get?a=1',
      headers: { 'X-Mine': 'yes', 'X-Forwarded-Prefix': '/oidcroute' },
    })
    expect(answer.headers.get('x-kong-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(answer.headers.get('x-kong-upstream-latency')).toMatch(/^\d+$/)
    expect(answer.headers.get('x-kong-proxy-latency')).toMatch(/^\d+$/)
    expect(answer.headers.get('via')).toMatch(/^1\.1 oidcgw-gateway\//)
    expect(gateway.traces).toMatchObject([
      { method: 'GET', path: '/oidcroute/get?a=[masked]', route: 'oidc', status: 200, steps: [{ to: 'upstream' }] },
    ])
  })

  test('without a route is answered 404 in the words of the core, with the request id', async () => {
    const upstream = await echo()
    const gateway = await serve({ services: [{ url: upstream.url }], routes: [{ paths: ['/a'] }] })
    const answer = await fetch(`${gateway.url}/b`)
    const id = answer.headers.get('x-kong-request-id')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe(`{\n  "message":"no Route matched with those values",\n  "request_id":"${id}"\n}`)
    expect(answer.headers.get('server')).toMatch(/^oidcgw-gateway\//)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('x-kong-response-latency')).toMatch(/^\d+$/)
    expect(upstream.received).toHaveLength(0)
    expect(gateway.traces[0]).toMatchObject({ status: 404, reason: 'no_route' })
  })

  test('streams a body upstream and the answer back', async () => {
    const upstream = await echo()
    const gateway = await serve({ services: [{ url: upstream.url }], routes: [{ paths: ['/'] }] })
    const answer = await fetch(`${gateway.url}/anything`, { method: 'POST', body: 'x'.repeat(300_000) })
    const { data } = (await answer.json()) as { data: string }
    expect(data).toHaveLength(300_000)
  })

  test('that nobody answers upstream is a 502 whose body says nothing of the inside', async () => {
    const upstream = await startEcho()
    await upstream.close()
    const gateway = await serve({ services: [{ url: upstream.url }], routes: [{ paths: ['/'] }] })
    const answer = await fetch(`${gateway.url}/`)
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ message: 'An invalid response was received from the upstream server' })
    expect(gateway.traces[0]).toMatchObject({ status: 502, reason: 'upstream_unreachable' })
  })
})

describe('plugins', () => {
  const refuser: Plugin = {
    name: 'refuser',
    priority: 10,
    create: () => ({ access: () => ({ status: 403, body: '{"message":"Forbidden"}', reason: 'acl_denied' }) }),
  }
  const thrower: Plugin = { name: 'thrower', priority: 10, create: () => ({ access: () => Promise.reject(new Error('secret details')) }) }
  const injector: Plugin = {
    name: 'injector',
    priority: 20,
    create: () => ({
      managedHeaders: ['x-user'],
      access(exchange) {
        exchange.upstream.set('X-User', 'alice')
        exchange.upstreamQuery = 'b=2'
        exchange.downstream.set('X-Seen', 'yes')
        return undefined
      },
      response: (exchange, status) => void exchange.downstream.set('X-Status', String(status)),
    }),
  }
  const plugins = { refuser, thrower, injector }

  test('answer themselves: the upstream sees nothing, the body is compact', async () => {
    const upstream = await echo()
    const parts = { services: [{ url: upstream.url }], routes: [{ paths: ['/'] }], plugins: [{ name: 'refuser' }, { name: 'injector' }] }
    const gateway = await serve(parts, { plugins, reasonHeader: true })
    const answer = await fetch(`${gateway.url}/get`)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toBe('{"message":"Forbidden"}')
    expect(answer.headers.get('x-seen')).toBe('yes')
    expect(answer.headers.get('x-oidcgw-reason')).toBe('acl_denied')
    expect(upstream.received).toHaveLength(0)
  })

  test('G-136 refusals and answers with cookies are cached by nobody, other answers may be', async () => {
    const speaker: Plugin = {
      name: 'speaker',
      priority: 1,
      create: () => ({
        access({ request, downstream }) {
          if (request.path === '/cookie') downstream.append('Set-Cookie', 'a=1')
          return { status: request.path === '/redirect' ? 302 : request.path === '/refused' ? 401 : 200 }
        },
      }),
    }
    const gateway = await serve({ routes: [{ paths: ['/'] }], plugins: [{ name: 'speaker' }] }, { plugins: { speaker } })
    const cacheControl = async (path: string) => (await fetch(gateway.url + path, { redirect: 'manual' })).headers.get('cache-control')
    for (const path of ['/cookie', '/redirect', '/refused']) expect(await cacheControl(path)).toBe('no-store')
    expect(await cacheControl('/plain')).toBeNull()
  })

  test('a throw means 500 and nothing is forwarded (G-179)', async () => {
    const upstream = await echo()
    const lines: string[] = []
    const parts = { services: [{ url: upstream.url }], routes: [{ paths: ['/'] }], plugins: [{ name: 'thrower' }] }
    const gateway = await serve(parts, { plugins, log: (_level, line) => void lines.push(line) })
    const answer = await fetch(`${gateway.url}/get`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toBe('{"message":"An unexpected error occurred"}')
    expect(answer.headers.get('x-oidcgw-reason')).toBeNull()
    expect(upstream.received).toHaveLength(0)
    expect(lines.join()).toContain('secret details')
  })

  test('a token in what a plugin logs or throws is masked in the log', async () => {
    const lines: string[] = []
    const teller: Plugin = {
      name: 'teller',
      priority: 10,
      create: (_fields, { log }) => ({
        access({ request }) {
          log('error', `refused ${request.headers['authorization']}`)
          throw new Error(`cannot read ${request.headers['authorization']}`)
        },
      }),
    }
    const log = (_level: string, line: string) => void lines.push(line)
    const gateway = await serve({ routes: [{ paths: ['/'] }], plugins: [{ name: 'teller' }] }, { plugins: { teller }, log })
    await fetch(gateway.url, { headers: { authorization: 'Bearer mF_9.B5f-4.1JqM' } })
    expect(lines).toEqual(['refused Bearer [masked]', expect.stringMatching(/^request [0-9a-f]{32}: cannot read Bearer \[masked\]$/)])
  })

  test('edit what the upstream and the client get', async () => {
    const upstream = await echo()
    const parts = { services: [{ url: upstream.url }], routes: [{ paths: ['/'] }], plugins: [{ name: 'injector' }] }
    const gateway = await serve(parts, { plugins })
    const answer = await fetch(`${gateway.url}/get?a=1`, { headers: { X_User: 'mallory', 'x-user': 'mallory', 'X.User': 'mallory' } })
    expect(upstream.received[0]?.url).toBe('/get?b=2')
    expect(upstream.received[0]?.headers['X-User']).toBe('alice')
    expect(JSON.stringify(upstream.received)).not.toContain('mallory')
    expect(answer.headers.get('x-status')).toBe('200')
  })

  test('are chosen by route over service over global, and the disabled are not', async () => {
    const upstream = await echo()
    const marker: Plugin = {
      name: 'marker',
      priority: 1,
      create: ({ config }) => ({ access: ({ downstream }) => (downstream.set('X-Mark', String(config['mark'])), undefined) }),
    }
    const gateway = await serve(
      {
        services: [{ name: 's', url: upstream.url }],
        routes: [
          { name: 'a', paths: ['/a'] },
          { name: 'b', paths: ['/b'] },
          { name: 'c', paths: ['/c'], service: undefined },
        ],
        plugins: [
          { name: 'marker', config: { mark: 'global' } },
          { name: 'marker', service: 's', config: { mark: 'service' } },
          { name: 'marker', route: 'a', config: { mark: 'route' } },
          { name: 'marker', route: 'b', enabled: false, config: { mark: 'off' } },
        ],
      },
      { plugins: { marker } },
    )
    const mark = async (path: string) => (await fetch(gateway.url + path)).headers.get('x-mark')
    expect([await mark('/a'), await mark('/b'), await mark('/c')]).toEqual(['route', 'service', 'global'])
  })
})

describe('publishing', () => {
  test('serves the new document from the next request on and closes old plugins after the last old request (F-33)', async () => {
    let release: (() => void) | undefined
    const upstream = await rawUpstream(({ start }, socket) => {
      if (!start.includes('/slow')) return OK
      release = () => void socket.write(OK)
      return undefined
    })
    const closed: string[] = []
    const witness: Plugin = {
      name: 'witness',
      priority: 1,
      create: ({ config }) => ({ access: () => undefined, close: () => void closed.push(String(config['version'])) }),
    }
    const version = (n: number, path: string) => ({
      services: [{ url: upstream.url }],
      routes: [{ paths: [path], strip_path: false }],
      plugins: [{ name: 'witness', config: { version: n } }],
    })
    const gateway = await serve(version(1, '/slow'), { plugins: { witness } })
    const slow = fetch(`${gateway.url}/slow`)
    await expect.poll(() => release).toBeDefined()
    await gateway.publish(document(version(2, '/new')))
    expect((await fetch(`${gateway.url}/new`)).status).toBe(200)
    expect((await fetch(`${gateway.url}/slow`)).status).toBe(404)
    expect(closed).toEqual([])
    release?.()
    expect((await slow).status).toBe(200)
    await expect.poll(() => closed).toEqual(['1'])
  })

  test('a document that cannot be prepared leaves the old one serving', async () => {
    const upstream = await echo()
    const gateway = await serve({ services: [{ url: upstream.url }], routes: [{ paths: ['/get'], strip_path: false }] })
    const broken = document({ services: [{ url: upstream.url }], routes: [{ paths: ['~/('] }] })
    await expect(gateway.publish(broken)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    expect((await fetch(`${gateway.url}/get`)).status).toBe(200)
  })
})

test('a busy port is one clear error', async () => {
  const gateway = await serve({})
  const port = Number(new URL(gateway.url).port)
  await expect(serve({}, { port })).rejects.toMatchObject({ code: 'ERR_PORT_BUSY', message: `port ${port} on 127.0.0.1 is in use` })
})
