import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Idp } from '../../src/idp/idp.js'
import type { Jwk } from '../../src/jwt/types.js'
import { connectControl } from '../../src/idp/connect-control.js'
import { createRequest } from '../../src/cli/process-host.js'
import { Browser, claims, codeRequest, header, idpForTest, metadataOf, post, tokensByCode } from './support.js'

const ask = (idp: Idp) => post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, idp.applications.m2m)

const askAsAlice = (idp: Idp) =>
  post(
    `${idp.issuer}/v1/token`,
    { grant_type: 'password', username: 'alice', password: 'alice-password', scope: 'openid email' },
    idp.applications.web,
  )

/** Whether a published key verifies it. */
async function isGenuine(idp: Idp, token: unknown): Promise<boolean> {
  const { keys } = (await (await fetch(`${idp.issuer}/v1/keys`)).json()) as { keys: Jwk[] }
  const key = keys.find(({ kid }) => kid === header(token)['kid'])
  const [head, payload, signature = ''] = String(token).split('.')
  if (!key || header(token)['alg'] !== 'RS256') return false
  return verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    createPublicKey({ key: key as Jwk, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  )
}

describe('faults', () => {
  test('a status and a body, once; then the real answer again', async () => {
    const idp = await idpForTest()
    idp.fault({ endpoint: 'token', status: 503, body: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '1' } })
    const answer = await ask(idp)
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('1')
    expect((await ask(idp)).status).toBe(200)
    expect(idp.counters()).toMatchObject({ token: 2 })
  })

  test('only at the endpoint it names', async () => {
    const idp = await idpForTest()
    idp.fault({ endpoint: 'jwks', status: 500 })
    expect((await ask(idp)).status).toBe(200)
    expect((await fetch(`${idp.issuer}/v1/keys`)).status).toBe(500)
  })

  test('a dropped connection, until taken away', async () => {
    const idp = await idpForTest()
    const takeAway = idp.fault({ endpoint: 'token', drop: true, times: 0 })
    await expect(ask(idp)).rejects.toThrow()
    await expect(ask(idp)).rejects.toThrow()
    takeAway()
    expect((await ask(idp)).status).toBe(200)
  })

  test('a delay alone changes nothing else', async () => {
    const idp = await idpForTest()
    idp.fault({ endpoint: 'token', delayMs: 20 })
    const started = performance.now()
    expect((await ask(idp)).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(15)
  })

  test('a body that is no JSON', async () => {
    const idp = await idpForTest()
    idp.fault({ endpoint: 'discovery', body: '<html>' })
    await expect(metadataOf(idp)).rejects.toThrow(SyntaxError)
  })
})

describe('falsified tokens', () => {
  test('nothing asked for: genuine, with a right at_hash (OIDC Core §3.1.3.6)', async () => {
    const idp = await idpForTest()
    const { body } = await askAsAlice(idp)
    const half = createHash('sha256').update(String(body['access_token'])).digest().subarray(0, 16).toString('base64url')
    expect(claims(body['id_token'])).toMatchObject({ at_hash: half })
    expect(await isGenuine(idp, body['id_token'])).toBe(true)
    expect(await isGenuine(idp, body['access_token'])).toBe(true)
  })

  test.for([
    { change: { nonce: 'wrong' } },
    { change: { iss: 'https://evil.example' } },
    { change: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } },
    { change: { exp: 1 } },
    { change: { aud: ['web', 'other'], azp: 'other' } },
  ])('an ID token saying $change is still signed by us, and the next one is right', async ({ change }) => {
    const idp = await idpForTest()
    idp.tamper({ target: 'id_token', claims: change })
    const { body } = await askAsAlice(idp)
    expect(claims(body['id_token'])).toMatchObject(change)
    expect(await isGenuine(idp, body['id_token'])).toBe(true)
    expect(claims((await askAsAlice(idp)).body['id_token'])).not.toMatchObject(change)
  })

  test('a claim set to null is gone; a function sees them all', async () => {
    const idp = await idpForTest()
    idp.tamper({ target: 'id_token', claims: { sub: null } })
    expect(claims((await askAsAlice(idp)).body['id_token'])).not.toHaveProperty('sub')
    idp.tamper({ target: 'access_token', claims: (all) => ({ only: Object.keys(all).length > 3 }) })
    expect(claims((await ask(idp)).body['access_token'])).toEqual({ only: true })
  })

  test.for(['other-key', 'unknown-kid', 'none', 'hmac-public-key', 'broken', 'stripped'] as const)(
    'signature %s does not verify',
    async (signature) => {
      const idp = await idpForTest()
      const genuine = header((await ask(idp)).body['access_token'])
      idp.tamper({ target: 'access_token', signature })
      const token = (await ask(idp)).body['access_token']
      expect(await isGenuine(idp, token)).toBe(false)
      expect(claims(token)).toMatchObject({ sub: 'm2m' })
      const head = header(token)
      if (signature === 'none') expect(head).toMatchObject({ alg: 'none' })
      if (signature === 'hmac-public-key') expect(head).toMatchObject({ alg: 'HS256', kid: genuine['kid'] })
      if (signature === 'other-key') expect(head).toEqual(genuine)
      if (signature === 'unknown-kid') expect(head['kid']).not.toBe(genuine['kid'])
    },
  )

  test('hmac-public-key is what a confused verifier would accept', async () => {
    const idp = await idpForTest()
    idp.tamper({ target: 'access_token', signature: 'hmac-public-key' })
    const token = String((await ask(idp)).body['access_token'])
    const { keys } = (await (await fetch(`${idp.issuer}/v1/keys`)).json()) as { keys: Jwk[] }
    const key = keys.find(({ kid }) => kid === header(token)['kid'])
    const pem = createPublicKey({ key: key as Jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    expect(
      createHmac('sha256', pem)
        .update(token.slice(0, token.lastIndexOf('.')))
        .digest('base64url'),
    ).toBe(token.split('.')[2])
  })

  test('userinfo and introspection can lie too', async () => {
    const idp = await idpForTest()
    const token = String((await askAsAlice(idp)).body['access_token'])
    idp.tamper({ target: 'userinfo', claims: { sub: 'mallory' } })
    const userinfo = async () => (await fetch(`${idp.issuer}/v1/userinfo`, { headers: { authorization: `Bearer ${token}` } })).json()
    expect(await userinfo()).toMatchObject({ sub: 'mallory', email: 'alice@example.test' })
    expect(await userinfo()).toMatchObject({ sub: 'alice' })
    idp.tamper({ target: 'introspection', claims: { active: 'true' } })
    const introspect = () => post(`${idp.issuer}/v1/introspect`, { token }, idp.applications.introspector)
    expect((await introspect()).body).toMatchObject({ active: 'true' })
    expect((await introspect()).body).toMatchObject({ active: true })
  })

  test('so can the authorization response: c_hash of a hybrid answer', async () => {
    const idp = await idpForTest()
    idp.addApplication('hybrid', {
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'implicit'],
      metadata: { application_type: 'native', response_types: ['code id_token', 'code'] },
    })
    const answer = async () => {
      const { url } = await new Browser().signIn(codeRequest(idp, 'hybrid', { response_type: 'code id_token', scope: 'openid' }).url)
      return Object.fromEntries(new URLSearchParams(new URL(url).hash.slice(1)))
    }
    const right = await answer()
    const half = createHash('sha256').update(String(right['code'])).digest().subarray(0, 16).toString('base64url')
    expect(claims(right['id_token'])).toMatchObject({ c_hash: half })
    idp.tamper({ target: 'id_token', claims: { c_hash: 'wrong' } })
    expect(claims((await answer())['id_token'])).toMatchObject({ c_hash: 'wrong' })
  })
})

describe('falsified answers', () => {
  test.for([
    { target: 'discovery', path: '/.well-known/openid-configuration', claims: { issuer: 'https://evil.example', userinfo_endpoint: null } },
    { target: 'jwks', path: '/v1/keys', claims: { keys: [] } },
  ] as const)('$target', async ({ target, path, claims: change }) => {
    const idp = await idpForTest()
    const read = async () => (await (await fetch(idp.issuer + path)).json()) as Record<string, unknown>
    const right = await read()
    idp.tamper({ target, claims: change })
    const wrong = await read()
    expect(wrong).not.toEqual(right)
    expect(wrong).not.toHaveProperty('userinfo_endpoint')
    expect(wrong).toMatchObject(target === 'jwks' ? { keys: [] } : { issuer: 'https://evil.example' })
    expect(await read()).toEqual(right)
  })

  test('the token response: expires_in as a string', async () => {
    const idp = await idpForTest()
    idp.tamper({ target: 'token_response', claims: { expires_in: '3600' } })
    expect((await ask(idp)).body).toMatchObject({ expires_in: '3600', access_token: expect.any(String) })
    expect((await ask(idp)).body).toMatchObject({ expires_in: 3600 })
  })

  test('the redirect: another iss, no state; the steps of the sign-in before it stay right', async () => {
    const idp = await idpForTest()
    idp.tamper({ target: 'authorization_response', claims: { iss: 'https://evil.example', state: null } })
    const redirect = async () => new URL((await new Browser().signIn(codeRequest(idp, 'native').url)).url).searchParams
    const wrong = await redirect()
    expect(wrong.get('iss')).toBe('https://evil.example')
    expect(wrong.has('state')).toBe(false)
    expect(wrong.has('code')).toBe(true)
    expect((await redirect()).get('iss')).toBe(idp.issuer)
  })
})

describe('keys', () => {
  test('rotation signs with a new key and keeps the old one published, unless told not to', async () => {
    const idp = await idpForTest()
    const before = (await ask(idp)).body['access_token']
    const kid = await idp.rotateKeys()
    const after = (await ask(idp)).body['access_token']
    expect(header(after)).toMatchObject({ kid })
    expect(header(before)['kid']).not.toBe(kid)
    expect(await isGenuine(idp, before)).toBe(true)
    await idp.rotateKeys({ keepOld: false })
    expect(await isGenuine(idp, before)).toBe(false)
    expect(await isGenuine(idp, after)).toBe(false)
    expect(await isGenuine(idp, (await ask(idp)).body['access_token'])).toBe(true)
  })

  test('publishes nothing private', async () => {
    const idp = await idpForTest()
    expect(await (await fetch(`${idp.issuer}/v1/keys`)).text()).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/)
  })

  test('other algorithms on demand', async () => {
    const idp = await idpForTest({ settings: { accessTokenAlg: 'ES256' } })
    expect(header((await ask(idp)).body['access_token'])).toMatchObject({ alg: 'ES256' })
  })
})

describe('control API', () => {
  const call = (idp: Idp, path: string, init: RequestInit = {}, secret: string | undefined = idp.controlSecret) =>
    fetch(`${idp.controlUrl}${path}`, { method: 'POST', ...init, headers: { ...(secret && { authorization: `Bearer ${secret}` }) } })

  test.for([undefined, 'wrong'])('secret %s → 401, and nothing happens', async (secret) => {
    const idp = await idpForTest()
    const answer = await call(idp, '/deactivate', { body: '{"application":"m2m"}' }, secret ?? '')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect((await ask(idp)).status).toBe(200)
  })

  test.for([
    {
      name: 'an unknown application',
      path: '/deactivate',
      body: '{"application":"nobody"}',
      status: 400,
      says: 'no application has the client_id nobody',
    },
    { name: 'no application', path: '/deactivate', body: '{}', status: 400, says: 'application is missing' },
    { name: 'no JSON', path: '/deactivate', body: 'x', status: 400, says: 'JSON' },
    { name: 'no such action', path: '/explode', body: '', status: 404, says: 'no such action' },
  ])('$name → $status', async ({ path, body, status, says }) => {
    const idp = await idpForTest()
    const answer = await call(idp, path, { body })
    expect(answer.status).toBe(status)
    expect(await answer.text()).toContain(says)
  })

  test('does from another process what the object does in this one', async () => {
    const idp = await idpForTest()
    const control = connectControl(idp, createRequest({}))
    await control.deactivate('m2m')
    expect((await ask(idp)).status).toBe(401)
    await control.activate('m2m')
    await control.configure({ accessTokenTtlSeconds: 7 })
    expect((await ask(idp)).body).toMatchObject({ expires_in: 7 })
    await control.fault({ endpoint: 'token', status: 418, times: 0 })
    expect((await ask(idp)).status).toBe(418)
    await control.clearFaults()
    await control.tamper({ target: 'access_token', claims: { aud: 'elsewhere' } })
    expect(claims((await ask(idp)).body['access_token'])).toMatchObject({ aud: 'elsewhere' })
    const kid = await control.rotateKeys({ keepOld: false })
    expect(header((await ask(idp)).body['access_token'])).toMatchObject({ kid })
    const added = await control.addApplication('more', { grant_types: ['client_credentials'] })
    expect((await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, added)).status).toBe(200)
    await control.trust({ issuer: 'https://ci.example', jwks: { keys: [] } })
    await control.allowRedirect('web', 'http://127.0.0.1:8000/cb')
    await control.allowLogoutRedirect('web', 'http://127.0.0.1:8000/out')
    expect((await tokensByCode(idp, idp.applications.web, { parameters: { redirect_uri: 'http://127.0.0.1:8000/cb' } })).status).toBe(200)
    expect((await control.counters()).token).toBe(7)
    await control.resetCounters()
    expect((await control.counters()).token).toBe(0)
  })

  test('control calls are not counted as the provider’s', async () => {
    const idp = await idpForTest()
    await call(idp, '/counters', { method: 'GET' })
    expect(Object.values(idp.counters()).every((count) => count === 0)).toBe(true)
  })
})
