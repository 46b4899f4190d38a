import { CookieJar } from 'tough-cookie'
import type { Scene } from '../scene.js'
import { toAnswer, type GatewayAnswer } from './moves.js'

/** A browser as far as the stories need one: cookies, navigation one hop at a time, the provider's login form. */
export interface StoryBrowser {
  readonly jar: CookieJar
  /** One navigation; a redirect is returned, not followed. */
  open(url: string | URL, form?: URLSearchParams): Promise<GatewayAnswer>
  /** Goes to the provider and signs in; returns the callback URL it leads to, not yet opened. Undefined when the provider refuses. */
  signIn(authorizeUrl: string, person: { readonly username: string; readonly password: string }): Promise<URL | undefined>
  /** Names and values of the cookies for a URL, as the `Cookie` field. */
  cookies(url: string | URL): Promise<string>
}

const MAX_HOPS = 10

export function openBrowser(scene: Scene, jar = new CookieJar()): StoryBrowser {
  const request = scene.as('browser')
  const open: StoryBrowser['open'] = async (address, form) => {
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
    for (const setCookie of [response.headers['set-cookie'] ?? []].flat()) await jar.setCookie(setCookie, url.href, { ignoreError: true })
    return toAnswer(response)
  }
  return {
    jar,
    open,
    cookies: (url) => jar.getCookieString(new URL(url).href),
    async signIn(authorizeUrl, { username, password }) {
      const gateway = new URL(scene.stage.gatewayUrl).origin
      let url = new URL(authorizeUrl)
      let answer = await open(url)
      for (let hop = 0; hop < MAX_HOPS; hop++) {
        if (answer.location) {
          url = new URL(answer.location, url)
          if (url.origin === gateway) return url
          answer = await open(url)
          continue
        }
        const action = /<form[^>]*\baction="([^"]*)"/i.exec(answer.text)?.[1]
        if (answer.status !== 200 || action === undefined) return undefined
        url = new URL(action.replaceAll('&amp;', '&'), url)
        answer = await open(url, new URLSearchParams({ ...hiddenInputs(answer.text), username, password }))
      }
      return undefined
    },
  }
}

function hiddenInputs(html: string): Record<string, string> {
  const inputs = html.match(/<input[^>]*type="hidden"[^>]*>/gi) ?? []
  return Object.fromEntries(inputs.map((input) => [/name="([^"]*)"/.exec(input)?.[1] ?? '', /value="([^"]*)"/.exec(input)?.[1] ?? '']))
}
