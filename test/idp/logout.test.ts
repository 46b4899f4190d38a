import { describe, expect, test } from 'vitest'
import { Browser, codeRequest, idpForTest, post } from './support.js'
import type { Idp } from '../../src/idp/idp.js'

async function signedIn(idp: Idp) {
  const browser = new Browser()
  const { url, redirect_uri, code_verifier } = codeRequest(idp, 'native')
  const code = new URL((await browser.signIn(url)).url).searchParams.get('code') ?? ''
  const { body } = await post(
    `${idp.issuer}/v1/token`,
    { grant_type: 'authorization_code', code, redirect_uri, code_verifier },
    idp.applications.native,
  )
  return { browser, body }
}

const logoutUrl = (idp: Idp, parameters: Readonly<Record<string, unknown>>) =>
  `${idp.issuer}/v1/logout?${new URLSearchParams(parameters as Record<string, string>).toString()}`

const isSignedIn = async (idp: Idp, browser: Browser) =>
  (await browser.go(codeRequest(idp, 'native', { prompt: 'none' }).url)).url.includes('code=')

describe('RP-initiated logout', () => {
  test('with a valid hint ends the session at once and goes back with state; tokens stay', async () => {
    const idp = await idpForTest()
    const { browser, body } = await signedIn(idp)
    expect(await isSignedIn(idp, browser)).toBe(true)
    const page = await browser.go(
      logoutUrl(idp, { id_token_hint: body['id_token'], post_logout_redirect_uri: 'http://127.0.0.1:8765/', state: 'xyz' }),
    )
    expect(page.url).toBe('http://127.0.0.1:8765/?state=xyz')
    expect(await isSignedIn(idp, browser)).toBe(false)
    const introspected = await post(`${idp.issuer}/v1/introspect`, { token: String(body['access_token']) }, idp.applications.introspector)
    expect(introspected.body).toMatchObject({ active: true })
  })

  test('without a post-logout URI it ends on our page', async () => {
    const idp = await idpForTest()
    const { browser, body } = await signedIn(idp)
    expect((await browser.go(logoutUrl(idp, { id_token_hint: body['id_token'] }))).html).toContain('You are signed out')
  })

  test('a URI that is not registered is refused, and the session stays', async () => {
    const idp = await idpForTest()
    const { browser, body } = await signedIn(idp)
    const page = await browser.go(logoutUrl(idp, { id_token_hint: body['id_token'], post_logout_redirect_uri: 'http://evil.example/' }))
    expect(page).toMatchObject({ status: 400, html: expect.stringContaining('post_logout_redirect_uri not registered') })
    expect(await isSignedIn(idp, browser)).toBe(true)
    idp.allowLogoutRedirect('native', 'http://evil.example/')
  })

  test('without a hint it asks first: yes ends the session, no keeps it', async () => {
    const idp = await idpForTest()
    const { browser } = await signedIn(idp)
    const page = await browser.go(logoutUrl(idp, {}))
    expect(page.html).toContain('Sign out?')
    await browser.submit(page, {})
    expect(await isSignedIn(idp, browser)).toBe(true)
    expect((await browser.submit(await browser.go(logoutUrl(idp, {})), { logout: 'yes' })).html).toContain('You are signed out')
    expect(await isSignedIn(idp, browser)).toBe(false)
  })

  test('somebody else’s hint asks first', async () => {
    const idp = await idpForTest()
    const { browser } = await signedIn(idp)
    const { body } = await post(
      `${idp.issuer}/v1/token`,
      { grant_type: 'password', username: 'bob', password: 'bob-password', scope: 'openid' },
      idp.applications.web,
    )
    expect((await browser.go(logoutUrl(idp, { id_token_hint: body['id_token'] }))).html).toContain('Sign out?')
  })

  test('an altered hint is refused', async () => {
    const idp = await idpForTest()
    const { browser, body } = await signedIn(idp)
    const page = await browser.go(logoutUrl(idp, { id_token_hint: `${String(body['id_token']).slice(0, -6)}AAAAAA` }))
    expect(page.status).toBe(400)
    expect(await isSignedIn(idp, browser)).toBe(true)
  })

  test('nobody signed in: straight back', async () => {
    const idp = await idpForTest()
    const { body } = await signedIn(idp)
    const page = await new Browser().go(
      logoutUrl(idp, { id_token_hint: body['id_token'], post_logout_redirect_uri: 'http://127.0.0.1:8765/' }),
    )
    expect(page.url).toBe('http://127.0.0.1:8765/')
  })
})
