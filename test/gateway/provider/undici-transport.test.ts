import { execFileSync } from 'node:child_process'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProviderTransport } from '../../../src/gateway/provider/undici-transport.js'
import type { TraceStep } from '../../../src/trace/trace.js'

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}
const serve = (listener: RequestListener) => listen(createServer(listener))

function transport(options: Parameters<typeof createProviderTransport>[0] = {}) {
  const made = createProviderTransport({ now: () => 1_000, ...options })
  onTestFinished(() => made.close())
  return made
}

describe('calls to the provider', () => {
  test('leave a step without secrets in the trace', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(418, { 'x-a': '1', 'set-cookie': ['a=1', 'b=2'] }).end('short and stout'),
    )
    const steps: TraceStep[] = []
    url.search = '?token=secret-token&scope=read'
    const answer = await transport().send('userinfo', { method: 'GET', url }, (step) => steps.push(step))
    expect(answer).toMatchObject({ status: 418, headers: { 'x-a': '1', 'set-cookie': ['a=1', 'b=2'] } })
    expect(answer.body.toString()).toBe('short and stout')
    expect(steps).toMatchObject([
      { kind: 'call', from: 'gateway', to: 'idp', purpose: 'userinfo', what: 'GET /?token=[masked]&scope=read', status: 418, at: 1_000 },
    ])
  })

  test('time out, and say so', async () => {
    const url = await serve(() => undefined)
    const steps: TraceStep[] = []
    const call = transport().send('token', { method: 'POST', url, timeoutMs: 50 }, (step) => steps.push(step))
    await expect(call).rejects.toMatchObject({ code: 'ERR_NETWORK_TIMEOUT', message: `no answer from ${url.origin} within 50 ms (POST)` })
    expect(steps).toMatchObject([{ error: expect.stringContaining('within 50 ms') as string }])
  })

  test('fail when nothing listens, and when the answer is too large', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(2000)))
    await expect(transport().send('jwks', { method: 'GET', url, maxBodyBytes: 1000 })).rejects.toMatchObject({
      code: 'ERR_PROVIDER_RESPONSE',
    })
    const nobody = new URL('http://127.0.0.1:1/')
    await expect(transport().send('jwks', { method: 'GET', url: nobody })).rejects.toMatchObject({ code: 'ERR_NETWORK' })
  })

  test('never follow a redirect', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    expect(await transport().send('discovery', { method: 'GET', url })).toMatchObject({ status: 302 })
  })

  test('verify certificates, unless told not to or given the root (ssl_verify)', async () => {
    const pem = execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        '-',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0] ?? ''
    const url = await listen(createTlsServer({ key: pem, cert }, (_request, response) => response.end('{}')))
    url.protocol = 'https:'
    const request = { method: 'GET', url } as const
    await expect(transport().send('jwks', request)).rejects.toMatchObject({ code: 'ERR_TLS' })
    expect(await transport().send('jwks', { ...request, tls: { allowInvalidCertificate: true } })).toMatchObject({ status: 200 })
    expect(await transport({ ca: cert }).send('jwks', request)).toMatchObject({ status: 200 })
  })
})
