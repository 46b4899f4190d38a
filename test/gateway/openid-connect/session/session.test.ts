import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signJwt } from '../../../../src/jwt/sign.js'
import { Cookies, createTestExchange, createWorkshop, logIn, sessionData, visit, createClock } from './browser.js'

const setCookies = (exchange: ReturnType<typeof createTestExchange>) => exchange.downstream.get('set-cookie') ?? []

describe.each(['cookie', 'memory'] as const)('a session in %s', (kind) => {
  const workshop = (settings: Parameters<typeof createWorkshop>[0] = {}, options: Parameters<typeof createWorkshop>[1] = {}) =>
    createWorkshop(settings, { ...options, ...(kind === 'memory' && { sessionStore: 'memory' as const }) })

  test('is what was saved, on the next request', async () => {
    const shop = workshop()
    const cookies = await logIn(shop)
    const { opened } = await visit(shop, cookies)
    expect(opened).toMatchObject({ kind: 'open', session: { data: sessionData() } })
    expect((await visit(shop, undefined)).opened).toEqual({ kind: 'absent' })
  })

  test('claims that stand in their tokens are not kept twice, others are kept', async () => {
    const shop = workshop()
    const claims = { sub: 'alice', groups: Array.from({ length: 50 }, (_, index) => `group-${index}`) }
    const token = signJwt({ alg: 'HS256' }, claims, createSecretKey(Buffer.from('k')))
    for (const accessTokenClaims of [claims, { ...claims, sub: 'renamed' }]) {
      const data = sessionData({ tokens: { access_token: token, id_token: token }, accessTokenClaims, idTokenClaims: claims })
      const cookies = await logIn(shop, data)
      expect((await visit(shop, cookies)).opened).toMatchObject({ kind: 'open', session: { data } })
      const plain = await logIn(shop, sessionData({ tokens: { access_token: token, id_token: token } }))
      if (accessTokenClaims === claims) expect(String(cookies.field).length - String(plain.field).length).toBeLessThan(100)
    }
  })

  test('a session in use is opened again without change, and ends all the same', async () => {
    const shop = workshop()
    const cookies = await logIn(shop)
    const [first, second] = [(await visit(shop, cookies)).opened, (await visit(shop, cookies)).opened]
    expect(second).toEqual(first)
    shop.clock.forward(900)
    expect((await visit(shop, cookies)).opened.kind).toBe('absent')
  })

  test('G-119: any changed, missing or further character of the cookie makes it nobody’s', async () => {
    const shop = workshop()
    const cookies = await logIn(shop)
    const value = cookies.values.get('session') as string
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let index = 0; index < value.length; index += 1) {
      const other = alphabet[(alphabet.indexOf(value[index] as string) + 1) % 64] as string
      const { opened } = await visit(shop, `session=${value.slice(0, index)}${other}${value.slice(index + 1)}`)
      expect(opened, `character ${index}`).toEqual({ kind: 'absent', reason: 'session_invalid' })
    }
    for (const broken of [value.slice(0, -1), value.slice(1), `${value}A`, '', 'A'.repeat(110), value.slice(0, 109), `"${value}"`]) {
      expect((await visit(shop, `session=${broken}`)).opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
    }
  })

  test('another secret, cookie name or issuer opens nothing (G-121)', async () => {
    const transport = {}
    const cookies = await logIn(workshop({}, { transport }))
    const value = cookies.values.get('session') as string
    for (const settings of [{ session_secret: 'quite another secret' }, { issuer: 'https://other.example' }, { client_id: ['stranger'] }]) {
      const { opened } = await visit(workshop(settings, { transport }), cookies)
      expect(opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
    }
    const { opened } = await visit(workshop({ session_cookie_name: 'other' }, { transport }), `other=${value}`)
    expect(opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
    expect((await visit(workshop({}, { transport }), cookies)).opened.kind).toBe('open')
    // an instance with only `session` has no client of its own
    expect((await visit(workshop({ client_id: null }, { transport }), cookies)).opened.kind).toBe('open')
  })

  test('several audiences share one cookie, and each sees its own', async () => {
    const transport = {}
    const orders = workshop({ session_audience: 'orders' }, { transport })
    const billing = workshop({ session_audience: 'billing' }, { transport })
    const cookies = await logIn(orders)
    expect((await visit(billing, cookies)).opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
    const { exchange } = await visit(billing, cookies)
    await billing.sessions.save(exchange, sessionData({ subject: 'bob' }))
    cookies.take(exchange)
    expect((await visit(orders, cookies)).opened).toMatchObject({ session: { data: { subject: 'alice' } } })
    const { exchange: leaving, opened } = await visit(billing, cookies)
    expect(opened).toMatchObject({ session: { data: { subject: 'bob' } } })
    await billing.sessions.destroy(leaving, undefined)
    cookies.take(leaving)
    expect((await visit(billing, cookies)).opened.kind).toBe('absent')
    expect((await visit(orders, cookies)).opened.kind).toBe('open')
  })

  test('session_enforce_same_subject: another subject’s data leaves the cookie', async () => {
    const transport = {}
    const orders = workshop({ session_audience: 'orders' }, { transport })
    const billing = workshop({ session_audience: 'billing', session_enforce_same_subject: true }, { transport })
    const cookies = await logIn(orders)
    const { exchange } = await visit(billing, cookies)
    await billing.sessions.save(exchange, sessionData({ subject: 'bob' }))
    expect((await visit(orders, cookies.take(exchange))).opened.kind).toBe('absent')
  })

  test('G-118: a login gets a new id, and the presented one is given up', async () => {
    const shop = workshop()
    const planted = await logIn(shop, sessionData({ subject: 'mallory' }))
    const before = (await visit(shop, planted)).opened
    const { exchange } = await visit(shop, planted)
    await shop.sessions.save(exchange, sessionData())
    const after = (await visit(shop, new Cookies().take(exchange))).opened
    expect(after).toMatchObject({ session: { data: { subject: 'alice' } } })
    if (before.kind !== 'open' || after.kind !== 'open') throw new Error('not open')
    expect(after.session.id).not.toBe(before.session.id)
    expect(after.session.id).toMatch(/^[\w-]{43}$/)
    if (kind === 'memory') expect((await visit(shop, planted)).opened.kind).toBe('absent')
  })

  test('G-144: after destroying it the cookie is cleared, and what a server kept is gone', async () => {
    const shop = workshop()
    const cookies = await logIn(shop)
    const copy = cookies.field
    const { exchange, opened } = await visit(shop, cookies)
    await shop.sessions.destroy(exchange, opened.kind === 'open' ? opened.session : undefined)
    expect(setCookies(exchange)).toEqual(['session=; Path=/; SameSite=Lax; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0'])
    expect(cookies.take(exchange).field).toBeUndefined()
    // cookie storage cannot revoke: the copy lives until its timeouts, as with Kong
    expect((await visit(shop, copy)).opened.kind).toBe(kind === 'memory' ? 'absent' : 'open')
  })

  describe('timeouts', () => {
    test.for([
      { limit: 'session_idling_timeout', after: 900, reason: 'session_expired_idle' },
      { limit: 'session_rolling_timeout', after: 3600, reason: 'session_expired_rolling' },
      { limit: 'session_absolute_timeout', after: 86_400, reason: 'session_expired_absolute' },
    ])('$limit ends it after $after s, not before', async ({ limit, after, reason }) => {
      const off = { session_idling_timeout: 0, session_rolling_timeout: 0, session_absolute_timeout: 0 }
      const shop = workshop({ ...off, [limit]: after })
      const cookies = await logIn(shop)
      shop.clock.forward(after - 1)
      expect((await visit(shop, cookies)).opened.kind).toBe('open')
      shop.clock.forward(1)
      const { opened } = await visit(shop, cookies)
      expect(opened.kind).toBe('absent')
      // a store forgets by its TTL, which is the same moment
      expect(['session_invalid', reason]).toContain(opened.kind === 'absent' && opened.reason)
    })

    test('all three may be off', async () => {
      const shop = workshop({ session_idling_timeout: 0, session_rolling_timeout: 0, session_absolute_timeout: 0 })
      const cookies = await logIn(shop)
      shop.clock.forward(400 * 86_400)
      const { opened } = await visit(shop, cookies)
      expect(opened.kind).toBe('open')
      expect(opened.kind === 'open' && shop.sessions.timeouts(opened.session)).toEqual({})
    })

    test('a use within a minute sets no cookie, a later one stamps the same session', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      shop.clock.forward(60)
      const early = await visit(shop, cookies)
      if (early.opened.kind !== 'open') throw new Error('not open')
      await shop.sessions.touch(early.exchange, early.opened.session)
      expect(setCookies(early.exchange)).toEqual([])
      shop.clock.forward(1)
      const later = await visit(shop, cookies)
      if (later.opened.kind !== 'open') throw new Error('not open')
      const touched = await shop.sessions.touch(later.exchange, later.opened.session)
      expect(setCookies(later.exchange)).toHaveLength(1)
      expect(touched.id).toBe(early.opened.session.id)
      cookies.take(later.exchange)
      shop.clock.forward(899)
      expect((await visit(shop, cookies)).opened.kind).toBe('open')
    })

    test('after three quarters of a generation it is saved anew, with a new id and the old beginning', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const begun = shop.clock.ms / 1000
      for (const step of [800, 800, 800, 301]) {
        shop.clock.forward(step)
        const { exchange, opened } = await visit(shop, cookies)
        if (opened.kind !== 'open') throw new Error('not open')
        const touched = await shop.sessions.touch(exchange, opened.session)
        cookies.take(exchange)
        expect(touched.createdAt).toBe(begun)
        expect(touched.id === opened.session.id).toBe(step !== 301)
        expect(touched.rolledAt).toBe(step === 301 ? begun + 2701 : begun)
      }
    })

    test('the absolute limit cannot be extended by use', async () => {
      const shop = workshop({ session_absolute_timeout: 5000 })
      const cookies = await logIn(shop)
      for (let used = 0; used < 4800; used += 800) {
        shop.clock.forward(800)
        const { exchange, opened } = await visit(shop, cookies)
        if (opened.kind !== 'open') throw new Error('not open')
        await shop.sessions.touch(exchange, opened.session)
        cookies.take(exchange)
      }
      shop.clock.forward(199)
      expect((await visit(shop, cookies)).opened.kind).toBe('open')
      shop.clock.forward(1)
      expect((await visit(shop, cookies)).opened.kind).toBe('absent')
    })

    test('what is left is told in seconds', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      shop.clock.forward(100)
      const { opened } = await visit(shop, cookies)
      expect(opened.kind === 'open' && shop.sessions.timeouts(opened.session)).toEqual({ idling: 800, rolling: 3500, absolute: 86_300 })
    })
  })

  describe('session_bind', () => {
    test.for([
      { bind: 'ip', change: { remoteAddress: '127.0.0.2' } },
      { bind: 'scheme', change: { scheme: 'https' } },
      { bind: 'user-agent', change: { userAgent: 'another' } },
    ] as const)('$bind: the cookie is worth nothing elsewhere', async ({ bind, change }) => {
      const facts = { remoteAddress: '127.0.0.1', userAgent: 'one' }
      const shop = workshop({ session_bind: [bind] })
      const cookies = await logIn(shop, sessionData(), facts)
      expect((await visit(shop, cookies, facts)).opened.kind).toBe('open')
      expect((await visit(shop, cookies, { ...facts, ...change })).opened.kind).toBe('absent')
      const unbound = workshop()
      const free = await logIn(unbound, sessionData(), facts)
      expect((await visit(unbound, free, { ...facts, ...change })).opened.kind).toBe('open')
    })
  })

  describe('renewal', () => {
    const renewed = { kind: 'data', data: sessionData({ tokens: { access_token: 'at-2', refresh_token: 'rt-2' } }) } as const

    const open = async (shop: ReturnType<typeof workshop>, cookies: Cookies) => {
      const { exchange, opened } = await visit(shop, cookies)
      if (opened.kind !== 'open') throw new Error('not open')
      return { exchange, session: opened.session }
    }

    test('G-140: runs once for all who ask at the same time, and all get the new cookie', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const requests = await Promise.all(Array.from({ length: 50 }, () => open(shop, cookies)))
      let runs = 0
      const work = async () => {
        runs += 1
        await new Promise((resolve) => setImmediate(resolve))
        return renewed
      }
      const results = await Promise.all(requests.map(({ exchange, session }) => shop.sessions.renew(exchange, session, work)))
      expect(runs).toBe(1)
      expect(new Set(results.map((result) => result.kind === 'renewed' && result.session.id)).size).toBe(1)
      for (const { exchange } of requests) {
        const { opened } = await visit(shop, new Cookies().take(exchange))
        expect(opened).toMatchObject({ kind: 'open', session: { data: { tokens: { access_token: 'at-2' } } } })
      }
    })

    test('U24: what was renewed is saved at once, under a new id', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const { exchange, session } = await open(shop, cookies)
      const result = await shop.sessions.renew(exchange, session, async () => renewed)
      expect(result).toMatchObject({ kind: 'renewed', session: { data: renewed.data, createdAt: session.createdAt } })
      const opened = await open(shop, new Cookies().take(exchange))
      expect(result.kind === 'renewed' && result.session.id).toBe(opened.session.id)
      expect(opened.session.id).not.toBe(session.id)
    })

    test('who comes with the old cookie within ten seconds gets the new session, later not', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const early = await open(shop, cookies)
      const late = await open(shop, cookies)
      await shop.sessions.renew(early.exchange, early.session, async () => renewed)
      const fail = async () => Promise.reject(new Error('a second run'))
      shop.clock.forward(9)
      expect(await shop.sessions.renew(late.exchange, late.session, fail)).toMatchObject({ kind: 'renewed' })
      shop.clock.forward(1)
      const { opened } = await visit(shop, cookies)
      // with cookie storage the old cookie still opens: only its refresh token is spent
      expect(opened.kind).toBe(kind === 'memory' ? 'absent' : 'open')
    })

    test('a refusal is everybody’s after one run, and changes nothing', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const requests = await Promise.all([open(shop, cookies), open(shop, cookies)])
      let runs = 0
      const refuse = async () => {
        runs += 1
        await new Promise((resolve) => setImmediate(resolve))
        return { kind: 'refused', reason: 'refresh_failed' } as const
      }
      const results = await Promise.all(requests.map(({ exchange, session }) => shop.sessions.renew(exchange, session, refuse)))
      expect(results).toEqual(Array(2).fill({ kind: 'refused', reason: 'refresh_failed' }))
      expect(runs).toBe(1)
      expect((await open(shop, cookies)).session.data.tokens.access_token).toBe('at-1')
    })

    test('work that throws leaves the way free for the next', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const { exchange, session } = await open(shop, cookies)
      await expect(shop.sessions.renew(exchange, session, () => Promise.reject(new Error('bug')))).rejects.toThrow('bug')
      expect(await shop.sessions.renew(exchange, session, async () => renewed)).toMatchObject({ kind: 'renewed' })
    })

    test('a new generation of the same tokens does not pass for a renewal', async () => {
      const shop = workshop({ session_idling_timeout: 0 })
      const cookies = await logIn(shop)
      shop.clock.forward(2701)
      const [one, other] = [await open(shop, cookies), await open(shop, cookies)]
      const touched = await shop.sessions.touch(one.exchange, one.session)
      expect(touched.id).not.toBe(one.session.id)
      let runs = 0
      await shop.sessions.renew(other.exchange, other.session, async (current) => {
        runs += 1
        expect(current.id).toBe(touched.id)
        return renewed
      })
      expect(runs).toBe(1)
      expect((await open(shop, new Cookies().take(other.exchange))).session.createdAt).toBe(touched.createdAt)
    })

    test('G-144: a session destroyed meanwhile does not come back', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const [refreshing, leaving] = [await open(shop, cookies), await open(shop, cookies)]
      const result = await shop.sessions.renew(refreshing.exchange, refreshing.session, async () => {
        await shop.sessions.destroy(leaving.exchange, leaving.session)
        return renewed
      })
      // a cookie cannot be revoked; what a server keeps can
      expect(result.kind).toBe(kind === 'memory' ? 'refused' : 'renewed')
    })

    test('a destroyed session is not handed to stragglers', async () => {
      const shop = workshop()
      const cookies = await logIn(shop)
      const [first, straggler] = [await open(shop, cookies), await open(shop, cookies)]
      await shop.sessions.renew(first.exchange, first.session, async () => renewed)
      const leaving = await open(shop, new Cookies().take(first.exchange))
      await shop.sessions.destroy(leaving.exchange, leaving.session)
      const refuse = async () => ({ kind: 'refused', reason: 'refresh_failed' }) as const
      expect((await shop.sessions.renew(straggler.exchange, straggler.session, refuse)).kind).toBe('refused')
      if (kind === 'memory') expect((await visit(shop, cookies)).opened.kind).toBe('absent')
    })
  })

  describe('the remember cookie', () => {
    const forget = (cookies: Cookies) => {
      for (const name of cookies.values.keys()) if (name.startsWith('session')) cookies.values.delete(name)
      return cookies
    }

    test('rebuilds a session that is gone, and is renewed itself', async () => {
      const shop = workshop({ session_remember: true })
      const cookies = await logIn(shop)
      const first = cookies.values.get('remember')
      shop.clock.forward(5 * 86_400)
      const { exchange, opened } = await visit(shop, cookies)
      expect(opened).toMatchObject({ kind: 'open', session: { data: sessionData(), createdAt: shop.clock.ms / 1000 } })
      const set = setCookies(exchange)
      expect(set.find((cookie) => cookie.startsWith('remember='))).toMatch(
        /; Path=\/; SameSite=Lax; HttpOnly; Expires=[A-Z][a-z]{2}, .* GMT; Max-Age=604800$/,
      )
      expect(cookies.take(exchange).values.get('remember')).not.toBe(first)
      expect((await visit(shop, forget(cookies))).opened.kind).toBe('open')
    })

    test('ends by its own rolling and absolute limits', async () => {
      const shop = workshop({ session_remember: true })
      const cookies = await logIn(shop)
      shop.clock.forward(7 * 86_400)
      expect((await visit(shop, cookies)).opened.kind).toBe('absent')
      const old = await logIn(shop)
      for (let week = 0; week < 4; week += 1) {
        shop.clock.forward(7 * 86_400 - 1)
        const { exchange, opened } = await visit(shop, old)
        expect(opened.kind).toBe('open')
        old.take(exchange)
      }
      shop.clock.forward(3 * 86_400)
      expect((await visit(shop, forget(old))).opened.kind).toBe('absent')
    })

    test('goes with the session, and is not there unless asked for', async () => {
      const shop = workshop({ session_remember: true })
      const cookies = await logIn(shop)
      const { exchange } = await visit(shop, cookies)
      await shop.sessions.destroy(exchange, undefined)
      expect(cookies.take(exchange).field).toBeUndefined()
      expect((await logIn(workshop())).values.has('remember')).toBe(false)
    })

    test('is no session cookie', async () => {
      const shop = workshop({ session_remember: true })
      const cookies = await logIn(shop)
      expect((await visit(shop, `session=${cookies.values.get('remember')}`)).opened.kind).toBe('absent')
      expect((await visit(shop, `remember=${cookies.values.get('session')}`)).opened.kind).toBe('absent')
    })
  })
})

test('without session_secret a random one is used, and one line says so (G-133)', async () => {
  const shop = createWorkshop({ session_secret: null })
  expect(shop.log).toEqual([expect.stringMatching(/^warn: \[openid-connect\] session_secret is not set/)])
  const cookies = await logIn(shop)
  expect((await visit(shop, cookies)).opened.kind).toBe('open')
  expect((await visit(createWorkshop({ session_secret: null }), cookies)).opened.kind).toBe('absent')
  expect(createWorkshop({ session_secret: 'short' }).log).toEqual([expect.stringContaining('has only 5 bytes')])
  expect(createWorkshop().log).toEqual([])
})

test('memcached is not imitated, and says so', async () => {
  const shop = createWorkshop({ session_storage: 'memcached' })
  expect(shop.log).toEqual([expect.stringContaining('memcached is not imitated')])
  expect((await visit(shop, await logIn(shop))).opened.kind).toBe('open')
})

test('a memory of sessions outlives the publication of a new document', async () => {
  const [transport, clock] = [{}, createClock()]
  const options = { transport, clock, sessionStore: 'memory' } as const
  const before = createWorkshop({}, options)
  const cookies = await logIn(before)
  await before.sessions.close()
  expect((await visit(createWorkshop({}, options), cookies)).opened.kind).toBe('open')
})
