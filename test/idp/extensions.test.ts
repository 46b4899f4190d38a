import { describe, expect, test } from 'vitest'
import type { Idp } from '../../src/idp/idp.js'
import { assertionClaims, createClientKey, dpopProof, seconds, signEs256, thumbprintOf } from './keys.js'
import { Browser, claims, codeRequest, header, idpForTest, post, tokensByCode } from './support.js'

const REDIRECT = 'http://127.0.0.1:8000/web/callback'

describe('PAR (RFC 9126)', () => {
  const push = async (idp: Idp, client = idp.applications.web) => {
    const request = codeRequest(idp, 'web', { redirect_uri: REDIRECT })
    return { request, answer: await post(`${idp.issuer}/v1/par`, Object.fromEntries(new URL(request.url).searchParams), client) }
  }
  const web = () => idpForTest({ applications: { web: { redirect_uris: [REDIRECT] } } })

  test('a pushed request is used by its request_uri, once', async () => {
    const idp = await web()
    const { answer, request } = await push(idp)
    expect(answer).toMatchObject({ status: 201, body: { expires_in: expect.any(Number), request_uri: expect.stringMatching(/^urn:/) } })
    const url = `${idp.issuer}/v1/authorize?${new URLSearchParams({ client_id: 'web', request_uri: String(answer.body['request_uri']) }).toString()}`
    const redirected = new URL((await new Browser().signIn(url)).url)
    expect(redirected.searchParams.get('state')).toBe(request.state)
    expect(redirected.searchParams.has('code')).toBe(true)
    expect((await new Browser().go(url)).url).toContain('error=invalid_request_uri')
    expect(idp.counters()).toMatchObject({ par: 1 })
  })

  test('nobody pushes without authenticating', async () => {
    const idp = await web()
    expect((await push(idp, { ...idp.applications.web, client_secret: 'wrong' })).answer).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })

  test('an application that must push cannot go without', async () => {
    const idp = await idpForTest({
      applications: { web: { redirect_uris: [REDIRECT], metadata: { require_pushed_authorization_requests: true } } },
    })
    const { url } = await new Browser().go(codeRequest(idp, 'web', { redirect_uri: REDIRECT }).url)
    expect(url).toContain('error=invalid_request')
  })
})

describe('JAR (RFC 9101)', () => {
  const key = createClientKey()
  const setUp = () => idpForTest({ applications: { web: { redirect_uris: [REDIRECT], metadata: { jwks: { keys: [key.jwk] } } } } })
  const requestUrl = (idp: Idp, signer = key, changes: Record<string, unknown> = {}) => {
    const parameters = Object.fromEntries(
      new URL(codeRequest(idp, 'web', { redirect_uri: REDIRECT, state: 'signed-state' }).url).searchParams,
    )
    const request = signEs256({ ...assertionClaims('web', idp.issuer), ...parameters, ...changes }, signer, { typ: 'oauth-authz-req+jwt' })
    return `${idp.issuer}/v1/authorize?${new URLSearchParams({ client_id: 'web', request }).toString()}`
  }

  test('a signed request object is believed', async () => {
    const idp = await setUp()
    expect((await new Browser().signIn(requestUrl(idp))).url).toMatch(/code=.*state=signed-state/)
  })

  test.for([
    { name: 'by another key', signer: createClientKey(), changes: {} },
    { name: 'for another provider', signer: key, changes: { aud: 'https://other.example' } },
    { name: 'expired', signer: key, changes: { exp: seconds(-10) } },
  ])('$name → invalid_request_object', async ({ signer, changes }) => {
    const idp = await setUp()
    const page = await new Browser().go(requestUrl(idp, signer, changes))
    expect(page.url + page.html).toContain('invalid_request_object')
  })
})

describe('JARM', () => {
  test('the answer is a signed JWT, and can be falsified', async () => {
    const idp = await idpForTest()
    const ask = async () => {
      const request = codeRequest(idp, 'native', { response_mode: 'jwt' })
      return { request, response: new URL((await new Browser().signIn(request.url)).url).searchParams.get('response') }
    }
    const { request, response } = await ask()
    expect(claims(response)).toMatchObject({ iss: idp.issuer, aud: 'native', state: request.state, code: expect.any(String) })
    idp.tamper({ target: 'authorization_response', claims: { iss: 'https://evil.example' } })
    expect(claims((await ask()).response)).toMatchObject({ iss: 'https://evil.example' })
  })

  test('form_post works without JavaScript too', async () => {
    const idp = await idpForTest()
    const page = await new Browser().signIn(codeRequest(idp, 'native', { response_mode: 'form_post' }).url)
    expect(page.html).toMatch(/<form method="post" action="http:\/\/127\.0\.0\.1:8765\/callback">/)
    expect(page.html).toContain('name="code"')
    expect(page.html).toContain('<noscript>')
  })
})

describe('DPoP (RFC 9449)', () => {
  const key = createClientKey()
  const ask = (idp: Idp, proof: string, form: Record<string, string> = {}) =>
    post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', ...form }, idp.applications.m2m, { dpop: proof })
  const proofFor = (idp: Idp, changes: Partial<Parameters<typeof dpopProof>[1]> = {}) =>
    dpopProof(key, { htm: 'POST', htu: `${idp.issuer}/v1/token`, ...changes })

  test.for(['api://oidcgw-lab', 'api://opaque'])('binds the token of %s to the key, and introspection says so', async (resource) => {
    const idp = await idpForTest()
    const { status, body } = await ask(idp, proofFor(idp), { resource })
    expect({ status, type: body['token_type'] }).toEqual({ status: 200, type: 'DPoP' })
    const { body: facts } = await post(
      `${idp.issuer}/v1/introspect`,
      { token: String(body['access_token']) },
      idp.applications.introspector,
    )
    expect(facts).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: thumbprintOf(key) } })
  })

  test.for([
    { name: 'another method', changes: { htm: 'GET' } },
    { name: 'another URL', changes: { htu: 'https://other.example/token' } },
  ])('a proof for $name → invalid_dpop_proof', async ({ changes }) => {
    const idp = await idpForTest()
    expect(await ask(idp, proofFor(idp, changes))).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } })
  })

  test('the same proof twice is refused', async () => {
    const idp = await idpForTest()
    const proof = proofFor(idp)
    expect((await ask(idp, proof)).status).toBe(200)
    expect((await ask(idp, proof)).status).toBe(400)
  })

  test('a nonce is asked for when the settings say so (§8)', async () => {
    const idp = await idpForTest({ settings: { requireDpopNonce: true } })
    const first = await ask(idp, proofFor(idp))
    expect(first).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
    const nonce = first.headers.get('dpop-nonce') ?? ''
    expect((await ask(idp, proofFor(idp, { nonce }))).status).toBe(200)
    expect(await ask(idp, proofFor(idp, { nonce: 'made-up' }))).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } })
  })

  test('userinfo wants a proof for a bound JWT: of this token, by this key', async () => {
    const idp = await idpForTest()
    const { url, redirect_uri, code_verifier } = codeRequest(idp, 'native')
    const code = new URL((await new Browser().signIn(url)).url).searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier }
    const { body } = await post(`${idp.issuer}/v1/token`, form, idp.applications.native, { dpop: proofFor(idp) })
    const token = String(body['access_token'])
    const htu = `${idp.issuer}/v1/userinfo`
    const call = (authorization: string, dpop?: string) => fetch(htu, { headers: { authorization, ...(dpop && { dpop }) } })
    expect((await call(`DPoP ${token}`, dpopProof(key, { htm: 'GET', htu, token }))).status).toBe(200)
    expect((await call(`Bearer ${token}`)).status).toBe(401)
    expect((await call(`DPoP ${token}`, dpopProof(createClientKey(), { htm: 'GET', htu, token }))).status).toBe(401)
    expect((await call(`DPoP ${token}`, dpopProof(key, { htm: 'GET', htu, token: 'another' }))).status).toBe(401)
  })

  test('a grant of ours that cannot bind says so instead of ignoring the proof', async () => {
    const idp = await idpForTest()
    const form = { grant_type: 'password', username: 'alice', password: 'alice-password' }
    const answer = await post(`${idp.issuer}/v1/token`, form, idp.applications.web, { dpop: proofFor(idp) })
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'DPoP is not supported with this grant' },
    })
  })
})

describe('authorization_details (RFC 9396)', () => {
  const details = JSON.stringify([{ type: 'orders', actions: ['read'] }])

  test('come back with the token and in introspection', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native, { parameters: { authorization_details: details } })
    expect(body).toMatchObject({ authorization_details: [{ type: 'orders', actions: ['read'] }] })
    expect(claims(body['access_token'])).toMatchObject({ authorization_details: [{ type: 'orders', actions: ['read'] }] })
    const { body: facts } = await post(
      `${idp.issuer}/v1/introspect`,
      { token: String(body['access_token']) },
      idp.applications.introspector,
    )
    expect(facts).toMatchObject({ authorization_details: [{ type: 'orders', actions: ['read'] }] })
  })

  test.for([
    { name: 'an unknown type', details: [{ type: 'nobody' }] },
    { name: 'an unknown field', details: [{ type: 'orders', colour: 'red' }] },
  ])('$name → invalid_authorization_details', async ({ details: asked }) => {
    const idp = await idpForTest()
    const { url } = await new Browser().go(codeRequest(idp, 'native', { authorization_details: JSON.stringify(asked) }).url)
    expect(url).toContain('error=invalid_authorization_details')
  })

  test('a token request cannot ask for more than was granted (§6.1)', async () => {
    const idp = await idpForTest()
    const { url, redirect_uri, code_verifier } = codeRequest(idp, 'native', { authorization_details: details })
    const code = new URL((await new Browser().signIn(url)).url).searchParams.get('code') ?? ''
    const more = JSON.stringify([{ type: 'orders', actions: ['read', 'write'] }])
    const form = { grant_type: 'authorization_code', code, redirect_uri, code_verifier, authorization_details: more }
    expect(await post(`${idp.issuer}/v1/token`, form, idp.applications.native)).toMatchObject({
      status: 400,
      body: { error: 'invalid_authorization_details' },
    })
  })
})

describe('userinfo as JWT (OIDC Core §5.3.2)', () => {
  test('for an application that registered it', async () => {
    const idp = await idpForTest({ applications: { native: { metadata: { userinfo_signed_response_alg: 'RS256' } } } })
    const { body } = await tokensByCode(idp, idp.applications.native)
    const answer = await fetch(`${idp.issuer}/v1/userinfo`, { headers: { authorization: `Bearer ${String(body['access_token'])}` } })
    expect(answer.headers.get('content-type')).toContain('application/jwt')
    const jwt = await answer.text()
    expect(header(jwt)).toMatchObject({ alg: 'RS256' })
    expect(claims(jwt)).toMatchObject({ iss: idp.issuer, aud: 'native', sub: 'alice' })
  })
})

describe('implicit and hybrid, for applications that are told so', () => {
  test('id_token token in the fragment, with at_hash', async () => {
    const idp = await idpForTest()
    idp.addApplication('legacy', {
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['implicit'],
      metadata: { application_type: 'native', response_types: ['id_token token'] },
    })
    const request = codeRequest(idp, 'legacy', { response_type: 'id_token token' })
    const url = new URL(request.url)
    url.searchParams.delete('code_challenge')
    url.searchParams.delete('code_challenge_method')
    const answer = new URLSearchParams(new URL((await new Browser().signIn(url.href)).url).hash.slice(1))
    expect(claims(answer.get('id_token'))).toMatchObject({ nonce: request.nonce, at_hash: expect.any(String) })
    expect(answer.get('access_token')).toMatch(/^eyJ/)
  })

  test('not for the others', async () => {
    const idp = await idpForTest()
    expect((await new Browser().go(codeRequest(idp, 'native', { response_type: 'id_token' }).url)).url).toContain('error=invalid_request')
  })
})
