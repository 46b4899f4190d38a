import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect, type PeerCertificate } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../src/gateway/gateway.js'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import { startEcho } from '../../src/lab/echo.js'
import { document, serve } from './documents.js'

const pem = (name: string): string => readFileSync(new URL(`../../fixtures/gateway/tls/${name}`, import.meta.url), 'utf8')
const pair = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) })
const certificate = (name: string, snis: readonly string[]) => ({ id: name, tags: [], snis, ...pair(name) })

/** The common name of the certificate that a server shows for a server name. */
const shown = (url: string, servername: string) =>
  new Promise<string>((resolve, reject) => {
    const { port } = new URL(url)
    const socket = connect({ port: Number(port), host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
      resolve(String((socket.getPeerCertificate() as Partial<PeerCertificate>).subject?.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })

const get = (url: string, { servername = 'one.test', ...options } = {}) =>
  new Promise<number>((resolve, reject) => {
    const sent = request(url, { servername, rejectUnauthorized: false, agent: false, ...options }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })

async function start(
  routes: Parameters<typeof document>[0]['routes'],
  certificates = [certificate('one', ['one.test', '*.one.test']), certificate('two', ['two.test'])],
) {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  const gateway = await startGateway({
    config: { ...document({ services: [{ url: echo.url }], routes: routes ?? [] }), certificates },
    tls: { port: 0 },
  })
  onTestFinished(() => gateway.close())
  return { echo, gateway, secureUrl: gateway.secureUrl as string }
}

describe('the TLS listener', () => {
  test('shows the certificate of the server name, else the first', async () => {
    const { secureUrl } = await start([])
    expect(await shown(secureUrl, 'two.test')).toBe('two.test')
    expect(await shown(secureUrl, 'a.one.test')).toBe('one.test')
    expect(await shown(secureUrl, 'other.test')).toBe('one.test')
    expect(await shown(secureUrl, '')).toBe('one.test')
  })

  test('a certificate published later is shown from then on', async () => {
    const { gateway, secureUrl } = await start([])
    await gateway.publish({ ...document({}), certificates: [certificate('two', [])] })
    expect(await shown(secureUrl, 'one.test')).toBe('two.test')
    expect(await shown(secureUrl, '')).toBe('two.test')
  })

  test('without any certificate does not start; a pair given at the start is enough', async () => {
    await expect(serve({}, { tls: { port: 0 } })).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: 'a TLS listener needs a certificate, and there is none',
    })
    const gateway = await serve({}, { tls: { port: 0, keyPair: pair('one') } })
    expect(await shown(gateway.secureUrl as string, 'any.test')).toBe('one.test')
  })

  test('a certificate with another key is refused', async () => {
    const wrong = { cert: pem('one.crt'), key: pem('two.key') }
    await expect(serve({}, { tls: { port: 0, keyPair: wrong } })).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
  })

  test('routes by server name and tells the upstream https', async () => {
    const { secureUrl, echo } = await start([{ name: 'one', paths: ['/'], snis: ['one.test'], protocols: ['https'] }])
    expect(await get(`${secureUrl}/get`)).toBe(200)
    expect(await get(`${secureUrl}/get`, { servername: 'two.test' })).toBe(404)
    expect(echo.received).toHaveLength(1)
    expect(echo.received[0]?.headers).toMatchObject({ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Port': new URL(secureUrl).port })
  })

  test('an https-only route over http is 426 with the upgrade, or the redirect that the route wants', async () => {
    const { gateway, echo } = await start([
      { name: 'a', paths: ['/a'], protocols: ['https'] },
      { name: 'b', paths: ['/b'], protocols: ['https'], https_redirect_status_code: 308 },
    ])
    const upgrade = await fetch(`${gateway.url}/a`)
    expect(upgrade.status).toBe(426)
    expect(await upgrade.json()).toMatchObject({
      message: 'Please use HTTPS protocol',
      request_id: upgrade.headers.get('x-kong-request-id'),
    })
    expect(upgrade.headers.get('upgrade')).toBe('TLS/1.2, HTTP/1.1')
    const redirect = await fetch(`${gateway.url}/b?x=1`, { redirect: 'manual' })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([308, 'https://127.0.0.1/b?x=1'])
    expect(echo.received).toHaveLength(0)
  })

  test('a client certificate is handed to plugins, whoever signed it', async () => {
    const seen: (Buffer | undefined)[] = []
    const witness: Plugin = {
      name: 'witness',
      priority: 1,
      create: () => ({ access: ({ request: asked }) => (seen.push(asked.clientCertificate), { status: 204 }) }),
    }
    const gateway = await serve(
      { services: [{}], routes: [{ paths: ['/'] }], plugins: [{ name: 'witness' }] },
      { plugins: { witness }, tls: { port: 0, keyPair: pair('one') } },
    )
    await get(`${gateway.secureUrl}/`, pair('two') as object)
    await get(`${gateway.secureUrl}/`)
    expect(seen[0]?.toString('base64')).toBe(pem('two.crt').replace(/-----.*?-----|\s/g, ''))
    expect(seen[1]).toBeUndefined()
  })
})
