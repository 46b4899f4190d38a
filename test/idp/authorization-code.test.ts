import { describe, expect, test } from 'vitest'
import { Browser, claims, codeRequest, idpForTest, post, tokensByCode } from './support.js'

const REDIRECT = 'http://127.0.0.1:8000/web/callback'

const web = () => idpForTest({ applications: { web: { redirect_uris: [REDIRECT] } } })

describe('authorization code (RFC 6749 §4.1, OIDC Core §3.1)', () => {
  test('signs in on our page, without a consent page, and names the issuer in the answer (RFC 9207)', async () => {
    const idp = await idpForTest()
    const { redirected, request, status, body } = await tokensByCode(idp, idp.applications.native)
    expect(redirected.href).toMatch(/^http:\/\/127\.0\.0\.1:8765\/callback\?/)
    expect(Object.fromEntries(redirected.searchParams)).toMatchObject({ iss: idp.issuer, state: request.state })
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email groups api.read', refresh_token: expect.any(String) })
    expect(claims(body['id_token'])).toMatchObject({
      iss: idp.issuer,
      aud: 'native',
      sub: 'alice',
      nonce: request.nonce,
      email: 'alice@example.test',
      groups: ['everyone', 'admins'],
    })
    expect(claims(body['access_token'])).toMatchObject({
      sub: 'alice',
      client_id: 'native',
      groups: ['everyone', 'admins'],
      auth_time: expect.any(Number),
    })
  })

  test('bob is in fewer groups', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native, { username: 'bob' })
    expect(claims(body['access_token'])).toMatchObject({ sub: 'bob', groups: ['everyone'] })
  })

  test('a redirect URI allowed at run time works, and none but it', async () => {
    const idp = await web()
    const other = 'http://127.0.0.1:8000/other'
    const refused = await new Browser().go(codeRequest(idp, 'web', { redirect_uri: other }).url)
    expect(refused).toMatchObject({ status: 400, html: expect.stringContaining('invalid_redirect_uri') })
    idp.allowRedirect('web', other)
    expect((await tokensByCode(idp, idp.applications.web, { parameters: { redirect_uri: other } })).status).toBe(200)
    expect((await tokensByCode(idp, idp.applications.web, { parameters: { redirect_uri: REDIRECT } })).status).toBe(200)
  })

  test.for(['http://127.0.0.1:1234/callback', 'http://[::1]:4321/callback', 'http://localhost:9999/'])(
    'native: %s, any port (RFC 8252 §7.3)',
    async (redirect_uri) => {
      const idp = await idpForTest()
      expect((await tokensByCode(idp, idp.applications.native, { parameters: { redirect_uri } })).status).toBe(200)
    },
  )

  test.for(['http://127.0.0.1:1234/elsewhere', 'http://example.test/callback', 'https://127.0.0.1:1234/callback'])(
    'native: %s is refused',
    async (redirect_uri) => {
      const idp = await idpForTest()
      expect(await new Browser().go(codeRequest(idp, 'native', { redirect_uri }).url)).toMatchObject({
        status: 400,
        html: expect.stringContaining('invalid_redirect_uri'),
      })
    },
  )

  test('native needs PKCE (RFC 7636)', async () => {
    const idp = await idpForTest()
    const url = new URL(codeRequest(idp, 'native').url)
    url.searchParams.delete('code_challenge')
    url.searchParams.delete('code_challenge_method')
    expect(new URL((await new Browser().go(url.href)).url).searchParams.get('error')).toBe('invalid_request')
  })

  test.for([
    { name: 'another verifier', change: { code_verifier: 'x'.repeat(43) } },
    { name: 'another redirect URI', change: { redirect_uri: 'http://127.0.0.1:8765/' } },
    { name: 'another code', change: { code: 'made-up' } },
  ])('$name at the token endpoint → invalid_grant', async ({ change }) => {
    const idp = await idpForTest()
    const { redirect_uri, code_verifier, url } = codeRequest(idp, 'native')
    const code = new URL((await new Browser().signIn(url)).url).searchParams.get('code') ?? ''
    const answer = await post(
      `${idp.issuer}/v1/token`,
      { grant_type: 'authorization_code', code, redirect_uri, code_verifier, ...change },
      idp.applications.native,
    )
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('a code used twice takes back what it gave (RFC 6749 §4.1.2)', async () => {
    const idp = await idpForTest()
    const first = await tokensByCode(idp, idp.applications.native)
    const again = {
      grant_type: 'authorization_code',
      code: first.redirected.searchParams.get('code') ?? '',
      redirect_uri: first.request.redirect_uri,
      code_verifier: first.request.code_verifier,
    }
    const introspect = () =>
      post(`${idp.issuer}/v1/introspect`, { token: String(first.body['access_token']) }, idp.applications.introspector)
    expect((await introspect()).body).toMatchObject({ active: true })
    expect(await post(`${idp.issuer}/v1/token`, again, idp.applications.native)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await introspect()).body).toEqual({ active: false })
  })

  test('a deactivated application cannot start a sign-in', async () => {
    const idp = await idpForTest()
    idp.deactivate('native')
    expect(await new Browser().go(codeRequest(idp, 'native').url)).toMatchObject({
      status: 400,
      html: expect.stringContaining('invalid_client'),
    })
  })
})

describe('the sign-in page', () => {
  test('loads nothing, runs nothing, may not be framed', async () => {
    const idp = await idpForTest()
    const page = await new Browser().go(codeRequest(idp, 'native').url)
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none'; base-uri 'none'$/,
    )
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.html).not.toMatch(/<script|https?:\/\/|onload=|src=/)
    expect(page.html).toContain('prefers-color-scheme:dark')
  })

  test('a wrong password comes back kindly, and the right one then works', async () => {
    const idp = await idpForTest()
    const browser = new Browser()
    const page = await browser.signIn(codeRequest(idp, 'native').url, 'alice', 'wrong')
    expect(page).toMatchObject({ status: 422, html: expect.stringContaining('do not match') })
    expect(page.html).toContain('value="alice"')
    expect((await browser.submit(page, { username: 'alice', password: 'alice-password' })).url).toContain('code=')
  })

  test('an unknown person is told the same', async () => {
    const idp = await idpForTest()
    expect(await new Browser().signIn(codeRequest(idp, 'native').url, 'mallory')).toMatchObject({
      status: 422,
      html: expect.stringContaining('do not match'),
    })
  })

  test('cancel → access_denied, with state and iss', async () => {
    const idp = await idpForTest()
    const browser = new Browser()
    const request = codeRequest(idp, 'native')
    const { url } = await browser.submit(await browser.go(request.url), { cancel: 'yes' })
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ error: 'access_denied', state: request.state, iss: idp.issuer })
  })

  test('escapes what it was sent', async () => {
    const idp = await idpForTest()
    const { html } = await new Browser().go(codeRequest(idp, 'native', { login_hint: '"><script>alert(1)</script>' }).url)
    expect(html).not.toContain('<script>')
    expect(html).toContain('&quot;&gt;&lt;script&gt;')
  })

  test('belongs to the browser that began: another one is told it expired', async () => {
    const idp = await idpForTest()
    const page = await new Browser().go(codeRequest(idp, 'native').url)
    const other = await new Browser().submit(page, { username: 'alice', password: 'alice-password' })
    expect(other).toMatchObject({ status: 400, html: expect.stringContaining('has expired') })
  })

  test('asks nobody twice: the session answers the next request (and prompt=none)', async () => {
    const idp = await idpForTest()
    const browser = new Browser()
    await browser.signIn(codeRequest(idp, 'native').url)
    expect((await browser.go(codeRequest(idp, 'native').url)).url).toContain('code=')
    expect((await browser.go(codeRequest(idp, 'native', { prompt: 'none' }).url)).url).toContain('code=')
  })
})

describe('parameters (OIDC Core §3.1.2.1)', () => {
  test('prompt=none without a session → login_required', async () => {
    const idp = await idpForTest()
    expect((await new Browser().go(codeRequest(idp, 'native', { prompt: 'none' }).url)).url).toContain('error=login_required')
  })

  test.for([{ prompt: 'login' }, { max_age: '0' }, { acr_values: 'urn:oidcgw:acr:mfa' }])(
    '%o asks again in spite of the session',
    async (parameters) => {
      const idp = await idpForTest()
      const browser = new Browser()
      await browser.signIn(codeRequest(idp, 'native').url)
      const page = await browser.go(codeRequest(idp, 'native', parameters as Record<string, string>).url)
      expect(page.html).toContain('name="password"')
      expect((await browser.submit(page, { username: 'alice', password: 'alice-password' })).url).toContain('code=')
    },
  )

  test('acr_values and max_age arrive in the ID token and, for step-up, in the access token (RFC 9470 §6)', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native, { parameters: { acr_values: 'urn:oidcgw:acr:mfa', max_age: '100' } })
    for (const token of [body['id_token'], body['access_token']]) {
      expect(claims(token)).toMatchObject({ acr: 'urn:oidcgw:acr:mfa', auth_time: expect.any(Number) })
    }
    const plain = await tokensByCode(idp, idp.applications.native)
    expect(claims(plain.body['access_token'])).toMatchObject({ acr: 'urn:oidcgw:acr:pwd' })
  })

  test('prompt=consent shows the consent page: allow goes on, deny is access_denied', async () => {
    const idp = await idpForTest()
    const begin = async () => {
      const browser = new Browser()
      const page = await browser.signIn(codeRequest(idp, 'native', { prompt: 'consent', scope: 'openid api.read offline_access' }).url)
      expect(page.html).toContain('name="decision"')
      return { browser, page }
    }
    const allowed = await begin()
    expect((await allowed.browser.submit(allowed.page, { decision: 'allow' })).url).toContain('code=')
    const denied = await begin()
    expect((await denied.browser.submit(denied.page, { decision: 'deny' })).url).toContain('error=access_denied')
  })

  test('the claims parameter asks for single claims (OIDC Core §5.5)', async () => {
    const idp = await idpForTest()
    const wanted = { scope: 'openid', claims: JSON.stringify({ id_token: { email: null } }) }
    const { body } = await tokensByCode(idp, idp.applications.native, { parameters: wanted })
    expect(claims(body['id_token'])).toMatchObject({ email: 'alice@example.test' })
    const without = await tokensByCode(idp, idp.applications.native, { parameters: { scope: 'openid' } })
    expect(claims(without.body['id_token'])).not.toHaveProperty('email')
  })

  test('resource and audience choose the aud of the access token (RFC 8707)', async () => {
    const idp = await idpForTest()
    const byResource = await tokensByCode(idp, idp.applications.native, { parameters: { resource: 'https://billing.example/api' } })
    expect(claims(byResource.body['access_token'])).toMatchObject({ aud: 'https://billing.example/api' })
    const byAudience = await tokensByCode(idp, idp.applications.native, { parameters: { audience: 'other-api' } })
    expect(claims(byAudience.body['access_token'])).toMatchObject({ aud: 'other-api' })
    const unknown = await new Browser().go(codeRequest(idp, 'native', { resource: 'api://nobody' }).url)
    expect(unknown.url).toContain('error=invalid_target')
  })
})

describe('refresh (RFC 6749 §6, RFC 9700 §4.14)', () => {
  const refresh = (idp: Awaited<ReturnType<typeof web>>, refresh_token: unknown, client = idp.applications.native) =>
    post(`${idp.issuer}/v1/token`, { grant_type: 'refresh_token', refresh_token: String(refresh_token) }, client)

  test('gives a new refresh token; the old one used again revokes the family', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native)
    const second = await refresh(idp, body['refresh_token'])
    expect(second).toMatchObject({ status: 200, body: { scope: 'openid profile email groups api.read' } })
    expect(claims(second.body['access_token'])).toMatchObject({ aud: 'api://oidcgw-lab', sub: 'alice' })
    expect(second.body['refresh_token']).not.toBe(body['refresh_token'])
    expect(await refresh(idp, body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await refresh(idp, second.body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('keeps the refresh token when told to', async () => {
    const idp = await idpForTest({ settings: { rotateRefreshTokens: false } })
    const { body } = await tokensByCode(idp, idp.applications.native)
    expect((await refresh(idp, body['refresh_token'])).body['refresh_token']).toBe(body['refresh_token'])
    expect((await refresh(idp, body['refresh_token'])).status).toBe(200)
  })

  test('works for nobody but the client it was given to', async () => {
    const idp = await web()
    const { body } = await tokensByCode(idp, idp.applications.native)
    expect(await refresh(idp, body['refresh_token'], idp.applications.web)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('outlives a rotation of keys', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native)
    await idp.rotateKeys({ keepOld: false })
    expect((await refresh(idp, body['refresh_token'])).status).toBe(200)
  })
})

describe('password (RFC 6749 §4.3)', () => {
  const ask = (idp: Awaited<ReturnType<typeof web>>, form: Record<string, string>, client = idp.applications.web) =>
    post(`${idp.issuer}/v1/token`, { grant_type: 'password', scope: 'openid groups api.read', ...form }, client)

  test('gives all tokens of the person', async () => {
    const idp = await idpForTest()
    const { status, body } = await ask(idp, { username: 'alice', password: 'alice-password' })
    expect(status).toBe(200)
    expect(claims(body['access_token'])).toMatchObject({
      sub: 'alice',
      aud: 'api://oidcgw-lab',
      scope: 'openid groups api.read',
      groups: ['everyone', 'admins'],
    })
    expect(claims(body['id_token'])).toMatchObject({ sub: 'alice', aud: 'web' })
    const refreshed = await post(
      `${idp.issuer}/v1/token`,
      { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) },
      idp.applications.web,
    )
    expect(claims(refreshed.body['access_token'])).toMatchObject({ sub: 'alice', groups: ['everyone', 'admins'] })
  })

  test.for([
    { name: 'a wrong password', form: { username: 'alice', password: 'wrong' }, error: 'invalid_grant' },
    { name: 'somebody else’s password', form: { username: 'alice', password: 'bob-password' }, error: 'invalid_grant' },
    { name: 'nobody', form: { username: 'mallory', password: '' }, error: 'invalid_request' },
  ])('$name → $error', async ({ form, error }) => {
    const idp = await idpForTest()
    expect(await ask(idp, form)).toMatchObject({ status: 400, body: { error } })
  })

  test('is not for every application', async () => {
    const idp = await idpForTest()
    expect(await ask(idp, { username: 'alice', password: 'alice-password' }, idp.applications.m2m)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })
})
