import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rsaKey, type Scripted } from '../support/scripted-provider.js'
import { cookieNames, startCodeFlow, type Browser, type CodeFlow } from '../gateway/openid-connect/code-flow/signing-in.js'

interface Rotation {
  /** Refresh tokens handed out, newest last. */
  readonly issued: string[]
  /** True once an old refresh token came again: everything is revoked then. */
  reused: boolean
  calls: number
}

/** From here on `/token` rotates refresh tokens and punishes reuse. */
function rotate(flow: CodeFlow, first: string, over: () => Readonly<Record<string, unknown>> = () => ({})): Rotation {
  const rotation: Rotation = { issued: [first], reused: false, calls: 0 }
  flow.provider.script('/token', ({ form }): Scripted => {
    rotation.calls += 1
    if (form.get('refresh_token') !== rotation.issued.at(-1)) rotation.reused = true
    if (rotation.reused || form.get('grant_type') !== 'refresh_token') return { status: 400, body: '{"error":"invalid_grant"}' }
    const next = `refresh-${randomUUID()}`
    rotation.issued.push(next)
    const access = flow.provider.token({ claims: { exp: Math.floor(flow.clock.ms / 1000) + 3600 } })
    return { access_token: access, token_type: 'Bearer', refresh_token: next, ...over() } as Scripted
  })
  return rotation
}

/** A person whose access token has ended, and whose refresh token is known to the test. */
async function expired(flow: CodeFlow): Promise<{ readonly browser: Browser; readonly first: string }> {
  const browser = flow.newBrowser()
  const first = `refresh-${randomUUID()}`
  const exp = Math.floor(flow.clock.ms / 1000) + 100
  expect((await flow.signIn(browser, '/anything', { accessToken: { exp }, response: { refresh_token: first } })).status).toBe(200)
  flow.clock.pass(100)
  return { browser, first }
}

const storages = [
  { name: 'the cookie', config: {} },
  { name: 'memory', config: { session_storage: 'memcached' } },
] as const

describe.each(storages)('refresh with sessions in $name (section 1.8)', ({ config }) => {
  test('G-140: 50 parallel requests with an ended access token: one refresh, fifty 200s, and the session lives on', async () => {
    const flow = await startCodeFlow({ config })
    const { browser, first } = await expired(flow)
    const rotation = rotate(flow, first)
    const cookie = browser.cookie ?? ''
    const answers = await Promise.all(Array.from({ length: 50 }, () => flow.ask({ headers: { cookie } })))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(rotation).toMatchObject({ calls: 1, reused: false })
    expect(new Set(answers.map(({ upstream }) => upstream?.headers['Authorization'])).size).toBe(1)
    for (const answer of answers) expect(cookieNames(answer)).toEqual(['session'])

    // whichever answer the browser takes its cookie from, it has the new tokens
    for (const answer of [answers[0], answers[49]]) {
      browser.take(answer as (typeof answers)[0])
      expect((await browser.open('/anything')).status).toBe(200)
    }
    // a straggler with the old cookie
    expect((await flow.ask({ headers: { cookie } })).status).toBe(200)
    expect(rotation.calls).toBe(1)
  })

  test('G-143: what the answer leaves out stays; the new access token is used at once', async () => {
    const flow = await startCodeFlow({ config })
    const { browser, first } = await expired(flow)
    const fresh = flow.provider.token({ claims: { exp: Math.floor(flow.clock.ms / 1000) + 50 } })
    const last = flow.provider.token({ claims: { exp: Math.floor(flow.clock.ms / 1000) + 3600 } })
    const seen: (string | null)[] = []
    flow.provider.script('/token', ({ form }): Scripted => {
      seen.push(form.get('refresh_token'))
      return { access_token: seen.length === 1 ? fresh : last, token_type: 'Bearer' }
    })
    expect((await browser.open('/anything')).upstream?.headers['Authorization']).toBe(`Bearer ${fresh}`)
    flow.clock.pass(50)
    expect((await browser.open('/anything')).upstream?.headers['Authorization']).toBe(`Bearer ${last}`)
    expect(seen).toEqual([first, first])
  })
})

describe('what a refresh may not do', () => {
  const stranger = rsaKey()
  test.for([
    ['another person’s', (flow: CodeFlow) => flow.provider.token({ header: { typ: 'JWT' }, claims: { aud: 'demo', sub: 'mallory' } })],
    ['signed by another key', (flow: CodeFlow) => flow.provider.token({ header: { typ: 'JWT' }, claims: { aud: 'demo' }, key: stranger })],
    ['for another client', (flow: CodeFlow) => flow.provider.token({ header: { typ: 'JWT' }, claims: { aud: 'other' } })],
  ] as const)('G-114: a refreshed id_token %s is not applied: 401, the session ends', async ([, forge]) => {
    const flow = await startCodeFlow()
    const { browser, first } = await expired(flow)
    rotate(flow, first, () => ({ id_token: forge(flow) }))
    const answer = await browser.open('/anything')
    expect(answer).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'refresh_failed' } })
    expect(browser.cookies.has('session')).toBe(false)
  })

  test('G-114: a refreshed id_token of the same person passes', async () => {
    const flow = await startCodeFlow()
    const { browser, first } = await expired(flow)
    rotate(flow, first, () => ({ id_token: flow.provider.token({ header: { typ: 'JWT' }, claims: { aud: 'demo' } }) }))
    expect((await browser.open('/anything')).status).toBe(200)
  })

  test('a refresh the provider refuses: 401, the session ends, nothing reaches the upstream', async () => {
    const flow = await startCodeFlow()
    const { browser } = await expired(flow)
    flow.provider.script('/token', { status: 400, body: '{"error":"invalid_grant"}' })
    const answer = await browser.open('/anything')
    expect(answer).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'refresh_failed' } })
    expect(answer.challenge).toContain('error="invalid_token"')
    expect(browser.cookies.has('session')).toBe(false)
    expect((await browser.open('/anything')).status).toBe(302)
  })

  test('a provider that cannot be asked ends no session', async () => {
    const flow = await startCodeFlow()
    const { browser, first } = await expired(flow)
    flow.provider.script('/token', { status: 503 })
    expect(await browser.open('/anything')).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'idp_unreachable' } })
    expect(browser.cookies.has('session')).toBe(true)
    rotate(flow, first)
    expect((await browser.open('/anything')).status).toBe(200)
  })

  test('refresh_tokens: false, or no refresh token: 401 when the access token has ended', async () => {
    const off = await startCodeFlow({ config: { refresh_tokens: false } })
    const { browser } = await expired(off)
    expect(await browser.open('/anything')).toMatchObject({ status: 401, trace: { reason: 'token_expired' } })
    const flow = await startCodeFlow()
    const person = flow.newBrowser()
    const exp = Math.floor(flow.clock.ms / 1000) + 100
    await flow.signIn(person, '/anything', { accessToken: { exp }, response: { refresh_token: undefined } })
    flow.clock.pass(100)
    expect(await person.open('/anything')).toMatchObject({ status: 401, trace: { reason: 'token_expired' } })
  })

  test('G-149: claims are those of the new token, not those of the login', async () => {
    const flow = await startCodeFlow({ config: { groups_required: ['admins'] } })
    const browser = flow.newBrowser()
    const first = 'refresh-first'
    const exp = Math.floor(flow.clock.ms / 1000) + 100
    const accessToken = { exp, groups: ['admins'] }
    expect((await flow.signIn(browser, '/anything', { accessToken, response: { refresh_token: first } })).status).toBe(200)
    flow.clock.pass(100)
    const demoted = flow.provider.token({ claims: { groups: ['users'], exp: exp + 3600 } })
    rotate(flow, first, () => ({ access_token: demoted }))
    expect((await browser.open('/anything')).status).toBe(403)
  })
})

test('G-138: forbidden_destroy_session and unauthorized_destroy_session decide whether a refusal ends the session', async () => {
  for (const keeps of [true, false]) {
    const flow = await startCodeFlow({
      config: { groups_required: ['admins'], forbidden_destroy_session: !keeps, unauthorized_destroy_session: !keeps },
    })
    const member = flow.newBrowser()
    const refused = await flow.signIn(member, '/anything', { accessToken: { groups: ['users'] } })
    expect([refused.status, member.cookies.has('session')]).toEqual([403, false])
    const exp = Math.floor(flow.clock.ms / 1000) + 100
    const other = flow.newBrowser()
    await flow.signIn(other, '/anything', { accessToken: { groups: ['admins'], exp }, response: { refresh_token: undefined } })
    flow.clock.pass(100)
    expect((await other.open('/anything')).status).toBe(401)
    expect(other.cookies.has('session')).toBe(keeps)
  }
})

test('late stragglers are only served for ten seconds', async () => {
  const flow = await startCodeFlow({ config: { session_storage: 'memcached' } })
  const { browser, first } = await expired(flow)
  const rotation = rotate(flow, first)
  const old = browser.cookie ?? ''
  await browser.open('/anything')
  flow.clock.pass(9)
  expect((await flow.ask({ headers: { cookie: old } })).status).toBe(200)
  flow.clock.pass(1)
  expect((await flow.ask({ headers: { cookie: old } })).status).toBe(302)
  expect((await browser.open('/anything')).status).toBe(200)
  expect(rotation.calls).toBe(1)
})
