import { beforeAll, describe, expect, test } from 'vitest'
import { rsaKey } from '../support/scripted-provider.js'
import type { Answer } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'
import { cookieNames, setCookies, startCodeFlow, type CodeFlow, type Consent } from '../gateway/openid-connect/code-flow/signing-in.js'

const tokenCallsDuring = async (flow: CodeFlow, action: () => Promise<unknown>): Promise<number> => {
  const before = flow.tokenCalls()
  await action()
  return flow.tokenCalls() - before
}

/** Refused, nothing reached the upstream, no session, and the pending login is gone (U3). */
const expectRefused = (answer: Answer, reason: string) => {
  expect(answer).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}', upstream: undefined, trace: { reason } })
  expect(cookieNames(answer)).not.toContain('session')
  expect(setCookies(answer).find((cookie) => cookie.startsWith('authorization='))).toContain('Max-Age=0')
}

describe('the authorization code flow (section 1.6)', () => {
  let flow: CodeFlow
  const until = untilAll()
  beforeAll(async () => {
    flow = await startCodeFlow({ until })
  })

  test('a login that is in order opens a session', async () => {
    const browser = flow.newBrowser()
    const answer = await flow.signIn(browser)
    expect(answer.status).toBe(200)
    expect(cookieNames(answer).toSorted()).toEqual(['authorization', 'session'])
    expect(await tokenCallsDuring(flow, async () => expect((await browser.open('/anything')).status).toBe(200))).toBe(0)
  })

  test.for([
    ['none', undefined],
    ['an empty one', ''],
    ['a wrong one', 'A'.repeat(24)],
  ] as const)('G-93, U3: a callback with %s as state is a 401 before any token call, and its login is given up', async ([, state]) => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'), { callback: { state } })
    const calls = await tokenCallsDuring(flow, async () =>
      expectRefused(await browser.open(`${path}?${parameters.toString()}`), 'state_mismatch'),
    )
    expect(calls).toBe(0)
  })

  test('G-93, G-94: another browser’s callback is refused, whether or not a login is pending here', async () => {
    const [attacker, victim] = [flow.newBrowser(), flow.newBrowser()]
    const { path, parameters } = flow.consent(await attacker.open('/anything'), { sub: 'mallory' })
    const url = `${path}?${parameters.toString()}`
    const calls = await tokenCallsDuring(flow, async () => {
      // without a cookie: a login of one's own begins (Kong), nothing of the callback is used
      const fresh = await victim.open(url)
      expect(fresh).toMatchObject({ status: 302, upstream: undefined })
      expect(cookieNames(fresh)).toEqual(['authorization'])
      expect(flow.asked(fresh).get('state')).not.toBe(parameters.get('state'))
      expectRefused(await victim.open(url), 'state_mismatch')
    })
    expect(calls).toBe(0)
    expect((await attacker.open(url)).status).toBe(200)
  })

  test('G-95: a callback works once, also with the old cookie', async () => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'))
    const cookie = browser.cookie ?? ''
    const url = `${path}?${parameters.toString()}`
    expect((await browser.open(url)).status).toBe(200)
    const calls = await tokenCallsDuring(flow, async () => {
      const thief = flow.newBrowser()
      expectRefused(await thief.open(url, { headers: { cookie } }), 'state_mismatch')
    })
    expect(calls).toBe(0)
  })

  test('G-95: two callbacks at once: one exchange, one is refused', async () => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'))
    const url = `${path}?${parameters.toString()}`
    const calls = await tokenCallsDuring(flow, async () => {
      const answers = await Promise.all([browser.open(url), browser.open(url)])
      expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 401])
    })
    expect(calls).toBe(1)
  })

  describe('G-96: the nonce', () => {
    test.for([
      ['none', undefined],
      ['another', 'B'.repeat(24)],
      ['an empty one', ''],
      ['a list', ['x']],
    ] as const)('%s in the ID token: refused', async ([, nonce]) => {
      expectRefused(await flow.signIn(flow.newBrowser(), '/anything', { idToken: { nonce } }), 'nonce_mismatch')
    })

    test('of another pending login of this browser: refused', async () => {
      const browser = flow.newBrowser()
      const other = flow.asked(await browser.open('/anything')).get('nonce')
      expectRefused(await flow.signIn(browser, '/anything', { idToken: { nonce: other } }), 'nonce_mismatch')
    })

    test('with verify_nonce: false nobody asks', async () => {
      const lax = await startCodeFlow({ config: { verify_nonce: false } })
      expect((await lax.signIn(lax.newBrowser(), '/anything', { idToken: { nonce: 'x' } })).status).toBe(200)
    })
  })

  describe('G-98: mix-up (RFC 9207)', () => {
    test('another iss is refused before the token call', async () => {
      const calls = await tokenCallsDuring(flow, async () =>
        expectRefused(await flow.signIn(flow.newBrowser(), '/anything', { callback: { iss: 'https://evil.example' } }), 'iss_mismatch'),
      )
      expect(calls).toBe(0)
    })

    test('a missing iss is refused when the metadata promises it; the right one passes', async () => {
      const promising = await startCodeFlow({ metadata: { authorization_response_iss_parameter_supported: true } })
      const calls = await tokenCallsDuring(promising, async () =>
        expectRefused(await promising.signIn(promising.newBrowser()), 'iss_mismatch'),
      )
      expect(calls).toBe(0)
      const right = { callback: { iss: promising.provider.issuer } }
      expect((await promising.signIn(promising.newBrowser(), '/anything', right)).status).toBe(200)
    })
  })

  test('G-99: an attacker’s code in the victim’s flow opens no session', async () => {
    const [attacker, victim] = [flow.newBrowser(), flow.newBrowser()]
    const stolen = flow.consent(await attacker.open('/anything'), { sub: 'mallory' })
    const { path, parameters } = flow.consent(await victim.open('/anything'))
    parameters.set('code', stolen.parameters.get('code') ?? '')
    // PKCE: the code answers to another verifier
    expectRefused(await victim.open(`${path}?${parameters.toString()}`), 'code_exchange_failed')
    // and where the provider knows no PKCE, the nonce refuses it
    const plain = await startCodeFlow({ metadata: { code_challenge_methods_supported: undefined } })
    const [other, person] = [plain.newBrowser(), plain.newBrowser()]
    const taken = plain.consent(await other.open('/anything'), { sub: 'mallory' })
    const honest = plain.consent(await person.open('/anything'))
    honest.parameters.set('code', taken.parameters.get('code') ?? '')
    expectRefused(await person.open(`${honest.path}?${honest.parameters.toString()}`), 'nonce_mismatch')
  })

  test.for([
    ['markup', '<script>alert(1)</script>'],
    ['a header', 'x\r\nSet-Cookie: a=b'],
    ['seven kB', 'A'.repeat(7000)],
  ] as const)('G-101: an error of %s is never repeated', async ([, error]) => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'), { callback: { code: undefined, error } })
    parameters.set('error_description', '"><img src=x onerror=alert(1)>')
    const answer = await browser.open(`${path}?${parameters.toString()}`)
    expectRefused(answer, 'idp_error')
    expect(`${answer.body}${JSON.stringify(answer.headers)}`).not.toMatch(/script|img|AAAA|a=b/)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test('G-101: with display_errors only a registered-looking code is shown', async () => {
    const chatty = await startCodeFlow({ config: { display_errors: true } })
    const end = async (error: string) => {
      const browser = chatty.newBrowser()
      const { path, parameters } = chatty.consent(await browser.open('/anything'), { callback: { code: undefined, error } })
      return (await browser.open(`${path}?${parameters.toString()}`)).body
    }
    expect(await end('access_denied')).toBe('{"message":"Unauthorized (the provider answered access_denied)"}')
    expect(await end('<b>')).toBe('{"message":"Unauthorized (the provider answered an error)"}')
  })

  test('G-106, U13: five tabs finish in any order, each on its own address; the sixth pushes the oldest out', async () => {
    const tabs = await startCodeFlow({ config: { login_action: 'redirect', login_tokens: null } })
    const browser = tabs.newBrowser()
    const pages = ['/anything/1', '/anything/2', '/anything/3', '/anything/4', '/anything/5', '/anything/6']
    const waiting: ReturnType<CodeFlow['consent']>[] = []
    for (const page of pages) waiting.push(tabs.consent(await browser.open(page)))
    // a live session would win over a callback (U23): each tab comes back to a browser without one
    const finish = async (index: number) => {
      browser.cookies.delete('session')
      const { path, parameters } = waiting[index] as ReturnType<CodeFlow['consent']>
      return browser.open(`${path}?${parameters.toString()}`)
    }
    for (const index of [3, 1, 5, 2, 4]) expect(await finish(index)).toMatchObject({ status: 302, headers: { location: pages[index] } })
    expect((await finish(0)).status).not.toBe(200)
  })

  test('G-108: a planted cookie of the same name neither blocks a login nor takes it over', async () => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'))
    const planted = `authorization=garbage; authorization=${browser.cookies.get('authorization')}`
    expect((await browser.open(`${path}?${parameters.toString()}`, { headers: { cookie: planted } })).status).toBe(200)
    const session = browser.cookies.get('session')
    expect((await browser.open('/anything', { headers: { cookie: `session=garbage; session=${session}` } })).status).toBe(200)
  })

  test('G-109, U23: a stale callback with a live session goes on with the session; without one a login begins', async () => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'))
    const url = `${path}?${parameters.toString()}`
    await browser.open(url)
    const calls = await tokenCallsDuring(flow, async () => {
      expect((await browser.open(url)).status).toBe(200)
      expect(await flow.newBrowser().open(url)).toMatchObject({ status: 302, upstream: undefined })
    })
    expect(calls).toBe(0)
  })

  test('G-110: temporarily_unavailable is a 401, not a loop', async () => {
    const callback = { code: undefined, error: 'temporarily_unavailable' }
    expectRefused(await flow.signIn(flow.newBrowser(), '/anything', { callback }), 'idp_error')
  })

  test('G-111, G-112: who is not logged in never reaches the upstream, by any method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD']) {
      const answer = await flow.newBrowser().open('/anything', { method, ...(method === 'POST' && { body: 'transfer=1' }) })
      expect(answer).toMatchObject({ status: 302, body: '', upstream: undefined })
    }
  })

  const stranger = rsaKey()
  const weak: readonly { name: string; consent: Consent; reason: string }[] = [
    { name: 'an error member', consent: { response: { error: 'server_error' } }, reason: 'code_exchange_failed' },
    { name: 'no id_token', consent: { rawIdToken: null }, reason: 'token_invalid' },
    { name: 'an id_token for another client', consent: { idToken: { aud: 'other' } }, reason: 'token_invalid' },
    { name: 'an id_token without aud', consent: { idToken: { aud: undefined } }, reason: 'token_invalid' },
    { name: 'several aud without azp', consent: { idToken: { aud: ['demo', 'other'] } }, reason: 'token_invalid' },
    { name: 'a foreign azp', consent: { idToken: { azp: 'other' } }, reason: 'token_invalid' },
    { name: 'an id_token without exp', consent: { idToken: { exp: undefined } }, reason: 'token_' },
    { name: 'an expired id_token', consent: { idToken: { exp: 1 } }, reason: 'token_expired' },
    { name: 'an id_token from the future', consent: { idToken: { iat: 99_999_999_999 } }, reason: 'token_iat_future' },
    { name: 'another iss', consent: { idToken: { iss: 'https://evil.example' } }, reason: 'token_wrong_issuer' },
    { name: 'a wrong at_hash', consent: { idToken: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } }, reason: 'token_invalid' },
    { name: 'a wrong c_hash', consent: { idToken: { c_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } }, reason: 'token_invalid' },
    { name: 'no access token', consent: { response: { access_token: undefined } }, reason: 'token_invalid' },
  ]
  test.for(weak)('G-113: a token response with $name opens no session', async ({ consent, reason }) => {
    const answer = await flow.signIn(flow.newBrowser(), '/anything', consent)
    expect(answer).toMatchObject({ status: 401, upstream: undefined })
    expect(answer.trace.reason).toContain(reason)
    expect(cookieNames(answer)).not.toContain('session')
  })

  test.for([
    ['another key', (own: CodeFlow, nonce: string | null) => own.provider.token({ key: stranger, claims: { aud: 'demo', nonce } })],
    ['none', (own: CodeFlow, nonce: string | null) => unsigned(own.provider.token({ claims: { aud: 'demo', nonce } }))],
    ['an access token in its place', (own: CodeFlow) => own.provider.token()],
    ['no JWT at all', () => 'opaque'],
  ] as const)('G-113: an id_token signed by %s opens no session', async ([, forge]) => {
    const browser = flow.newBrowser()
    const redirect = await browser.open('/anything')
    const { path, parameters } = flow.consent(redirect, { rawIdToken: forge(flow, flow.asked(redirect).get('nonce')) })
    const answer = await browser.open(`${path}?${parameters.toString()}`)
    expect(answer).toMatchObject({ status: 401, upstream: undefined })
    expect(cookieNames(answer)).not.toContain('session')
  })

  test.for([
    ['500', { status: 500, body: 'x' }],
    ['HTML', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a list', { status: 200, body: '[]' }],
    ['a MAC token', { status: 200, body: '{"access_token":"x","token_type":"mac"}' }],
  ] as const)('G-113, F-10: a token endpoint that answers %s: 401, and the login may be tried again', async ([, said]) => {
    const own = await startCodeFlow()
    const browser = own.newBrowser()
    const { path, parameters } = own.consent(await browser.open('/anything'))
    own.provider.script('/token', said)
    const answer = await browser.open(`${path}?${parameters.toString()}`)
    expect(answer).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'idp_unreachable' } })
    expect(cookieNames(answer)).not.toContain('session')
  })

  test('a login that took longer than authorization_rolling_timeout is over', async () => {
    const own = await startCodeFlow()
    const browser = own.newBrowser()
    const late = own.consent(await browser.open('/anything'))
    own.clock.pass(600)
    const calls = await tokenCallsDuring(own, async () =>
      expect((await browser.open(`${late.path}?${late.parameters.toString()}`)).status).toBe(302),
    )
    expect(calls).toBe(0)
    const soon = own.consent(await browser.open('/anything'))
    own.clock.pass(599)
    expect((await browser.open(`${soon.path}?${soon.parameters.toString()}`)).status).toBe(200)
  })

  test('a parameter given twice is refused (RFC 6749 §3.1)', async () => {
    const browser = flow.newBrowser()
    const { path, parameters } = flow.consent(await browser.open('/anything'))
    parameters.append('code', 'another')
    const calls = await tokenCallsDuring(flow, async () =>
      expectRefused(await browser.open(`${path}?${parameters.toString()}`), 'state_mismatch'),
    )
    expect(calls).toBe(0)
  })

  test('G-175: nothing is stored for a browser that never comes back', async () => {
    const own = await startCodeFlow()
    for (let round = 0; round < 20; round += 1) expect((await own.newBrowser().open('/anything')).status).toBe(302)
    expect(own.tokenCalls()).toBe(0)
  })
})

describe('G-102: the address after login', () => {
  test.for([
    '//evil.example',
    '///evil.example',
    '/%09/evil.example',
    '/.evil.example',
    '/@evil.example',
    '/https:evil.example',
    '/;@evil',
  ])('a first request to %s comes back to a path of this origin', async (target) => {
    const flow = await startCodeFlow({ config: { login_action: 'redirect', login_tokens: null, preserve_query_args: true } })
    const browser = flow.newBrowser()
    const redirect = await browser.open(`${flow.gateway.url}${target}?next=https://evil.example`).catch(() => undefined)
    if (redirect?.status !== 302) return expect(redirect?.status ?? 400).toBe(400)
    const { path, parameters } = flow.consent(redirect)
    const answer = await browser.open(`${flow.gateway.url}${path}?${parameters.toString()}`)
    const location = String(answer.headers['location'])
    expect(new URL(location, flow.gateway.url).origin).toBe(flow.gateway.url)
    expect(location).toMatch(/^\/(?![/\\])/)
  })
})

function unsigned(token: string): string {
  const [, payload] = token.split('.')
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
}
