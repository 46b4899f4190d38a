import { X509Certificate, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createWorkspace, openIdp } from './workspace.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../idp/certificates/${name}`, import.meta.url))
const pem = (name: string): string => readFileSync(pathOf(name), 'utf8')
const certificate = new X509Certificate(pem('self-signed.crt'))

async function signedUp() {
  const jwk = { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] }
  const idp = await openIdp({
    tls: { key: pem('server.key'), cert: pem('server.crt'), ca: pem('ca.crt') },
    applications: {
      pki: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'tls_client_auth',
        metadata: { tls_client_auth_subject_dn: 'CN=client,O=oidcgw', tls_client_certificate_bound_access_tokens: true },
      },
      own: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        metadata: { jwks: { keys: [jwk] } },
      },
    },
  })
  const profile = (id: string, name: string, auth?: string) => ({
    issuer: idp.issuer,
    grant: 'client_credentials',
    client: { id, cert: pathOf(`${name}.crt`), key: `file:${pathOf(`${name}.key`)}`, ...(auth && { auth }) },
  })
  const profiles = {
    pki: profile('pki', 'client'),
    impostor: profile('pki', 'impostor'),
    own: profile('own', 'self-signed', 'self_signed_tls_client_auth'),
    stranger: profile('own', 'client', 'self_signed_tls_client_auth'),
  }
  const work = await createWorkspace({ profiles })
  return { idp, run: (line: string) => work.run(`${line} --ca-file ${pathOf('ca.crt')}`), bare: work.run }
}

describe('client authentication by certificate (RFC 8705)', () => {
  test('by subject and by registered certificate; the token is bound to it', async () => {
    const { run } = await signedUp()
    const { exitCode, stdout, stderr } = await run('token pki -v')
    expect(exitCode, stderr).toBe(0)
    expect(stderr).toContain('client authentication: tls_client_auth (the provider supports it)')
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString()) as { cnf?: Record<string, string> }
    const thumbprint = createHash('sha256')
      .update(new X509Certificate(pem('client.crt')).raw)
      .digest('base64url')
    expect(claims.cnf).toEqual({ 'x5t#S256': thumbprint })
    expect(await run('token own')).toMatchObject({ exitCode: 0 })
  })

  test.for(['impostor', 'stranger'])('%s is exit 3', async (profile) => {
    const { run } = await signedUp()
    expect(await run(`token ${profile}`)).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('invalid_client') as string,
    })
  })

  test('a certificate that is none is exit 2, before anybody is asked', async () => {
    const { run, idp } = await signedUp()
    const profile = { issuer: idp.issuer, grant: 'client_credentials', client: { id: 'pki', cert: pathOf('client.key') } }
    const work = await createWorkspace({ profiles: { wrong: profile } })
    expect(await work.run(`token wrong --ca-file ${pathOf('ca.crt')}`)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `oidcgw: certificate of client pki: ${pathOf('client.key')} holds no certificate\n  hint: Expected PEM: -----BEGIN CERTIFICATE-----\n`,
    })
    expect(await run('token pki')).toMatchObject({ exitCode: 0 })
  })

  test('a server that nobody vouches for is exit 4, and --insecure says so', async () => {
    const { bare } = await signedUp()
    expect(await bare('token pki')).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringContaining('--ca-file') as string })
    expect(await bare('token pki --insecure')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('not verified (--insecure)') as string,
    })
  })
})
