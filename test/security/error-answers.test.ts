import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startAdmin } from '../../src/gateway/admin/admin.js'
import { startGateway } from '../../src/gateway/gateway.js'
import { parseChallenges } from '../../src/http/challenge.js'
import { protectedDocument, startProtected } from '../support/protected-gateway.js'
import { startScriptedProvider } from '../support/scripted-provider.js'
import { field, rawUpstream, request, sendRaw, serveGate, statusOf, type RawMessage } from './raw.js'
import { serve } from '../gateway/documents.js'

const bearer = { auth_methods: ['bearer'] }
const MARKUP = '<script>alert(1)</script>'

describe('G-164 an error page says nothing of the request', () => {
  const hostile = [`X-A: ${MARKUP}`, `Cookie: a=${MARKUP}`, `Referer: http://a/${MARKUP}`, `Authorization: Bearer ${MARKUP}`]

  test.for(['text/html', 'application/xml', 'text/plain', 'application/json', `text/html;q=${MARKUP}`, MARKUP])(
    'asked for as %s',
    async (accept) => {
      const gateway = await serveGate(await rawUpstream())
      for (const [target, status] of [
        [`/none/${MARKUP}?q=${MARKUP}`, 404],
        [`/admin/?q=${MARKUP}`, 401],
        [`/public/%zz${MARKUP}`, 400],
      ] as const) {
        const { messages, text } = await sendRaw(gateway, request(`GET ${target}`, [...hostile, `Accept: ${accept}`]))
        expect(statusOf(messages[0]), target).toBe(status)
        expect(text).not.toMatch(/script|alert/)
      }
    },
  )
})

test('G-165 nor of what is behind: addresses, codes and reasons stay in the log', async () => {
  const provider = await startScriptedProvider()
  provider.script('/.well-known/openid-configuration', { status: 500, body: 'canary-of-the-provider' })
  const nobody = 'http://127.0.0.1:1/canary-path'
  const logs: string[] = []
  const gateway = await startGateway({
    config: protectedDocument(nobody, provider.issuer, { config: bearer }),
    log: (level, message) => void logs.push(`${level} ${message}`),
  })
  const open = await serve({ services: [{ url: nobody }], routes: [{ paths: ['/'] }] })
  onTestFinished(async () => {
    await gateway.close()
    await provider.close()
  })
  const bodies = [
    [gateway.url, 401, '{"message":"Unauthorized"}'],
    [
      open.url,
      502,
      /^\{\n {2}"message":"An invalid response was received from the upstream server",\n {2}"request_id":"[0-9a-f]{32}"\n\}$/,
    ],
  ] as const
  for (const [url, status, body] of bodies) {
    const answer = await fetch(`${url}/a`, { headers: { authorization: 'Bearer x' } })
    expect(answer.status).toBe(status)
    expect(await answer.text()).toEqual(typeof body === 'string' ? body : expect.stringMatching(body))
    expect(JSON.stringify([...answer.headers])).not.toMatch(/127\.0\.0\.1:1\b|ECONNREFUSED|canary/)
  }
  expect(logs.join('\n')).toMatch(/loading configuration for .* failed: .* answered 500/)
})

test.for(['we"ird\\', 'a, error="none"', 'ünïcode', 'a\r\nX-Evil: 1', '日本語'])(
  'G-166 the realm %j is one quoted string',
  async (issuer) => {
    const { ask } = await startProtected({ config: { ...bearer, issuer, using_pseudo_issuer: true, jwks_endpoint: 'http://127.0.0.1:1/' } })
    const { status, challenge, headers } = await ask()
    expect(status).toBe(401)
    expect(headers).not.toHaveProperty('x-evil')
    expect(challenge).toMatch(/^[\x20-\x7e\x80-\xff]+$/)
    const [only, ...others] = parseChallenges(challenge)
    expect(others).toEqual([])
    expect(Object.keys(only?.parameters ?? {})).toEqual(['realm'])
    expect(Buffer.from(only?.parameters['realm'] ?? '', 'latin1').toString()).toBe(issuer.replace(/[\r\n]/g, ''))
  },
)

test('G-168 what the Admin API answers is an ordinary path at the proxy’s port', async () => {
  const { gateway } = await startProtected({ config: bearer })
  const admin = await startAdmin({ gateway, port: 0, text: 'served', plugins: [], load: () => ({ config: undefined, issues: [] }) })
  onTestFinished(() => admin.close())
  expect(new URL(admin.url).hostname).toBe('127.0.0.1')
  for (const path of ['/', '/status', '/config', '/plugins', '/openid-connect/issuers', '/openid-connect/jwks', '/metrics'])
    expect((await fetch(gateway.url + path)).status, path).toBe(401)
  const bare = await serve({ routes: [{ paths: ['/only'] }] })
  for (const path of ['/status', '/config', '/metrics']) expect((await fetch(bare.url + path)).status, path).toBe(404)
})

test('G-176 a token that is merely there is no login', async () => {
  const { ask } = await startProtected({
    config: {
      auth_methods: ['authorization_code', 'session', 'bearer'],
      client_id: ['demo'],
      client_secret: ['demo-secret'],
      session_secret: 's'.repeat(32),
    },
  })
  for (const authorization of ['Bearer x', 'Bearer ', 'Bearer', 'bearer x.y.z', 'Basic x', 'Digest x'])
    expect((await ask({ headers: { authorization } })).upstream, authorization).toBeUndefined()
  expect((await ask({ headers: { cookie: 'session=x' } })).upstream).toBeUndefined()
})

test('G-156 a large upload may be the first request of all', async () => {
  const SIZE = 50 * 1024 * 1024
  let received = 0
  const upstream = createServer((message, response) => {
    message.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('ok'))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const provider = await startScriptedProvider()
  const gateway = await startGateway({
    config: protectedDocument(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, provider.issuer, { config: bearer }),
  })
  onTestFinished(async () => {
    await gateway.close()
    await provider.close()
    upstream.close()
  })
  const send = (token: string) =>
    fetch(`${gateway.url}/a`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body: Buffer.alloc(SIZE),
    })
  expect((await send(provider.token())).status).toBe(200)
  expect(received).toBe(SIZE)
})

test('G-172 a path that no decoder takes is one answer, and the gateway goes on', async () => {
  const upstream = await rawUpstream()
  const gateway = await serveGate(upstream)
  for (const path of ['/%', '/public/%', '/public/%E0%A4%A', '/public/%zz', '/public?%', '/admin/%c0'])
    expect([200, 400, 401, 404]).toContain(statusOf((await sendRaw(gateway, request(`GET ${path}`))).messages[0]))
  const { messages } = await sendRaw(gateway, request('GET /public'))
  expect(field(messages[0] as RawMessage, 'content-length')).toEqual(['2'])
})
