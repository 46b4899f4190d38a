import { CookieJar } from 'tough-cookie'
import type { Scene } from '../scene.js'
import { openBrowser, type StoryBrowser } from './browser.js'
import { authorizationCode } from './documents.js'
import { originOf, showToken, upstreamHeader, type GatewayAnswer } from './moves.js'
import type { Story } from './story.js'

/** Part 2: a person signs in; the gateway runs the code flow and keeps a session in a cookie. */
export const authorizationCodeStory: Story = {
  number: 2,
  name: 'authorization-code',
  title: 'A person signs in; the gateway keeps a session and injects the token',
  async play(scene) {
    const { stage } = scene
    await stage.publish(authorizationCode(stage.redis))
    const page = new URL('/oidcroute/get', stage.gatewayUrl)
    await stage.allowRedirect(stage.clients.web.client_id, page.href)
    const browser = openBrowser(scene)
    await signInAndReturn(scene, browser, page)
    await refuseForgeries(scene, browser, page)
    await logOut(scene, browser, page)
  },
}

async function signInAndReturn(scene: Scene, browser: StoryBrowser, page: URL): Promise<void> {
  const { stage } = scene
  scene.chapter('No session: off to the provider')
  const sent = await browser.open(page)
  scene.expect('302 to the provider', [sent.status, originOf(sent.location)], [302, new URL(stage.issuer).origin])
  const asked = parametersOf(sent)
  scene.expect('with response_type code', asked.get('response_type'), 'code')
  scene.expect('with the client id', asked.get('client_id'), stage.clients.web.client_id)
  scene.expect('with the route itself as redirect_uri', asked.get('redirect_uri'), page.href)
  scene.expect('with the scopes', asked.get('scope'), 'openid profile groups')
  scene.expect('with PKCE', asked.get('code_challenge_method'), 'S256')
  scene.expect('with a state and a nonce of 18 random bytes each', [asked.get('state')?.length, asked.get('nonce')?.length], [24, 24])
  scene.expect('and an authorization cookie', cookieNames(sent), ['authorization'])

  scene.chapter('alice signs in, the code comes back')
  const callback = await browser.signIn(sent.location, stage.people.alice)
  scene.expect('the provider sends her back to the route', callback.pathname, page.pathname)
  const answer = await browser.open(callback)
  scene.expect('the gateway exchanges the code: 200 from the upstream', answer.status, 200)
  scene.expect('a session cookie, and the authorization cookie cleared', cookieNames(answer).toSorted(), ['authorization', 'session'])
  if (stage.redis) {
    const session = (await browser.cookies(page)).split('; ').find((cookie) => cookie.startsWith('session='))
    scene.expect('the cookie holds an id only: the tokens are in Redis', (session?.length ?? 0) < 200, true)
  }
  const bearer = upstreamHeader(answer, 'Authorization')?.split(' ') ?? []
  scene.expect('the access token is injected upstream', bearer[0], 'Bearer')
  await showToken(scene, bearer[1] ?? '', 'The injected token, decoded and verified as one would at jwt.io')
  scene.expect('and the ID token in its own header', upstreamHeader(answer, 'X-Id-Token')?.split('.').length, 3)

  scene.chapter('The second request has a session')
  const before = await stage.counters()
  scene.expect('200', (await browser.open(page)).status, 200)
  scene.expect('without any call to the provider', JSON.stringify(await stage.counters()) === JSON.stringify(before), true)
}

async function refuseForgeries(scene: Scene, browser: StoryBrowser, page: URL): Promise<void> {
  const { stage } = scene
  scene.chapter('What must not work')
  const session = (await browser.cookies(page)).split('; ').find((cookie) => cookie.startsWith('session=')) ?? 'session=none'
  const tampered = new CookieJar()
  await tampered.setCookie(flip(session), page.href)
  scene.expect('a tampered session cookie: off to the provider again', (await openBrowser(scene, tampered).open(page)).status, 302)

  const victim = openBrowser(scene)
  const attacker = openBrowser(scene)
  const foreign = await attacker.signIn((await attacker.open(page)).location, stage.people.bob)
  await victim.open(page)
  const exchanged = (await stage.counters())['token']
  scene.expect('another browser’s state: refused', (await victim.open(foreign)).status, 401)
  scene.expect('before the code is looked at', (await stage.counters())['token'], exchanged)

  const replaying = openBrowser(scene)
  const once = await replaying.signIn((await replaying.open(page)).location, stage.people.bob)
  const authorization = await replaying.cookies(page)
  scene.expect('a callback, once: 200', (await replaying.open(once)).status, 200)
  const replayed = new CookieJar()
  for (const cookie of authorization.split('; ')) await replayed.setCookie(cookie, page.href, { ignoreError: true })
  scene.expect('the same callback again: refused', (await openBrowser(scene, replayed).open(once)).status, 401)

  const swapped = openBrowser(scene)
  const otherNonce = new URL((await swapped.open(page)).location)
  otherNonce.searchParams.set('nonce', 'not-the-one-the-gateway-chose')
  const wrongNonce = await swapped.signIn(otherNonce.href, stage.people.bob)
  scene.expect('an ID token with another nonce: refused', (await swapped.open(wrongNonce)).status, 401)

  const unregistered = openBrowser(scene)
  const elsewhere = (await unregistered.open(new URL('/oidcroute/anything', stage.gatewayUrl))).location
  const refused = await unregistered.open(elsewhere)
  scene.expect(
    'a redirect URI that is not registered: refused by the provider',
    [refused.status, originOf(refused.location)],
    [400, 'none'],
  )
}

async function logOut(scene: Scene, browser: StoryBrowser, page: URL): Promise<void> {
  scene.chapter('Logout')
  const answer = await browser.open(new URL('/oidcroute/logout', scene.stage.gatewayUrl), new URLSearchParams())
  scene.expect(
    'POST …/logout leads to the provider’s own logout',
    [answer.status, originOf(answer.location)],
    [302, new URL(scene.stage.issuer).origin],
  )
  scene.expect('and the session is over: 302', (await browser.open(page)).status, 302)
}

const parametersOf = ({ location }: GatewayAnswer): URLSearchParams =>
  URL.canParse(location) ? new URL(location).searchParams : new URLSearchParams()

const cookieNames = ({ headers }: GatewayAnswer): string[] =>
  [headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split('=')[0] ?? '')

/** One character in the middle of the value is another one. */
function flip(cookie: string): string {
  const middle = Math.floor((cookie.indexOf('=') + cookie.length) / 2)
  return `${cookie.slice(0, middle)}${cookie[middle] === 'A' ? 'B' : 'A'}${cookie.slice(middle + 1)}; Path=/`
}
