import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lintDiscovery } from '../../src/client/metadata-lint.js'
import type { DiscoveryDocument } from '../../src/client/discovery-document.js'
import { createWorkspace, openIdp, profileFor } from '../client/workspace.js'

async function serving(answers: Readonly<Record<string, unknown>>) {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('discover', () => {
  test('shows metadata and keys of a named issuer, of the profile’s, and of a metadata URL', async () => {
    const idp = await openIdp()
    const { run } = await createWorkspace({ default_profile: 'p', profiles: { p: profileFor(idp, 'native') } })
    const named = await run(['discover', idp.issuer])
    expect(named).toMatchObject({ exitCode: 0, stderr: '' })
    expect(named.stdout).toMatch(new RegExp(`^issuer +${idp.issuer}$`, 'm'))
    expect(named.stdout).toMatch(/^key +\S+ RSA RS256 sig$/m)
    expect((await run('discover')).stdout).toBe(named.stdout)
    expect((await run(['discover', `${idp.issuer}/.well-known/openid-configuration`])).stdout).toBe(named.stdout)
    const json = JSON.parse((await run(['discover', idp.issuer, '--json'])).stdout) as Record<string, unknown>
    expect(json).toMatchObject({
      schema: 'oidcgw/discovery/v1',
      issuer: idp.issuer,
      metadata: { issuer: idp.issuer },
      jwks: { keys: [{}, {}] },
    })
  })

  test('--check finds no error in the embedded provider', async () => {
    const idp = await openIdp()
    const { run } = await createWorkspace()
    const { exitCode, stdout } = await run(['discover', idp.issuer, '--check'])
    expect(stdout).not.toContain('error')
    expect(exitCode).toBe(0)
  })

  test('--check is exit 1 for an issuer that is not its own; RFC 8414 is the second place', async () => {
    const { run } = await createWorkspace()
    const origin = await serving({ '/.well-known/oauth-authorization-server/x': { issuer: 'https://other.example' } })
    expect(await run(['discover', `${origin}/x`])).toMatchObject({ exitCode: 0 })
    const checked = await run(['discover', `${origin}/x`, '--check'])
    expect(checked).toMatchObject({ exitCode: 1 })
    expect(checked.stdout).toContain(
      `error   M-01 issuer.mismatch: issuer: asked for ${origin}/x, the metadata says "https://other.example"`,
    )
  })

  test.for([
    ['nothing named', ['discover'], 2, 'no issuer was named'],
    ['no URL', ['discover', 'nonsense'], 2, 'is no http(s) URL'],
    ['nothing listens', ['discover', 'http://127.0.0.1:9'], 4, 'cannot reach'],
    ['plain http beyond loopback', ['discover', 'http://idp.example'], 2, 'without TLS'],
  ] as const)('%s', async ([, line, exitCode, says]) => {
    const { run } = await createWorkspace()
    expect(await run(line)).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(says) as string })
  })

  test('no metadata is exit 4 and names both places', async () => {
    const { run } = await createWorkspace()
    const origin = await serving({})
    const { exitCode, stderr } = await run(['discover', origin])
    expect(exitCode).toBe(4)
    expect(stderr).toContain('/.well-known/openid-configuration answered 404')
    expect(stderr).toContain('/.well-known/oauth-authorization-server answered 404')
  })
})

describe('what --check finds, and what it leaves alone', () => {
  const issuer = 'https://idp.example'
  const key = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig' }
  const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': 'max-age=60' }
  const delivery = { url: new URL(`${issuer}/keys`), headers, status: 200 }
  const good: DiscoveryDocument = {
    issuer,
    url: new URL(`${issuer}/.well-known/openid-configuration`),
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    },
    keys: { jwks: { keys: [{ ...key, kid: 'a' }] }, delivery },
  }
  const withMetadata = (metadata: Readonly<Record<string, unknown>>): DiscoveryDocument => ({
    ...good,
    metadata: { ...good.metadata, ...metadata },
  })
  const withKeys = (...keys: readonly object[]): DiscoveryDocument => ({ ...good, keys: { jwks: { keys }, delivery } })

  test('nothing in a sound document', () => expect(lintDiscovery(good, new Date())).toEqual([]))

  test.for<{ id: string; document: DiscoveryDocument }>([
    { id: 'issuer.mismatch', document: withMetadata({ issuer: `${issuer}/` }) },
    { id: 'issuer.form', document: { ...withMetadata({ issuer: `${issuer}?a` }), issuer: `${issuer}?a` } },
    { id: 'endpoint.http', document: withMetadata({ token_endpoint: 'http://idp.example/token' }) },
    { id: 'endpoint.form', document: withMetadata({ token_endpoint: '/token' }) },
    { id: 'member.missing', document: withMetadata({ subject_types_supported: undefined }) },
    { id: 'pkce.missing', document: withMetadata({ code_challenge_methods_supported: ['plain'] }) },
    { id: 'pkce.missing', document: withMetadata({ code_challenge_methods_supported: ['plain', 'S256'] }) },
    { id: 'iss.missing', document: withMetadata({ authorization_response_iss_parameter_supported: undefined }) },
    { id: 'alg.none', document: withMetadata({ id_token_signing_alg_values_supported: ['RS256', 'none'] }) },
    { id: 'flow.implicit', document: withMetadata({ response_types_supported: ['code', 'id_token token'] }) },
    { id: 'grant.password', document: withMetadata({ grant_types_supported: ['password'] }) },
    { id: 'keys.unreachable', document: { ...good, keys: { problem: 'answered 404' } } },
    { id: 'set.private', document: withKeys({ ...key, kid: 'a', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }) },
    { id: 'key.kid', document: withKeys({ ...key, kid: 'a' }, { ...key, kid: 'a' }) },
  ])('$id', ({ id, document }) => expect(lintDiscovery(document, new Date()).map((finding) => finding.key)).toContain(id))
})
