import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { startProtected, type Protected } from '../../support/protected-gateway.js'
import { untilAll } from '../../support/until-all.js'

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/gateway/tls/${name}`, import.meta.url), 'utf8')
const ID = '33333333-3333-4333-8333-333333333333'

/** A provider behind TLS with a certificate nobody signed, which asks its clients for theirs. */
describe('TLS towards the provider', () => {
  const until = untilAll()
  let setup: Protected
  const seen: { readonly path: string; readonly client: string | undefined }[] = []

  beforeAll(async () => {
    const server = createServer(
      { key: pem('one.key'), cert: pem('one.crt'), requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const fingerprint = (request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256
        seen.push({ path: request.url ?? '', client: fingerprint })
        response.setHeader('content-type', 'application/json')
        if (request.url === '/.well-known/openid-configuration') return response.end(JSON.stringify({ issuer }))
        if (request.url === '/mtls-token') return response.end('{"access_token":"opaque","token_type":"Bearer","expires_in":60}')
        return response.writeHead(404).end()
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    until(() => server.close())
    const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const mtls = {
      auth_methods: ['password'],
      client_id: ['demo'],
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      tls_client_auth_cert_id: ID,
      mtls_token_endpoint: `${issuer}/mtls-token`,
    }
    setup = await startProtected({
      until,
      certificates: [{ id: ID, cert: pem('two.crt'), key: pem('two.key') }],
      routes: {
        '/verified': { auth_methods: ['bearer'], issuer },
        '/unverified': { auth_methods: ['bearer'], issuer, ssl_verify: false },
        '/mtls': { ...mtls, tls_client_auth_ssl_verify: false },
        '/mtls-verified': mtls,
        '/mtls-nobody': { ...mtls, tls_client_auth_ssl_verify: false, tls_client_auth_cert_id: ID.replaceAll('3', '4') },
      },
    })
  })

  test('ssl_verify: an unknown certificate is refused unless it is false', async () => {
    expect(await setup.ask({ path: '/verified/anything' })).toMatchObject({ status: 401, trace: { reason: 'discovery_failed' } })
    expect(await setup.ask({ path: '/unverified/anything' })).toMatchObject({ status: 401, trace: { reason: 'no_credential' } })
  })

  test('tls_client_auth_cert_id: that certificate is presented at the mTLS endpoint (RFC 8705 §2)', async () => {
    expect((await setup.ask({ path: '/mtls/anything', basic: 'alice:wonderland' })).status).toBe(200)
    const { X509Certificate } = await import('node:crypto')
    expect(seen.findLast(({ path }) => path === '/mtls-token')?.client).toBe(new X509Certificate(pem('two.crt')).fingerprint256)
  })

  test('tls_client_auth_ssl_verify: the provider’s certificate counts there too; an unknown id is no certificate at all', async () => {
    const calls = seen.length
    for (const path of ['/mtls-verified/anything', '/mtls-nobody/anything']) {
      expect(await setup.ask({ path, basic: 'alice:wonderland' }), path).toMatchObject({ status: 401, upstream: undefined })
    }
    expect(seen.length).toBe(calls)
  })
})
