import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../src/gateway/gateway.js'
import { protectedDocument } from '../support/protected-gateway.js'
import { startScriptedProvider } from '../support/scripted-provider.js'
import { field, rawUpstream, sendRaw, statusOf, type RawMessage } from './raw.js'

const login = {
  auth_methods: ['authorization_code', 'session'],
  client_id: ['demo'],
  client_secret: ['demo-secret'],
  session_secret: 's'.repeat(32),
}

/** Route `/own` takes its address from the request, `/fixed` from its configuration, `/hosted` matches one host alone. */
async function start() {
  const [provider, upstream] = await Promise.all([startScriptedProvider(), rawUpstream()])
  const read = protectedDocument(upstream.url, provider.issuer, {
    config: login,
    routes: { '/fixed': { ...login, redirect_uri: ['https://shop.example/fixed'] }, '/hosted': login },
  })
  const routes = read.routes.map((route) => {
    if (route.paths?.[0] === '/hosted') return { ...route, hosts: ['gateway.test'] }
    return route.paths?.[0] === '/' ? { ...route, paths: ['/own'] } : route
  })
  const config = { ...read, routes }
  const gateway = await startGateway({ config })
  onTestFinished(async () => {
    await gateway.close()
    await provider.close()
  })
  const send = async (target: string, fields: readonly string[] = [], { host = 'gateway.test', method = 'GET', body = '' } = {}) => {
    const bytes = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...fields, '', body].join('\r\n')
    const { messages } = await sendRaw(gateway, bytes, { isHead: method === 'HEAD' })
    const message = messages[0] as RawMessage
    const location = field(message, 'location')[0]
    return {
      status: statusOf(message),
      message,
      isLogin: location?.startsWith(`${provider.issuer}/authorize?`) === true,
      redirectUri: location === undefined ? undefined : new URL(location).searchParams.get('redirect_uri'),
    }
  }
  return { send, upstream, provider }
}

const FORGED = [
  'X-Forwarded-Host: evil.test',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Port: 666',
  'X-Forwarded-Prefix: /evil',
  'X-Forwarded-Path: /evil',
  'Forwarded: host=evil.test;proto=https',
  'X-Original-URL: /evil',
]

describe('G-29 the address to come back to', () => {
  test('is the configured one, whatever Host says', async () => {
    const { send } = await start()
    const { message, ...answer } = await send('/fixed/a', FORGED, { host: 'evil.test' })
    expect(answer).toEqual({ status: 302, isLogin: true, redirectUri: 'https://shop.example/fixed' })
    expect(JSON.stringify(message)).not.toContain('evil')
    for (const cookie of field(message, 'set-cookie')) expect(cookie).not.toMatch(/domain/i)
  })

  test('else that of the request line and its Host: no forwarding header of an unknown peer counts', async () => {
    const { send } = await start()
    const { message, ...answer } = await send('/own', FORGED)
    const { redirectUri } = await send('/own')
    expect(answer).toEqual({ status: 302, isLogin: true, redirectUri })
    expect(redirectUri).toMatch(/^http:\/\/gateway\.test:\d+\/own$/)
    expect(JSON.stringify(message)).not.toContain('evil')
  })

  test('and a route that names its hosts begins no login for another', async () => {
    const { send, upstream } = await start()
    expect(await send('/hosted/a')).toMatchObject({
      status: 302,
      redirectUri: expect.stringMatching(/^http:\/\/gateway\.test:\d+\/hosted\/a$/) as string,
    })
    for (const host of ['evil.test', 'gateway.test.evil.test', 'evilgateway.test'])
      expect((await send('/hosted/a', [], { host })).status, host).toBe(404)
    expect(upstream.connections()).toBe(0)
  })
})

describe('G-56 a callback that is none never reaches the upstream', () => {
  test.for([
    '',
    '?',
    '?code=x',
    '?state=x',
    '?code=&state=',
    '?code=x&state=',
    '?iss=http://a',
    '?error_description=x',
    '?code',
    '?error=',
  ])('/fixed%s is a new login', async (query) => {
    const { send, upstream, provider } = await start()
    expect(await send(`/fixed${query}`)).toMatchObject({ status: 302, isLogin: true })
    expect(upstream.connections()).toBe(0)
    expect(provider.count('/token')).toBe(0)
  })

  test.for(['?code=x&state=y', '?error=access_denied&state=y', '?error=x', '?code=a&code=b&state=y'])(
    '/fixed%s without a login of this browser opens nothing',
    async (query) => {
      const { send, upstream, provider } = await start()
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const { status } = await send(`/fixed${query}`, ['Content-Length: 0'], { method })
        expect([302, 400, 401], `${method} ${status}`).toContain(status)
      }
      const form = query.slice(1)
      const fields = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`]
      const { status } = await send('/fixed', fields, { method: 'POST', body: form })
      expect([302, 400, 401]).toContain(status)
      expect(upstream.connections()).toBe(0)
      expect(provider.count('/token')).toBe(0)
    },
  )
})
