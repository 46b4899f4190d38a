import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startIdp } from '../../src/idp/idp.js'
import { claims, header, idpForTest, metadataOf, post } from './support.js'

describe('start and stop', () => {
  test('answers discovery under the issuer it bound, and nothing after close', async () => {
    const idp = await startIdp()
    const { issuer, token_endpoint, jwks_uri } = await metadataOf(idp)
    expect({ issuer, token_endpoint, jwks_uri }).toEqual({
      issuer: idp.issuer,
      token_endpoint: `${idp.issuer}/v1/token`,
      jwks_uri: `${idp.issuer}/v1/keys`,
    })
    await idp.close()
    await idp.close()
    await expect(fetch(idp.issuer)).rejects.toThrow()
  })

  test('a busy port is said by name', async () => {
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(startIdp({ port })).rejects.toMatchObject({ code: 'ERR_PORT_BUSY', message: `port ${port} on 127.0.0.1 is taken` })
  })

  test('two applications with one client_id do not start', async () => {
    await expect(startIdp({ applications: { m2m: { client_id: 'web' } } })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('the console stays empty', async () => {
    const lines: unknown[] = []
    for (const name of ['info', 'warn', 'log', 'error'] as const) {
      const spy = vi.spyOn(console, name).mockImplementation((...args) => void lines.push(args))
      onTestFinished(() => spy.mockRestore())
    }
    const idp = await idpForTest()
    await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, idp.applications.m2m)
    await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, { client_id: 'nobody', client_secret: 'x' })
    await idp.rotateKeys()
    expect(lines).toEqual([])
  })

  test('an issuer with a path keeps everything below it', async () => {
    const idp = await idpForTest({ issuerPath: '/oauth2/default' })
    const metadata = await metadataOf(idp)
    expect(metadata).toMatchObject({ issuer: idp.issuer, token_endpoint: `${idp.issuer}/v1/token` })
    expect(idp.issuer).toMatch(/\/oauth2\/default$/)
    const { status, body } = await post(metadata['token_endpoint'], { grant_type: 'client_credentials' }, idp.applications.m2m)
    expect(status).toBe(200)
    expect(claims(body['access_token'])).toMatchObject({ iss: idp.issuer })
    expect((await fetch(new URL('/v1/keys', idp.issuer))).status).toBe(404)
  })

  test('another host name in the issuer is in every address', async () => {
    const idp = await idpForTest({ issuerHost: 'localhost' })
    expect(idp.issuer).toMatch(/^http:\/\/localhost:\d+$/)
    expect(await metadataOf(idp)).toMatchObject({ issuer: idp.issuer, jwks_uri: `${idp.issuer}/v1/keys` })
  })

  test('hears why a request was refused', async () => {
    const problems: unknown[] = []
    const idp = await idpForTest({ onProblem: (problem) => problems.push(problem) })
    await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, { client_id: 'nobody', client_secret: 'x' })
    expect(problems).toEqual([{ event: 'grant.error', error: 'invalid_client', detail: 'client not found' }])
  })

  test('the Host header moves no endpoint', async () => {
    const idp = await idpForTest()
    const { port } = new URL(idp.issuer)
    const answer = (await (await fetch(`http://localhost:${port}/.well-known/openid-configuration`)).json()) as { token_endpoint: string }
    expect(answer.token_endpoint).toBe(`${idp.issuer}/v1/token`)
  })
})

describe('client credentials (RFC 6749 §4.4)', () => {
  test('an access token as RFC 9068 writes it', async () => {
    const idp = await idpForTest()
    const { status, body } = await post(
      `${idp.issuer}/v1/token`,
      { grant_type: 'client_credentials', scope: 'api.read' },
      idp.applications.m2m,
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'api.read' })
    expect(header(body['access_token'])).toMatchObject({ typ: 'at+jwt', alg: 'RS256' })
    expect(claims(body['access_token'])).toMatchObject({
      iss: idp.issuer,
      sub: 'm2m',
      client_id: 'm2m',
      aud: 'api://oidcgw-lab',
      scope: 'api.read',
    })
  })

  test.for([
    { name: 'a wrong secret', client: { client_id: 'm2m', client_secret: 'wrong' }, form: {}, status: 401, error: 'invalid_client' },
    { name: 'an unknown client', client: { client_id: 'nobody', client_secret: 'x' }, form: {}, status: 401, error: 'invalid_client' },
    { name: 'an unknown audience', client: undefined, form: { audience: 'nobody' }, status: 400, error: 'invalid_target' },
    { name: 'an unknown resource', client: undefined, form: { resource: 'api://nobody' }, status: 400, error: 'invalid_target' },
    { name: 'another grant', client: undefined, form: { grant_type: 'password' }, status: 400, error: 'invalid_request' },
  ])('$name → $status $error', async ({ client, form, status, error }) => {
    const idp = await idpForTest()
    const answer = await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', ...form }, client ?? idp.applications.m2m)
    expect(answer).toMatchObject({ status, body: { error } })
  })

  test.for([
    { name: 'audience', form: { audience: 'other-api' }, aud: 'other-api' },
    { name: 'resource', form: { resource: 'https://billing.example/api' }, aud: 'https://billing.example/api' },
  ])('$name chooses the aud', async ({ form, aud }) => {
    const idp = await idpForTest()
    const { body } = await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', ...form }, idp.applications.m2m)
    expect(claims(body['access_token'])).toMatchObject({ aud })
  })

  test('opaque tokens by setting, by application and by resource; the resource decides last', async () => {
    const idp = await idpForTest({
      settings: { accessTokenFormat: 'opaque' },
      applications: { m2m: { accessTokenFormat: 'jwt' } },
    })
    const parts = async (client = idp.applications.m2m, form = {}) =>
      String((await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', ...form }, client)).body['access_token']).split('.')
        .length
    expect(await parts(idp.applications.web)).toBe(1)
    expect(await parts()).toBe(3)
    expect(await parts(idp.applications.m2m, { resource: 'api://opaque' })).toBe(1)
  })

  test('Basic is understood raw and form-encoded (RFC 6749 §2.3.1)', async () => {
    const idp = await idpForTest({ applications: { m2m: { client_secret: 'a+b%c/d=' } } })
    const send = (username: string, password: string) =>
      post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, { client_id: username, client_secret: password })
    expect(await send('m2m', 'a+b%c/d=')).toMatchObject({ status: 200 })
    expect(await send('m2m', 'a%2Bb%25c%2Fd%3D')).toMatchObject({ status: 200 })
    expect(await send('m2m', 'a+b%25c/d=')).toMatchObject({ status: 401 })
  })
})

describe('counters', () => {
  test('count by endpoint, and start again when reset', async () => {
    const idp = await idpForTest()
    await metadataOf(idp)
    await fetch(`${idp.issuer}/v1/keys`)
    await fetch(`${idp.issuer}/v1/keys`)
    expect(idp.counters()).toMatchObject({ discovery: 1, jwks: 2, token: 0 })
    idp.resetCounters()
    expect(idp.counters()).toMatchObject({ discovery: 0, jwks: 0 })
  })
})
