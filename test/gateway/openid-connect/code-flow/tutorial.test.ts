import { Redis } from 'ioredis'
import { CookieJar } from 'tough-cookie'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type GatewayOptions } from '../../../../src/gateway/gateway.js'
import { startIdp, type Idp } from '../../../../src/idp/idp.js'
import { startEcho, type Echo } from '../../../../src/lab/echo.js'
import { redisConfig, startRedis } from '../../../contracts/redis-server.js'
import { protectedDocument } from '../../../support/protected-gateway.js'
import { describeWithPrograms } from '../../../support/programs.js'

/** A person with a browser: cookies kept as browsers keep them, redirects followed by hand, the provider's own form filled in. */
class Person {
  readonly jar = new CookieJar()

  async open(url: string | URL, form?: URLSearchParams): Promise<Response> {
    const href = new URL(url).href
    const cookie = await this.jar.getCookieString(href)
    const answer = await fetch(href, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) },
      ...(form && { body: form }),
    })
    for (const line of answer.headers.getSetCookie()) await this.jar.setCookie(line, href, { ignoreError: true })
    return answer
  }

  /** Goes on from a redirect until the gateway's own address is reached; the last step is a URL, or a form to post there. */
  async signIn(start: Response, gateway: string): Promise<{ readonly url: URL; readonly form?: URLSearchParams }> {
    let url = new URL(start.headers.get('location') ?? 'http://nowhere/')
    let answer = await this.open(url)
    for (let hop = 0; hop < 12; hop += 1) {
      const location = answer.headers.get('location')
      if (location !== null) {
        url = new URL(location, url)
        if (url.origin === gateway) return { url }
        answer = await this.open(url)
        continue
      }
      const page = await answer.text()
      const action = /<form[^>]*\baction="([^"]*)"/i.exec(page)?.[1]?.replaceAll('&amp;', '&')
      if (action === undefined) throw new Error(`no form at ${url.href}: ${answer.status} ${page.slice(0, 300)}`)
      url = new URL(action, url)
      const form = new URLSearchParams(inputs(page))
      if (url.origin === gateway) return { url, form }
      form.set('username', 'alice')
      form.set('password', 'alice-password')
      answer = await this.open(url, form)
    }
    throw new Error('the provider never came back')
  }
}

const inputs = (page: string): [string, string][] =>
  [...page.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)].map(([input]) => [
    /name="([^"]*)"/.exec(input)?.[1] ?? '',
    (/value="([^"]*)"/.exec(input)?.[1] ?? '').replaceAll('&amp;', '&').replaceAll('&#x2F;', '/'),
  ])

describe('part 2 of the tutorials, with the embedded provider (section 11)', () => {
  let [idp, echo] = [undefined as unknown as Idp, undefined as unknown as Echo]
  beforeAll(async () => {
    ;[idp, echo] = await Promise.all([startIdp(), startEcho()])
  })
  afterAll(() => Promise.all([idp.close(), echo.close()]))

  const serve = async (config: Readonly<Record<string, unknown>>, options: Pick<GatewayOptions, 'now'> = {}) => {
    const { client_id, client_secret } = idp.applications.web
    const fields = {
      auth_methods: ['authorization_code', 'session'],
      client_id: [client_id],
      client_secret: [client_secret],
      scopes: ['openid', 'profile'],
      session_secret: 'a secret of more than sixteen bytes',
      ...config,
    }
    const gateway = await startGateway({ config: protectedDocument(echo.url, idp.issuer, { config: fields }), ...options })
    onTestFinished(() => gateway.close())
    const page = `${gateway.url}/anything`
    idp.allowRedirect('web', page)
    return { gateway, page }
  }

  test('302, login, code, session, 200; then no more calls; a changed cookie or an ended session: 302', async () => {
    const clock = { ms: 0 }
    const { gateway, page } = await serve({}, { now: () => Date.now() + clock.ms })
    const person = new Person()
    const sent = await person.open(page)
    expect(sent.status).toBe(302)
    const callback = await person.signIn(sent, gateway.url)
    const answer = await person.open(callback.url)
    expect(answer.status).toBe(200)
    const { headers } = (await answer.json()) as { headers: Record<string, string> }
    expect(headers['Authorization']).toMatch(/^Bearer ey/)
    const before = JSON.stringify(idp.counters())
    expect((await person.open(page)).status).toBe(200)
    expect(JSON.stringify(idp.counters())).toBe(before)

    const [session] = (await person.jar.getCookies(page)).filter(({ key }) => key === 'session')
    const value = session?.value ?? ''
    const flipped = `${value.slice(0, 50)}${value[50] === 'A' ? 'B' : 'A'}${value.slice(51)}`
    const tampered = await fetch(page, { redirect: 'manual', headers: { cookie: `session=${flipped}` } })
    expect(tampered.status).toBe(302)
    clock.ms = 900_000
    expect((await person.open(page)).status).toBe(302)
  })

  describeWithPrograms('as the Kong page has it, with Redis and form_post', ['redis-server'], () => {
    test('the cookie is an id, the tokens lie in Redis, logout ends both', async () => {
      const server = await startRedis()
      const plain = new Redis({ port: server.port, host: '127.0.0.1' })
      onTestFinished(async () => {
        plain.disconnect()
        await server.kill()
      })
      const { gateway, page } = await serve({
        response_mode: 'form_post',
        preserve_query_args: true,
        login_action: 'redirect',
        login_tokens: null,
        logout_uri_suffix: '/logout',
        logout_methods: ['GET', 'POST'],
        session_storage: 'redis',
        redis: redisConfig({ port: server.port }),
      })
      const person = new Person()
      const { url, form } = await person.signIn(await person.open(`${page}?x=1`), gateway.url)
      expect([url.href, [...(form?.keys() ?? [])].toSorted()]).toEqual([page, expect.arrayContaining(['code', 'state'])])
      const back = await person.open(url, form)
      expect([back.status, back.headers.get('location')]).toEqual([302, '/anything?x=1'])
      const [cookie] = (await person.jar.getCookies(page)).filter(({ key }) => key === 'session')
      expect(cookie?.value).toHaveLength(110)
      expect((await person.open(`${page}?x=1`)).status).toBe(200)
      expect((await plain.keys('session:*')).length).toBe(1)

      const out = await person.open(`${page}/logout`)
      expect([out.status, new URL(out.headers.get('location') ?? '').origin]).toEqual([302, idp.issuer])
      expect(await plain.keys('session:*')).toEqual([])
      expect((await person.open(page)).status).toBe(302)
      const replayed = await fetch(page, { redirect: 'manual', headers: { cookie: `session=${cookie?.value}` } })
      expect(replayed.status).toBe(302) // G-144
    })
  })

  test('fifty parallel requests after the access token’s end: one refresh with a provider that punishes reuse (G-140)', async () => {
    const clock = { ms: 0 }
    const { gateway, page } = await serve(
      { session_idling_timeout: 0, session_rolling_timeout: 0, session_absolute_timeout: 0 },
      { now: () => Date.now() + clock.ms },
    )
    const person = new Person()
    const callback = await person.signIn(await person.open(page), gateway.url)
    expect((await person.open(callback.url)).status).toBe(200)
    const cookie = await person.jar.getCookieString(page)
    const before = idp.counters().token
    idp.configure({ accessTokenTtlSeconds: 7200, idTokenTtlSeconds: 86_400 })
    onTestFinished(() => idp.configure({ accessTokenTtlSeconds: 3600, idTokenTtlSeconds: 3600 }))
    clock.ms = 3_601_000
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(page, { redirect: 'manual', headers: { cookie } })))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(idp.counters().token - before).toBe(1)
    // the provider did not revoke the family: the next refresh works too
    for (const line of answers[7]?.headers.getSetCookie() ?? []) await person.jar.setCookie(line, page)
    idp.configure({ accessTokenTtlSeconds: 30_000 })
    clock.ms = 7_202_000
    expect((await person.open(page)).status).toBe(200)
    expect(idp.counters().token - before).toBe(2)
  })

  test('a provider that knows no such redirect URI shows its own error and never comes back', async () => {
    const { gateway } = await serve({})
    const sent = await new Person().open(`${gateway.url}/elsewhere`)
    const refused = await fetch(sent.headers.get('location') ?? '', { redirect: 'manual' })
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null])
  })

  test.for([
    ['by another key', { target: 'id_token', signature: 'other-key' }],
    ['by nobody', { target: 'id_token', signature: 'none' }],
    ['with one bit changed', { target: 'id_token', signature: 'broken' }],
    ['for another nonce', { target: 'id_token', claims: { nonce: 'another' } }],
    ['for another client', { target: 'id_token', claims: { aud: 'another' } }],
  ] as const)('an ID token signed %s opens no session', async ([, tamper]) => {
    const { gateway, page } = await serve({})
    const person = new Person()
    const callback = await person.signIn(await person.open(page), gateway.url)
    idp.tamper(tamper)
    expect((await person.open(callback.url)).status).toBe(401)
    const names = (await person.jar.getCookies(page)).map(({ key }) => key)
    expect(names.filter((name) => ['session', 'authorization'].includes(name))).toEqual([])
    expect((await person.open(page)).status).toBe(302)
  })
})
