import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rsaKey } from '../../../support/scripted-provider.js'
import { cookieNames, setCookies, startCodeFlow } from './signing-in.js'

const names = (parameters: URLSearchParams) => [...parameters.keys()]

describe('the authorization request (sections 2.5 and 4.3 to 4.5)', () => {
  test('is a 302 with an empty body, and the cookie of this login', async () => {
    const flow = await startCodeFlow({ config: { scopes: ['openid', 'profile'] } })
    const answer = await flow.newBrowser().open('/oidcroute/get?secret=1')
    expect(answer).toMatchObject({
      status: 302,
      body: '',
      upstream: undefined,
      headers: { 'content-length': '0', 'cache-control': 'no-store' },
    })
    const location = new URL(String(answer.headers['location']))
    expect(`${location.origin}${location.pathname}`).toBe(`${flow.provider.issuer}/authorize`)
    expect(Object.fromEntries(location.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'demo',
      redirect_uri: `${flow.gateway.url}/oidcroute/get`,
      scope: 'openid profile',
      state: expect.stringMatching(/^[\w-]{24}$/),
      nonce: expect.stringMatching(/^[\w-]{24}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(setCookies(answer)).toEqual([expect.stringMatching(/^authorization=[\w-]+; Path=\/; SameSite=Default; HttpOnly$/)])
  })

  test('state, nonce and verifier are new each time', async () => {
    const flow = await startCodeFlow()
    const seen = new Set<string | null>()
    for (let round = 0; round < 20; round += 1) {
      const asked = flow.asked(await flow.newBrowser().open('/'))
      for (const name of ['state', 'nonce', 'code_challenge']) seen.add(asked.get(name))
    }
    expect(seen.size).toBe(60)
  })

  test.for([
    { name: 'discovery lists S256', metadata: { code_challenge_methods_supported: ['plain', 'S256'] }, method: 'S256' },
    { name: 'U19: discovery lists only plain', metadata: { code_challenge_methods_supported: ['plain'] }, method: 'plain' },
    { name: 'discovery says nothing', metadata: { code_challenge_methods_supported: undefined }, method: null },
    { name: 'forced on', metadata: { code_challenge_methods_supported: undefined }, force: true, method: 'S256' },
    { name: 'forced off', metadata: {}, force: false, method: null },
  ])('PKCE when $name: $method', async ({ metadata, force, method }) => {
    const flow = await startCodeFlow({ metadata, config: force === undefined ? {} : { require_proof_key_for_code_exchange: force } })
    const asked = flow.asked(await flow.newBrowser().open('/'))
    expect(asked.get('code_challenge_method')).toBe(method)
    expect(asked.get('code_challenge')?.length ?? null).toBe(method === null ? null : 43)
  })

  test('carries audience, max_age, response_mode and the configured and the caller’s own arguments; none of them replaces ours', async () => {
    const flow = await startCodeFlow({
      config: {
        audience: ['orders'],
        max_age: 300,
        response_mode: 'form_post',
        authorization_query_args_names: ['prompt', 'client_id'],
        authorization_query_args_values: ['login', 'evil'],
        authorization_query_args_client: ['login_hint', 'state', 'display'],
      },
    })
    const asked = flow.asked(await flow.newBrowser().open('/?login_hint=alice&state=mine&other=1'))
    expect(Object.fromEntries(asked)).toMatchObject({
      audience: 'orders',
      max_age: '300',
      response_mode: 'form_post',
      prompt: 'login',
      login_hint: 'alice',
      client_id: 'demo',
    })
    expect(asked.get('state')).not.toBe('mine')
    expect(names(asked)).not.toContain('other')
    expect(names(asked)).not.toContain('display')
  })

  test('redirect_uri is the configured one, by client position', async () => {
    const flow = await startCodeFlow({
      config: {
        client_id: ['demo', 'second'],
        client_secret: ['demo-secret', 'x'],
        redirect_uri: ['https://one.example/cb', 'https://two.example/cb'],
      },
    })
    expect(flow.asked(await flow.newBrowser().open('/')).get('redirect_uri')).toBe('https://one.example/cb')
    const second = flow.asked(await flow.newBrowser().open('/?client_id=second'))
    expect([second.get('client_id'), second.get('redirect_uri')]).toEqual(['second', 'https://two.example/cb'])
  })

  test('G-104: spaces and letters beyond ASCII are the same in both calls', async () => {
    const flow = await startCodeFlow()
    const browser = flow.newBrowser()
    const redirect = await browser.open('/anything/a%20b/%c3%bc')
    expect(flow.asked(redirect).get('redirect_uri')).toBe(`${flow.gateway.url}/anything/a%20b/%C3%BC`)
    const { path, parameters } = flow.consent(redirect)
    expect((await browser.open(`${path}?${parameters.toString()}`)).status).toBe(200)
    const [call] = flow.provider.requests.filter(({ path: called }) => called === '/token')
    expect(call?.form.get('redirect_uri')).toBe(`${flow.gateway.url}/anything/a%20b/%C3%BC`)
  })

  test('form_post over http keeps SameSite=Default: None would need https (G-116)', async () => {
    const flow = await startCodeFlow({ config: { response_mode: 'form_post' } })
    expect(setCookies(await flow.newBrowser().open('/'))[0]).toMatch(/; SameSite=Default; HttpOnly$/)
  })

  test('attributes of the authorization cookie follow their fields', async () => {
    const flow = await startCodeFlow({
      config: {
        authorization_cookie_name: 'login',
        authorization_cookie_path: '/app',
        authorization_cookie_domain: 'gateway.example',
        authorization_cookie_same_site: 'None',
        authorization_cookie_http_only: false,
      },
    })
    const answer = await flow.newBrowser().open('/')
    expect(setCookies(answer)[0]).toMatch(/^login=[\w-]+; Domain=gateway\.example; Path=\/app; SameSite=None; Secure$/)
  })

  test('PAR: the parameters go to the provider, the browser carries a reference (RFC 9126)', async () => {
    const flow = await startCodeFlow({ config: { require_pushed_authorization_requests: true } })
    flow.provider.script('/.well-known/openid-configuration', {
      issuer: flow.provider.issuer,
      authorization_endpoint: `${flow.provider.issuer}/authorize`,
      token_endpoint: `${flow.provider.issuer}/token`,
      pushed_authorization_request_endpoint: `${flow.provider.issuer}/par`,
      jwks_uri: `${flow.provider.issuer}/jwks`,
      code_challenge_methods_supported: ['S256'],
    })
    flow.provider.script('/par', { status: 201, body: '{"request_uri":"urn:ietf:params:oauth:request_uri:1","expires_in":60}' })
    const answer = await flow.newBrowser().open('/')
    expect(Object.fromEntries(flow.asked(answer))).toEqual({ client_id: 'demo', request_uri: 'urn:ietf:params:oauth:request_uri:1' })
    const [pushed] = flow.provider.requests.filter(({ path }) => path === '/par')
    expect(pushed?.headers.authorization).toMatch(/^Basic /)
    expect(names(pushed?.form as URLSearchParams)).toEqual(expect.arrayContaining(['state', 'nonce', 'code_challenge', 'redirect_uri']))

    flow.provider.script('/par', { status: 400, body: '{"error":"invalid_request"}' })
    const refused = await flow.newBrowser().open('/')
    expect(refused).toMatchObject({ status: 401, trace: { reason: 'idp_unreachable' } })
    expect(cookieNames(refused)).toEqual([])
  })

  test('JAR: the parameters travel inside a request object signed with client_jwk (RFC 9101)', async () => {
    const key = rsaKey()
    const jwk = { ...(key.export({ format: 'jwk' }) as Record<string, string>), kid: 'mine', alg: 'RS256' }
    const flow = await startCodeFlow({ config: { require_signed_request_object: true, client_jwk: [jwk] } })
    const asked = flow.asked(await flow.newBrowser().open('/'))
    expect(names(asked)).toEqual(['client_id', 'response_type', 'scope', 'request'])
    const [header = '', payload = '', signature = ''] = (asked.get('request') ?? '').split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
    expect(read(header)).toMatchObject({ alg: 'RS256', kid: 'mine', typ: 'oauth-authz-req+jwt' })
    expect(read(payload)).toMatchObject({ iss: 'demo', aud: flow.provider.issuer, response_type: 'code', state: expect.any(String) })
    expect(verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), createPublicKey(key), Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test.for([
    ['a script’s fetch', { 'sec-fetch-mode': 'cors', accept: 'application/json' }],
    ['XMLHttpRequest', { 'x-requested-with': 'XMLHttpRequest' }],
    ['a POST', {}],
  ] as const)('%s gets the same 302, as Kong does it (section 9, row 17)', async ([name, headers]) => {
    const flow = await startCodeFlow()
    const answer = await flow.newBrowser().open('/', { method: name === 'a POST' ? 'POST' : 'GET', headers: { ...headers } })
    expect(answer).toMatchObject({ status: 302, upstream: undefined })
  })

  test('no client_id: nobody can log in, 401', async () => {
    const flow = await startCodeFlow({ config: { client_id: null, client_secret: null } })
    expect(await flow.newBrowser().open('/')).toMatchObject({ status: 401, trace: { reason: 'no_credential' } })
  })

  test('no authorization endpoint is known: 401, not a broken redirect', async () => {
    const flow = await startCodeFlow({ metadata: { authorization_endpoint: undefined } })
    expect(await flow.newBrowser().open('/')).toMatchObject({ status: 401, trace: { reason: 'discovery_failed' } })
  })
})
