import { describe, expect, test } from 'vitest'
import { rawUpstream, request, sendRaw, serveGate, statusOf } from './raw.js'

const status = async (gateway: Awaited<ReturnType<typeof serveGate>>, target: string, fields: readonly string[] = []) =>
  statusOf((await sendRaw(gateway, request(`GET ${target}`, fields))).messages[0])

describe('one path for routing, plugins and the upstream (RFC 3986 §6.2.2)', () => {
  test.for([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/.%2E/admin',
    '/public/./../admin',
    '/;x/../admin',
    '/public/x/%2E%2e/../admin',
    '/../admin',
  ])('G-43 %s is not the open route', async (target) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect([400, 401]).toContain(await status(gateway, target))
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-43 the path that was judged is the path that is sent', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, '/x/../public//a/./b/%7euser/%c3%a4%2a?q=../%2e')).toBe(200)
    expect(upstream.requests[0]?.start).toBe('GET /public/a/b/~user/%C3%A4%2A?q=../%2e HTTP/1.1')
  })

  test.for([
    '/public/..%2fadmin',
    '/public/..%2Fadmin',
    '/public%2f..%2fadmin',
    '/a%5c..%5cadmin',
    '/public/..%5Cadmin',
    '/public/..\\admin',
  ])('G-44 %s has an encoded separator and is refused', async (target) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, target)).toBe(400)
    expect(upstream.requests).toHaveLength(0)
  })

  test.for([
    '/admin;x=1',
    '/public/..;/admin',
    '/public/..;x=1/admin',
    '//admin',
    '///admin',
    '/admin/',
    '/admin/.',
    '/./admin',
    '/public/.;/../admin',
  ])('G-45 %s is decided as /admin', async (target) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect([400, 401]).toContain(await status(gateway, target))
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['//admin/secret', '/admin?x', '/admin%3Fx', '/admin?/public'])('G-46 %s is the protected route', async (target) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, target)).toBe(401)
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['/api/private?x=/status', '/api/secret%23/status/bar', '/api/a#/status', '/api/a%3f/status%23x'])(
    'G-47 %s does not match an open regular expression on the path',
    async (target) => {
      const upstream = await rawUpstream()
      const gateway = await serveGate(upstream, {
        routes: [
          { name: 'open', paths: ['~/api/.*/status$'], strip_path: false },
          { name: 'api', paths: ['/'], strip_path: false },
        ],
        plugins: [{ name: 'gate', route: 'api' }],
      })
      expect(await status(gateway, target)).toBe(401)
      expect(upstream.requests).toHaveLength(0)
      expect(await status(gateway, '/api/x/status')).toBe(200)
    },
  )

  test.for([
    { host: 'app.test', expected: 200 },
    { host: 'APP.test', expected: 200 },
    { host: 'app.test:81', expected: 200 },
    { host: 'evilapp.test', expected: 404 },
    { host: 'app.test.evil', expected: 404 },
    { host: 'app.test.', expected: 404 },
  ])('G-48 Host: $host → $expected', async ({ host, expected }) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream, { routes: [{ name: 'app', hosts: ['app.test'], paths: ['/app'] }] })
    const { messages } = await sendRaw(gateway, `GET /app HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(statusOf(messages[0])).toBe(expected)
  })

  test('G-49 unreserved escapes are the letters they stand for; case counts', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, '/%61dmin')).toBe(401)
    expect(await status(gateway, '/a%64%6Din/x')).toBe(401)
    expect(await status(gateway, '/ADMIN')).toBe(404)
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['/public/%00', '/public/%0d%0aX-A:%201', '/public/%', '/public/%zz', '/public/%2', '/public/%7F', '/public/%1f'])(
    'G-51 %s is refused',
    async (target) => {
      const upstream = await rawUpstream()
      const gateway = await serveGate(upstream)
      expect(await status(gateway, target)).toBe(400)
      expect(upstream.requests).toHaveLength(0)
    },
  )

  test.for([
    { target: '/public/%252e%252e%252fadmin', sent: '/public/%252e%252e%252fadmin' },
    { target: '/public/%c0%ae%c0%ae/admin', sent: '/public/%C0%AE%C0%AE/admin' },
    { target: '/public/%25%32%65', sent: '/public/%252e' },
  ])('G-51 $target is decoded once at most', async ({ target, sent }) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, target)).toBe(200)
    expect(upstream.requests[0]?.start).toBe(`GET ${sent} HTTP/1.1`)
  })

  test('G-53 OPTIONS is a method like any other', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request('OPTIONS /admin', ['Origin: http://a', 'Access-Control-Request-Method: GET']))
    expect(statusOf(messages[0])).toBe(401)
    expect(upstream.requests).toHaveLength(0)
  })

  test('G-54 HEAD is judged as GET is and answered without a body', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { text } = await sendRaw(gateway, request('HEAD /admin', ['Connection: close']), { untilClose: true, isHead: true })
    expect(text).toMatch(/^HTTP\/1\.1 401 /)
    expect(text).toMatch(/\r\n\r\n$/)
    expect(upstream.requests).toHaveLength(0)
  })

  test.for(['*', 'admin', 'http:/admin', '?x', ''])('a target that is no path, %j, is refused', async (target) => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    const { messages } = await sendRaw(gateway, request(`OPTIONS ${target}`))
    expect(statusOf(messages[0])).toBe(400)
    expect(upstream.requests).toHaveLength(0)
  })

  test('a target of 9 KB is refused, header fields of 17 KB too (G-170)', async () => {
    const upstream = await rawUpstream()
    const gateway = await serveGate(upstream)
    expect(await status(gateway, `/public/${'a'.repeat(9 * 1024)}`)).toBe(414)
    expect(await status(gateway, '/public', [`X-A: ${'a'.repeat(17 * 1024)}`])).toBe(431)
    expect(upstream.requests).toHaveLength(0)
  })
})
