import { beforeAll, describe, expect, test } from 'vitest'
import { startProtected } from '../../../support/protected-gateway.js'
import { rsaKey } from '../../../support/scripted-provider.js'
import { untilAll } from '../../../support/until-all.js'
import { cookieNames, setCookies, startCodeFlow, type CodeFlow } from './signing-in.js'

const location = (answer: { readonly headers: Readonly<Record<string, unknown>> }) => String(answer.headers['location'])

describe('login_action (section 2.6)', () => {
  test('upstream: the callback itself is proxied, with the access token and without the code', async () => {
    const flow = await startCodeFlow()
    const answer = await flow.signIn(flow.newBrowser(), '/anything?first=1')
    expect(answer.status).toBe(200)
    expect(answer.upstream).toMatchObject({ method: 'GET', headers: { Authorization: expect.stringMatching(/^Bearer ey/) } })
    expect(answer.upstream?.url).not.toMatch(/code=|state=|first=/)
    expect(answer.upstream?.headers['Cookie'] ?? '').not.toMatch(/authorization=|session=/)
  })

  test('upstream with preserve_query_args: the first query is back', async () => {
    const flow = await startCodeFlow({ config: { preserve_query_args: true } })
    const answer = await flow.signIn(flow.newBrowser(), '/anything?first=1&x=%20y')
    expect(answer.upstream?.url).toBe('/anything?first=1&x=%20y')
  })

  test.for([
    { name: 'the path first asked for; the ID token in the fragment', config: {}, expected: /^\/anything\/page#id_token=ey[\w.-]+$/ },
    { name: 'no token', config: { login_tokens: null }, expected: /^\/anything\/page$/ },
    { name: 'the query too', config: { login_tokens: null, preserve_query_args: true }, expected: /^\/anything\/page\?a=1&b=%2F$/ },
    {
      name: 'tokens in the query',
      config: { login_redirect_mode: 'query', login_tokens: ['access_token'], preserve_query_args: true },
      expected: /^\/anything\/page\?a=1&b=%2F&access_token=ey[\w.-]+$/,
    },
    {
      name: 'login_redirect_uri',
      config: { login_redirect_uri: ['https://app.example/home?x=1'], login_tokens: null },
      expected: /^https:\/\/app\.example\/home\?x=1$/,
    },
    {
      name: 'login_redirect_uri with the first query',
      config: { login_redirect_uri: ['https://app.example/home?x=1'], login_tokens: null, preserve_query_args: true },
      expected: /^https:\/\/app\.example\/home\?x=1&a=1&b=%2F$/,
    },
  ])('redirect: 302 with $name', async ({ config, expected }) => {
    const flow = await startCodeFlow({ config: { login_action: 'redirect', ...config } })
    const browser = flow.newBrowser()
    const answer = await flow.signIn(browser, '/anything/page?a=1&b=%2F')
    expect(answer).toMatchObject({ status: 302, body: '', upstream: undefined, headers: { 'cache-control': 'no-store' } })
    expect(location(answer)).toMatch(expected)
    expect(cookieNames(answer)).toContain('session')
    expect((await browser.open('/anything')).status).toBe(200)
  })

  test.for([
    { login_tokens: undefined, members: ['id_token'] },
    { login_tokens: ['access_token', 'id_token'], members: ['id_token', 'access_token'] },
    { login_tokens: ['tokens'], members: ['id_token', 'access_token', 'refresh_token', 'token_type', 'expires_in'] },
    { login_tokens: null, members: [] },
  ])('U12: response shows the tokens of $login_tokens', async ({ login_tokens, members }) => {
    const flow = await startCodeFlow({ config: { login_action: 'response', ...(login_tokens !== undefined && { login_tokens }) } })
    const answer = await flow.signIn(flow.newBrowser())
    expect(answer).toMatchObject({
      status: 200,
      upstream: undefined,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    })
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(members)
  })

  test('a method that login_methods does not name is proxied', async () => {
    const client = { client_id: ['demo'], client_secret: ['demo-secret'] }
    const config = { auth_methods: ['password', 'session'], login_action: 'response', ...client }
    const basic = 'alice:wonderland'
    const proxied = await startProtected({ config })
    expect((await proxied.ask({ basic })).upstream).toBeDefined()
    const named = await startProtected({ config: { ...config, login_methods: ['password'], login_tokens: ['access_token'] } })
    const answer = await named.ask({ basic })
    expect(answer.upstream).toBeUndefined()
    expect(JSON.parse(answer.body)).toEqual({ access_token: expect.any(String) })
  })
})

describe('response modes and types', () => {
  const callbackForm = async (flow: CodeFlow, browser = flow.newBrowser(), path = '/anything') => {
    const redirect = await browser.open(path)
    return { browser, redirect, ...flow.consent(redirect) }
  }

  test('form_post: the POST is the callback, a GET with the same arguments is none (G-116)', async () => {
    const flow = await startCodeFlow({ config: { response_mode: 'form_post' } })
    const { browser, path, parameters } = await callbackForm(flow)
    const before = flow.tokenCalls()
    expect(await browser.open(`${path}?${parameters.toString()}`)).toMatchObject({ status: 302, upstream: undefined })
    expect(flow.tokenCalls()).toBe(before)
    const answer = await browser.post(path, parameters)
    expect(answer).toMatchObject({ status: 200, upstream: { method: 'POST' } })
    expect(answer.body).not.toContain(parameters.get('code') as string)
  })

  test('a form larger than 64 kB is no callback (G-116)', async () => {
    const flow = await startCodeFlow({ config: { response_mode: 'form_post' } })
    const { browser, path, parameters } = await callbackForm(flow)
    parameters.set('filler', 'x'.repeat(66_000))
    expect((await browser.post(path, parameters)).status).toBe(302)
    expect(flow.tokenCalls()).toBe(0)
  })

  test('form_post turned into a GET by login_action redirect, as the how-to has it', async () => {
    const flow = await startCodeFlow({
      config: { response_mode: 'form_post', preserve_query_args: true, login_action: 'redirect', login_tokens: null },
    })
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything?x=1'))
    const answer = await browser.post(path, parameters)
    expect([answer.status, location(answer)]).toEqual([302, '/anything?x=1'])
  })

  describe.each(['jwt', 'query.jwt', 'form_post.jwt'] as const)('JARM %s', (response_mode) => {
    const send = async (flow: CodeFlow, claims: Record<string, unknown>, key?: ReturnType<typeof rsaKey>) => {
      const browser = flow.newBrowser()
      const { path, parameters } = flow.consent(await browser.open('/anything'))
      const response = flow.provider.token({
        header: { typ: 'JWT' },
        claims: { aud: 'demo', ...Object.fromEntries(parameters), ...claims },
        ...(key && { key }),
      })
      return response_mode === 'form_post.jwt' ? browser.post(path, { response }) : browser.open(`${path}?response=${response}`)
    }

    test('a signed response logs in; unsigned, forged, foreign or old ones do not', async () => {
      const flow = await startCodeFlow({ config: { response_mode } })
      expect((await send(flow, {})).status).toBe(200)
      const calls = flow.tokenCalls()
      for (const claims of [{ aud: 'other' }, { iss: 'https://evil.example' }, { exp: 1 }, { exp: undefined }, { state: 'x' }]) {
        expect(await send(flow, claims)).toMatchObject({ status: 401, trace: { reason: 'state_mismatch' } })
      }
      expect((await send(flow, {}, rsaKey())).status).toBe(401)
      const { browser, path, parameters } = await callbackForm(flow)
      const plain = response_mode === 'form_post.jwt' ? browser.post(path, parameters) : browser.open(`${path}?${parameters.toString()}`)
      expect((await plain).status).toBe(302)
      expect(flow.tokenCalls()).toBe(calls)
    })
  })

  test.for([
    { response_type: ['code', 'id_token'], status: 200 },
    { response_type: ['code id_token'], status: 200 },
    { response_type: ['code'], status: 200 },
  ])('$response_type with an ID token in the callback: checked only where it was asked for', async ({ response_type, status }) => {
    const flow = await startCodeFlow({ config: { response_type, response_mode: 'form_post' } })
    const browser = flow.newBrowser()
    const redirect = await browser.open('/anything')
    const { path, parameters } = flow.consent(redirect)
    const claims = { aud: 'demo', nonce: flow.asked(redirect).get('nonce') }
    expect(flow.asked(redirect).get('response_type')).toBe(response_type.join(' '))
    parameters.set('id_token', flow.provider.token({ header: { typ: 'JWT' }, claims }))
    expect((await browser.post(path, parameters)).status).toBe(status)
  })

  test('hybrid: an ID token of the callback that is forged or another person’s is refused', async () => {
    const flow = await startCodeFlow({ config: { response_type: ['code', 'id_token'], response_mode: 'form_post' } })
    const stranger = rsaKey()
    for (const [claims, key] of [
      [{ sub: 'mallory' }, undefined],
      [{ nonce: 'another' }, undefined],
      [{ c_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, undefined],
      [{}, stranger],
    ] as const) {
      const browser = flow.newBrowser()
      const redirect = await browser.open('/anything')
      const { path, parameters } = flow.consent(redirect)
      const all = { aud: 'demo', nonce: flow.asked(redirect).get('nonce'), ...claims }
      parameters.set('id_token', flow.provider.token({ header: { typ: 'JWT' }, claims: all, ...(key && { key }) }))
      expect((await browser.post(path, parameters)).status).toBe(401)
    }
  })

  test('without a code the tokens of the callback are the login', async () => {
    const flow = await startCodeFlow({ config: { response_type: ['id_token', 'token'], response_mode: 'form_post' } })
    const browser = flow.newBrowser()
    const redirect = await browser.open('/anything')
    const { path, parameters } = flow.consent(redirect)
    parameters.delete('code')
    parameters.set('access_token', flow.provider.token())
    const forged = new URLSearchParams(parameters)
    parameters.set(
      'id_token',
      flow.provider.token({ header: { typ: 'JWT' }, claims: { aud: 'demo', nonce: flow.asked(redirect).get('nonce') } }),
    )
    expect((await browser.post(path, parameters)).status).toBe(200)
    expect(flow.tokenCalls()).toBe(0)
    const other = flow.newBrowser()
    forged.set('state', flow.asked(await other.open('/anything')).get('state') as string)
    expect((await other.post(path, forged)).status).toBe(401)
  })

  test('several clients: the pending login remembers whose it is', async () => {
    const flow = await startCodeFlow({ config: { client_id: ['other', 'demo'], client_secret: ['x', 'demo-secret'] } })
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything?client_id=demo'))
    expect((await browser.open(`${path}?${parameters.toString()}`)).status).toBe(200)
    const [call] = flow.provider.requests.filter(({ path: called }) => called === '/token')
    expect(Buffer.from(call?.headers.authorization?.slice(6) ?? '', 'base64').toString()).toBe('demo:demo-secret')
  })

  test('a fixed redirect_uri: the callback comes to another route with the same plugin', async () => {
    const shared = {
      auth_methods: ['authorization_code', 'session'],
      client_id: ['demo'],
      client_secret: ['demo-secret'],
      session_secret: 'a secret of more than sixteen bytes',
      redirect_uri: ['http://127.0.0.1:1/callback'],
      login_action: 'redirect',
      login_tokens: null,
    }
    const flow = await startCodeFlow({ config: shared, routes: { '/callback': shared } })
    const browser = flow.newBrowser()
    const answer = await flow.signIn(browser, '/anything/deep')
    expect([answer.status, location(answer)]).toEqual([302, '/anything/deep'])
    // the same arguments elsewhere are no callback, and leave the login as it is
    const other = flow.newBrowser()
    const { path, parameters } = flow.consent(await other.open('/anything'))
    const calls = flow.tokenCalls()
    expect((await other.open(`/anything?${parameters.toString()}`)).status).toBe(302)
    expect(flow.tokenCalls()).toBe(calls)
    expect((await other.open(`${path}?${parameters.toString()}`)).status).toBe(302)
    expect(flow.tokenCalls()).toBe(calls + 1)
  })
})

describe('logout (section 2.7)', () => {
  const config = { logout_uri_suffix: '/logout', logout_query_arg: 'bye', logout_post_arg: 'leave' }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  let shared: CodeFlow
  const until = untilAll()
  beforeAll(async () => {
    shared = await startCodeFlow({ config, until })
  })

  test.for([
    { name: 'POST to the suffix', ask: { method: 'POST', path: '/anything/logout' }, logsOut: true },
    { name: 'POST to the suffix with a query', ask: { method: 'POST', path: '/anything/logout?x=1' }, logsOut: true },
    { name: 'POST to the escaped suffix (G-55)', ask: { method: 'POST', path: '/anything/%6cogout' }, logsOut: true },
    { name: 'DELETE', ask: { method: 'DELETE', path: '/anything/logout' }, logsOut: true },
    { name: 'the query argument', ask: { method: 'POST', path: '/anything?bye=' }, logsOut: true },
    { name: 'the body argument', ask: { method: 'POST', path: '/anything', headers: form, body: 'leave=1' }, logsOut: true },
    { name: 'GET (G-145)', ask: { method: 'GET', path: '/anything/logout' }, logsOut: false },
    { name: 'the suffix in the query (G-55)', ask: { method: 'POST', path: '/anything?y=/logout' }, logsOut: false },
    { name: 'another path', ask: { method: 'POST', path: '/anything/logout/now' }, logsOut: false },
    { name: 'another argument', ask: { method: 'POST', path: '/anything?byebye=1' }, logsOut: false },
  ])('$name: $logsOut (U9: 200 and {} when nothing says where to go)', async ({ ask, logsOut }) => {
    const browser = shared.newBrowser()
    await shared.signIn(browser)
    const answer = await browser.open(ask.path, ask)
    expect(answer.upstream === undefined).toBe(logsOut)
    expect(browser.cookies.has('session')).toBe(!logsOut)
    if (logsOut) expect(answer).toMatchObject({ status: 200, body: '{}', headers: { 'cache-control': 'no-store' } })
    expect((await browser.open('/anything')).status).toBe(logsOut ? 302 : 200)
  })

  test('leads to the provider’s logout with what is known, and only to the configured place after it (G-146)', async () => {
    const end = { end_session_endpoint: 'https://idp.example/logout?x=1' }
    const flow = await startCodeFlow({ metadata: end, config: { ...config, logout_redirect_uri: ['https://app.example/bye'] } })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    const answer = await browser.open('/anything/logout?post_logout_redirect_uri=https://evil.example', { method: 'POST' })
    expect(answer).toMatchObject({ status: 302, body: '' })
    const target = new URL(location(answer))
    expect(`${target.origin}${target.pathname}`).toBe('https://idp.example/logout')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      x: '1',
      client_id: 'demo',
      id_token_hint: expect.stringMatching(/^ey/),
      post_logout_redirect_uri: 'https://app.example/bye',
    })
    // again, with no session: no empty hint
    const again = new URL(location(await browser.open('/anything/logout', { method: 'POST' })))
    expect([...again.searchParams.keys()]).toEqual(['x', 'client_id', 'post_logout_redirect_uri'])
  })

  test('without such an endpoint: straight to logout_redirect_uri', async () => {
    const flow = await startCodeFlow({ config: { ...config, logout_redirect_uri: ['https://app.example/bye'] } })
    expect(location(await flow.newBrowser().open('/logout', { method: 'POST' }))).toBe('https://app.example/bye')
  })

  test.for([
    { revoke: {}, hints: [] },
    { revoke: { logout_revoke: true }, hints: ['refresh_token', 'access_token'] },
    { revoke: { logout_revoke: true, logout_revoke_access_token: false }, hints: ['refresh_token'] },
    { revoke: { logout_revoke: true, logout_revoke_refresh_token: false }, hints: ['access_token'] },
  ])('revokes $hints', async ({ revoke, hints }) => {
    const flow = await startCodeFlow({ config: { ...config, ...revoke } })
    flow.provider.script('/revoke', { status: 200 })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    await browser.open('/logout', { method: 'POST' })
    const revoked = flow.provider.requests.filter(({ path }) => path === '/revoke')
    expect(revoked.map(({ form: sent }) => sent.get('token_type_hint'))).toEqual(hints)
    for (const { form: sent, headers } of revoked) {
      expect(sent.get('token')).toBeTruthy()
      expect(headers.authorization).toMatch(/^Basic /)
    }
  })

  test('a revocation that fails does not stop the logout', async () => {
    const flow = await startCodeFlow({ config: { ...config, logout_revoke: true } })
    flow.provider.script('/revoke', { status: 503 })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    expect((await browser.open('/logout', { method: 'POST' })).status).toBe(200)
    expect(browser.cookies.has('session')).toBe(false)
    expect(flow.logs.join('\n')).toMatch(/could not be revoked/)
    expect(flow.logs.join('\n')).not.toMatch(/refresh-[0-9a-f]{8}/)
  })
})

test('U14: without `session` in auth_methods no session begins', async () => {
  const flow = await startCodeFlow({ config: { auth_methods: ['authorization_code'] } })
  const answer = await flow.signIn(flow.newBrowser())
  expect(answer.status).toBe(200)
  expect(cookieNames(answer)).toEqual(['authorization'])
})

test('disable_session: a listed method begins none', async () => {
  const config = { auth_methods: ['bearer', 'session', 'authorization_code'] }
  const open = await startCodeFlow({ config })
  expect(cookieNames(await open.ask({ bearer: open.provider.token() }))).toEqual(['session'])
  const closed = await startCodeFlow({ config: { ...config, disable_session: ['bearer'] } })
  expect(setCookies(await closed.ask({ bearer: closed.provider.token() }))).toEqual([])
})
