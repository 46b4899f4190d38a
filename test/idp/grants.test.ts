import { describe, expect, test } from 'vitest'
import { DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../../src/idp/applications.js'
import type { Idp } from '../../src/idp/idp.js'
import { assertionClaims, createClientKey, seconds, signEs256 } from './keys.js'
import { Browser, claims, idpForTest, post } from './support.js'

const token = (idp: Idp, form: Record<string, string>, client = idp.applications.m2m) => post(`${idp.issuer}/v1/token`, form, client)

describe('device (RFC 8628)', () => {
  const begin = async (idp: Idp) =>
    (await post(`${idp.issuer}/v1/device/authorize`, { scope: 'openid api.read' }, idp.applications.native)).body
  const poll = (idp: Idp, device_code: unknown) =>
    token(idp, { grant_type: DEVICE_CODE, device_code: String(device_code) }, idp.applications.native)
  const quick = () => idpForTest({ settings: { deviceIntervalSeconds: 0 } })

  test('pending until the person has typed the code, compared it and signed in; then tokens, once', async () => {
    const idp = await quick()
    const body = await begin(idp)
    expect(body).toMatchObject({
      interval: 0,
      expires_in: 600,
      user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      verification_uri: `${idp.issuer}/activate`,
    })
    expect(await poll(idp, body['device_code'])).toMatchObject({ status: 400, body: { error: 'authorization_pending' } })
    const browser = new Browser()
    const form = await browser.go(String(body['verification_uri']))
    expect(form.html).not.toMatch(/<script|onfocus|https:\/\//)
    const compare = await browser.submit(form, { user_code: String(body['user_code']) })
    expect(compare.html).toContain(String(body['user_code']))
    const done = await browser.submit(await browser.submit(compare, {}), { username: 'alice', password: 'alice-password' })
    expect(done.html).toContain('Device connected')
    const answer = await poll(idp, body['device_code'])
    expect(answer).toMatchObject({ status: 200, body: { scope: 'openid api.read', refresh_token: expect.any(String) } })
    expect(claims(answer.body['access_token'])).toMatchObject({ sub: 'alice', client_id: 'native', aud: 'api://oidcgw-lab' })
    expect(await poll(idp, body['device_code'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('a link that carries the code leads there with one button', async () => {
    const idp = await quick()
    const body = await begin(idp)
    const browser = new Browser()
    const page = await browser.go(String(body['verification_uri_complete']))
    expect(page.html).toContain('Continue')
    expect(page.html).not.toContain('<script')
    expect((await browser.submit(page, {})).html).toContain('Connect this device?')
  })

  test('a wrong code is told kindly', async () => {
    const idp = await quick()
    const browser = new Browser()
    const page = await browser.submit(await browser.go(`${idp.issuer}/activate`), { user_code: 'AAAA-AAAA' })
    expect(page.html).toContain('That code is not known')
  })

  test('refused by the person → access_denied', async () => {
    const idp = await quick()
    const body = await begin(idp)
    const browser = new Browser()
    const compare = await browser.submit(await browser.go(`${idp.issuer}/activate`), { user_code: String(body['user_code']) })
    await browser.submit(compare, { abort: 'yes' })
    expect(await poll(idp, body['device_code'])).toMatchObject({ status: 400, body: { error: 'access_denied' } })
  })

  test('polled too fast → slow_down', async () => {
    const idp = await idpForTest({ settings: { deviceIntervalSeconds: 5 } })
    const body = await begin(idp)
    expect(body).toMatchObject({ interval: 5 })
    expect(await poll(idp, body['device_code'])).toMatchObject({ body: { error: 'authorization_pending' } })
    expect(await poll(idp, body['device_code'])).toMatchObject({ status: 400, body: { error: 'slow_down' } })
  })

  test('another application cannot collect the tokens', async () => {
    const idp = await quick()
    const body = await begin(idp)
    const answer = await token(idp, { grant_type: DEVICE_CODE, device_code: String(body['device_code']) }, idp.applications.web)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})

describe('JWT bearer (RFC 7523 §2.1)', () => {
  const key = createClientKey('ci')
  const ci = { issuer: 'https://ci.example', jwks: { keys: [key.jwk] }, subjects: ['repo:team/app'] }
  const assertion = (idp: Idp, changes: Record<string, unknown> = {}, signer = key) =>
    signEs256(assertionClaims('https://ci.example', idp.issuer, { sub: 'repo:team/app', ...changes }), signer)
  const ask = (idp: Idp, jwt: string) => token(idp, { grant_type: JWT_BEARER, assertion: jwt, scope: 'api.read' })

  test('an assertion of a trusted issuer gets an access token of its subject, and no refresh token', async () => {
    const idp = await idpForTest({ trustedIssuers: [ci] })
    const { status, body } = await ask(idp, assertion(idp))
    expect(status).toBe(200)
    expect(claims(body['access_token'])).toMatchObject({
      sub: 'repo:team/app',
      client_id: 'm2m',
      scope: 'api.read',
      aud: 'api://oidcgw-lab',
    })
    expect(body).not.toHaveProperty('refresh_token')
    const { body: facts } = await post(
      `${idp.issuer}/v1/introspect`,
      { token: String(body['access_token']) },
      idp.applications.introspector,
    )
    expect(facts).toMatchObject({ active: true, sub: 'repo:team/app' })
  })

  test.for([
    { name: 'another key', changes: {}, signer: createClientKey('ci') },
    { name: 'another audience', changes: { aud: 'https://other.example' }, signer: key },
    { name: 'expired', changes: { exp: seconds(-1) }, signer: key },
    { name: 'no exp', changes: { exp: undefined }, signer: key },
    { name: 'not yet', changes: { nbf: seconds(60) }, signer: key },
    { name: 'a stranger', changes: { iss: 'https://evil.example' }, signer: key },
    { name: 'another subject', changes: { sub: 'repo:evil/app' }, signer: key },
    { name: 'no subject', changes: { sub: undefined }, signer: key },
  ])('$name → invalid_grant', async ({ changes, signer }) => {
    const idp = await idpForTest({ trustedIssuers: [ci] })
    expect(await ask(idp, assertion(idp, changes, signer))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('the same assertion twice → invalid_grant', async () => {
    const idp = await idpForTest({ trustedIssuers: [ci] })
    const jwt = assertion(idp)
    expect((await ask(idp, jwt)).status).toBe(200)
    expect(await ask(idp, jwt)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('nobody is trusted by default; trust() adds one', async () => {
    const idp = await idpForTest()
    expect(await ask(idp, assertion(idp))).toMatchObject({ status: 400 })
    idp.trust(ci)
    expect(await ask(idp, assertion(idp))).toMatchObject({ status: 200 })
  })

  test.for([
    { name: 'alg none', jwt: 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2NpLmV4YW1wbGUifQ.', error: 'invalid_grant' },
    { name: 'no JWT', jwt: 'x', error: 'invalid_grant' },
    { name: 'nothing', jwt: '', error: 'invalid_request' },
  ])('$name → $error', async ({ jwt, error }) => {
    const idp = await idpForTest({ trustedIssuers: [ci] })
    expect(await ask(idp, jwt)).toMatchObject({ status: 400, body: { error } })
  })
})

describe('token exchange (RFC 8693)', () => {
  const ACCESS = 'urn:ietf:params:oauth:token-type:access_token'
  const aliceToken = async (idp: Idp, extra: Record<string, string> = {}) =>
    String(
      (
        await token(
          idp,
          { grant_type: 'password', username: 'alice', password: 'alice-password', scope: 'openid api.read api.write', ...extra },
          idp.applications.web,
        )
      ).body['access_token'],
    )
  const exchange = (idp: Idp, form: Record<string, string>) =>
    token(idp, { grant_type: TOKEN_EXCHANGE, subject_token_type: ACCESS, ...form })

  test.for(['api://oidcgw-lab', 'api://opaque'])('a token of %s for one with less scope and another audience', async (resource) => {
    const idp = await idpForTest()
    const { status, body } = await exchange(idp, {
      subject_token: await aliceToken(idp, { resource }),
      scope: 'api.read',
      audience: 'other-api',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ issued_token_type: ACCESS, token_type: 'Bearer', scope: 'api.read' })
    expect(claims(body['access_token'])).toMatchObject({ sub: 'alice', client_id: 'm2m', aud: 'other-api', groups: ['everyone', 'admins'] })
    expect(body).not.toHaveProperty('refresh_token')
  })

  test('an actor is named in act (§4.1)', async () => {
    const idp = await idpForTest()
    const actor = String((await token(idp, { grant_type: 'client_credentials', scope: 'api.read' })).body['access_token'])
    const { body } = await exchange(idp, { subject_token: await aliceToken(idp), actor_token: actor, actor_token_type: ACCESS })
    expect(claims(body['access_token'])).toMatchObject({ sub: 'alice', act: { sub: 'm2m' } })
  })

  test.for([
    { name: 'more scope than it holds', form: { scope: 'api.read email' }, error: 'invalid_scope' },
    { name: 'an unknown audience', form: { audience: 'nobody' }, error: 'invalid_target' },
    { name: 'an unknown type', form: { subject_token_type: 'urn:x' }, error: 'invalid_request' },
    { name: 'an unsupported wish', form: { requested_token_type: 'urn:x' }, error: 'invalid_request' },
    { name: 'an actor without a type', form: { actor_token: 'x' }, error: 'invalid_request' },
    { name: 'no token of ours', form: { subject_token: 'made-up' }, error: 'invalid_grant' },
  ])('$name → $error', async ({ form, error }) => {
    const idp = await idpForTest()
    expect(await exchange(idp, { subject_token: await aliceToken(idp), ...form } as Record<string, string>)).toMatchObject({
      status: 400,
      body: { error },
    })
  })

  test('a token of a deactivated application is worth nothing', async () => {
    const idp = await idpForTest()
    const subject_token = await aliceToken(idp)
    idp.deactivate('web')
    expect(await exchange(idp, { subject_token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })
})
