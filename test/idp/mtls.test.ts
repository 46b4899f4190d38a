import { X509Certificate, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createRequest } from '../../src/cli/process-host.js'
import type { TlsOptions } from '../../src/host.js'
import type { Idp } from '../../src/idp/idp.js'
import type { Jwk } from '../../src/jwt/types.js'
import { claims, idpForTest } from './support.js'

// Throw-away keys, used here only; valid for a hundred years, because a test that expires tells nobody anything.
const pem = (name: string): string => readFileSync(fileURLToPath(new URL(`certificates/${name}`, import.meta.url)), 'utf8')

const ca = pem('ca.crt')
const identity = (name: string): TlsOptions => ({ ca, cert: pem(`${name}.crt`), key: pem(`${name}.key`) })
const thumbprint = (name: string): string =>
  createHash('sha256')
    .update(new X509Certificate(pem(name)).raw)
    .digest('base64url')

function registered(name: string): Jwk {
  const certificate = new X509Certificate(pem(name))
  return { ...(certificate.publicKey.export({ format: 'jwk' }) as Jwk), x5c: [certificate.raw.toString('base64')] } as Jwk
}

const SUBJECT = 'CN=client,O=oidcgw'

const setUp = () =>
  idpForTest({
    tls: { key: pem('server.key'), cert: pem('server.crt'), ca },
    applications: {
      pki: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'tls_client_auth',
        metadata: { tls_client_auth_subject_dn: SUBJECT },
      },
      san: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'tls_client_auth',
        metadata: { tls_client_auth_san_dns: 'client.example.test' },
      },
      other: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'tls_client_auth',
        metadata: { tls_client_auth_subject_dn: 'CN=somebody else' },
      },
      own: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        metadata: { jwks: { keys: [registered('self-signed.crt')] } },
      },
      m2m: { metadata: { tls_client_certificate_bound_access_tokens: true } },
    },
  })

async function ask(idp: Idp, form: Record<string, string>, tls: TlsOptions, path = '/v1/token') {
  const answer = await createRequest({})({
    method: 'POST',
    url: new URL(idp.issuer + path),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
    tls,
  })
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> }
}

describe('mutual TLS (RFC 8705)', () => {
  test('the issuer is https, and the methods are announced', async () => {
    const idp = await setUp()
    expect(idp.issuer).toMatch(/^https:\/\/127\.0\.0\.1:/)
    const answer = await createRequest({})({ method: 'GET', url: new URL(`${idp.issuer}/.well-known/openid-configuration`), tls: { ca } })
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      token_endpoint_auth_methods_supported: expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
      tls_client_certificate_bound_access_tokens: true,
    })
  })

  test.for([
    { name: 'its subject', client_id: 'pki', with: 'client', status: 200 },
    { name: 'its SAN', client_id: 'san', with: 'client', status: 200 },
    { name: 'another subject', client_id: 'other', with: 'client', status: 401 },
    { name: 'its subject, but signed by nobody we trust', client_id: 'pki', with: 'impostor', status: 401 },
    { name: 'a certificate of another CA', client_id: 'pki', with: 'self-signed', status: 401 },
    { name: 'none', client_id: 'pki', with: undefined, status: 401 },
    { name: 'its registered one', client_id: 'own', with: 'self-signed', status: 200 },
    { name: 'another one', client_id: 'own', with: 'client', status: 401 },
  ])('$client_id by $name → $status', async ({ client_id, with: name, status }) => {
    const idp = await setUp()
    expect((await ask(idp, { client_id }, name === undefined ? { ca } : identity(name))).status).toBe(status)
  })

  test('binds tokens to the certificate, and gives none without', async () => {
    const idp = await setUp()
    const { client_id, client_secret = '' } = idp.applications.m2m
    const { status, body } = await ask(idp, { client_id, client_secret }, identity('client'))
    expect(status).toBe(200)
    expect(claims(body['access_token'])).toMatchObject({ cnf: { 'x5t#S256': thumbprint('client.crt') } })
    expect(await ask(idp, { client_id, client_secret }, { ca })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
