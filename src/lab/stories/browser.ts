import { CookieJar } from 'tough-cookie'
import { driveForm } from '../../client/form-driver.js'
import type { Scene } from '../scene.js'
import { toAnswer, type GatewayAnswer } from './moves.js'

/** A browser as far as the stories need one: cookies, navigation one hop at a time, the provider's login form. */
export interface StoryBrowser {
  /** One navigation; a redirect is returned, not followed. */
  open(url: string | URL, form?: URLSearchParams): Promise<GatewayAnswer>
  /** Goes to the provider, signs in, and returns the callback URL it leads to, not yet opened. */
  signIn(authorizeUrl: string, person: { readonly username: string; readonly password: string }): Promise<URL>
  /** Names and values of the cookies for a URL, as the `Cookie` field. */
  cookies(url: string | URL): Promise<string>
}

export function openBrowser(scene: Scene, jar = new CookieJar()): StoryBrowser {
  const request = scene.as('browser')
  return {
    async open(address, form) {
      const url = new URL(address)
      const cookie = await jar.getCookieString(url.href)
      const response = await request({
        method: form ? 'POST' : 'GET',
        url,
        headers: {
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          'sec-fetch-mode': 'navigate',
          ...(cookie && { cookie }),
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form && { body: form.toString() }),
      })
      for (const line of [response.headers['set-cookie'] ?? []].flat()) await jar.setCookie(line, url.href, { ignoreError: true })
      return toAnswer(response)
    },
    async signIn(authorizeUrl, person) {
      const url = new URL(authorizeUrl)
      const redirectUri = new URL(url.searchParams.get('redirect_uri') ?? scene.stage.gatewayUrl)
      return (await driveForm(url, redirectUri, { request, signal: scene.host.signal }, person)).url
    },
    cookies: (url) => jar.getCookieString(new URL(url).href),
  }
}
