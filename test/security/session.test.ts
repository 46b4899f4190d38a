import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cookieNames, setCookies, startCodeFlow } from '../gateway/openid-connect/code-flow/signing-in.js'
import { startScriptedProvider } from '../support/scripted-provider.js'

const secret = { session_secret: 'a secret of more than sixteen bytes' }
const client = { client_id: ['demo'], client_secret: ['demo-secret'] }

describe('session and cookie over real HTTP (section 1.7)', () => {
  test('G-118: a session planted in the browser dies with the login, and its id with it', async () => {
    const flow = await startCodeFlow({ config: { session_storage: 'memcached' } })
    const [attacker, victim] = [flow.newBrowser(), flow.newBrowser()]
    await flow.signIn(attacker, '/anything', { sub: 'mallory' })
    const planted = attacker.cookies.get('session') ?? ''
    // the planted session ends, and its cookie is still in the victim's browser when the victim logs in
    const { path, parameters } = flow.consent(await victim.open('/anything'))
    const answer = await victim.open(`${path}?${parameters.toString()}`, {
      headers: { cookie: `${victim.cookie}; session=${planted.slice(0, -1)}A` },
    })
    expect(answer.status).toBe(200)
    expect(victim.cookies.get('session')).not.toBe(planted)
  })

  test('G-119: a changed or cut cookie is a new login, never a 500, and nothing reaches the upstream', async () => {
    const flow = await startCodeFlow()
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    const value = browser.cookies.get('session') ?? ''
    for (const index of [0, 1, 20, 60, 100, 109, 110, 200, value.length - 1]) {
      const changed = `${value.slice(0, index)}${value[index] === 'A' ? 'B' : 'A'}${value.slice(index + 1)}`
      const answer = await flow.ask({ headers: { cookie: `session=${changed}` } })
      expect(answer).toMatchObject({ status: 302, upstream: undefined })
    }
    for (const cut of [value.slice(0, 50), value.slice(0, 110), `${value}${value}`, randomBytes(90).toString('base64url')]) {
      expect(await flow.ask({ headers: { cookie: `session=${cut}` } })).toMatchObject({ status: 302, upstream: undefined })
    }
  })

  test('G-121: another issuer’s route refuses the session, although secret and cookie name are the same', async () => {
    const other = await startScriptedProvider()
    const both = { auth_methods: ['session'], ...client, ...secret }
    const flow = await startCodeFlow({
      routes: { '/other': { ...both, issuer: other.issuer }, '/same': { auth_methods: ['session'], ...secret } },
    })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    expect(await browser.open('/other/anything')).toMatchObject({ status: 401, upstream: undefined })
    // section 5.7: same issuer, secret, name and audience share it; the second instance only needs `session`
    expect((await browser.open('/same/anything')).status).toBe(200)
    await other.close()
  })

  test('G-123, G-136: attributes as Kong’s, and no answer with a cookie may be cached', async () => {
    const flow = await startCodeFlow()
    const answer = await flow.signIn(flow.newBrowser())
    expect(setCookies(answer).find((cookie) => cookie.startsWith('session='))).toMatch(/^session=[\w-]+; Path=\/; SameSite=Lax; HttpOnly$/)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test.for([
    ['a Unicode space before the name', (value: string) => `\u2000session=${value}`],
    ['an empty name', (value: string) => `=session=${value}`],
    ['another case', (value: string) => `Session=${value}`],
    ['quotes', (value: string) => `session="${value}"`],
  ] as const)('G-124: a cookie with %s is not ours', async ([, disguise]) => {
    const flow = await startCodeFlow()
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    const cookie = Buffer.from(disguise(browser.cookies.get('session') ?? '')).toString('latin1')
    expect(await flow.ask({ headers: { cookie } })).toMatchObject({ status: 302, upstream: undefined })
  })

  test('G-128: tokens too large for nine cookies: one clear refusal, no session, no loop; with a server they fit', async () => {
    const huge = { response: { id_token: undefined }, accessToken: { filler: randomBytes(7_000).toString('base64url') } }
    const large = await startCodeFlow({ config: { scopes: ['profile'] } })
    const ok = await large.signIn(large.newBrowser(), '/anything', huge)
    expect([ok.status, cookieNames(ok).filter((name) => name.startsWith('session')).length]).toEqual([200, 4])
    const server = await startCodeFlow({ config: { scopes: ['profile'], session_storage: 'memcached' } })
    const kept = await server.signIn(server.newBrowser(), '/anything', huge)
    expect([kept.status, cookieNames(kept).filter((name) => name.startsWith('session')).length]).toEqual([200, 1])
    const refreshing = { response: { id_token: undefined, refresh_token: randomBytes(30_000).toString('base64url') } }
    const refused = await large.signIn(large.newBrowser(), '/anything', refreshing)
    expect(refused).toMatchObject({ status: 503, upstream: undefined })
    expect(cookieNames(refused).filter((name) => name.startsWith('session'))).toEqual([])
  })

  test('G-28: a session bound to an address is not freed by a forged X-Forwarded-For', async () => {
    const flow = await startCodeFlow({ config: { session_bind: ['ip', 'user-agent'] } })
    const browser = flow.newBrowser()
    const agent = { 'user-agent': 'one' }
    const { path, parameters } = flow.consent(await browser.open('/anything', { headers: agent }))
    await browser.open(`${path}?${parameters.toString()}`, { headers: agent })
    expect((await browser.open('/anything', { headers: { ...agent, 'x-forwarded-for': '203.0.113.9' } })).status).toBe(200)
    expect((await browser.open('/anything', { headers: { 'user-agent': 'two', 'x-forwarded-for': '127.0.0.1' } })).status).toBe(302)
  })

  test('G-133: a missing secret is said once, with the document’s first breath', async () => {
    const flow = await startCodeFlow({ config: { session_secret: null } })
    expect(flow.logs.filter((line) => line.includes('session_secret is not set'))).toHaveLength(1)
    expect((await flow.signIn(flow.newBrowser())).status).toBe(200)
  })

  test('G-162: neither state, code, verifier, token nor cookie is ever logged or traced', async () => {
    const flow = await startCodeFlow()
    const browser = flow.newBrowser()
    const redirect = await browser.open('/anything')
    const { path, parameters } = flow.consent(redirect)
    await browser.open(`${path}?${parameters.toString()}`)
    await browser.open(`${path}?${parameters.toString()}&error=x`)
    const [call] = flow.provider.requests.filter(({ path: called }) => called === '/token')
    const canaries = [
      flow.asked(redirect).get('state'),
      flow.asked(redirect).get('nonce'),
      parameters.get('code'),
      call?.form.get('code_verifier'),
      browser.cookies.get('session')?.slice(0, 60),
      'demo-secret',
      'a secret of more',
    ]
    const said = `${flow.logs.join('\n')}${JSON.stringify(flow.gateway.traces)}`
    for (const canary of canaries) {
      expect(canary).toBeTruthy()
      expect(said).not.toContain(canary)
    }
  })

  test('session facts as headers, upstream and downstream (section 5.9)', async () => {
    const facts = ['id', 'audience', 'subject', 'timeout', 'idling-timeout', 'rolling-timeout', 'absolute-timeout']
    const flow = await startCodeFlow({ config: { session_request_headers: facts, session_response_headers: ['id', 'timeout'] } })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    flow.clock.pass(30)
    const answer = await browser.open('/anything', { headers: { 'session-subject': 'forged' } })
    expect(answer.upstream?.headers).toMatchObject({
      'Session-Id': expect.stringMatching(/^[\w-]{43}$/),
      'Session-Audience': 'default',
      'Session-Subject': 'alice',
      'Session-Timeout': '870',
      'Session-Idling-Timeout': '870',
      'Session-Rolling-Timeout': '3570',
      'Session-Absolute-Timeout': '86370',
    })
    expect(answer.headers).toMatchObject({ 'session-id': expect.stringMatching(/^[\w-]{43}$/), 'session-timeout': '870' })
    expect(answer.headers['session-subject']).toBeUndefined()
  })
})
