import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { redisConfig, startRedis, type RedisServer } from '../contracts/redis-server.js'
import { createWorkshop, logIn, sessionData, visit, type Workshop } from '../gateway/openid-connect/session/browser.js'
import { cookieNames, startCodeFlow } from '../gateway/openid-connect/code-flow/signing-in.js'
import { describeWithPrograms } from '../support/programs.js'

describeWithPrograms('sessions in Redis (section 5.6)', ['redis-server'], () => {
  let server: RedisServer
  let plain: Redis
  beforeAll(async () => {
    server = await startRedis()
    plain = new Redis({ port: server.port, host: '127.0.0.1' })
  })
  afterAll(async () => {
    plain.disconnect()
    await server.kill()
  })
  const settings = (over = {}) => ({ session_storage: 'redis' as const, redis: redisConfig({ port: server.port, ...over }) })
  const workshop = (over: Parameters<typeof createWorkshop>[0] = {}, options: Parameters<typeof createWorkshop>[1] = {}): Workshop => {
    const shop = createWorkshop({ ...settings(), ...over }, options)
    onTestFinished(() => shop.sessions.close())
    return shop
  }
  const keys = async () => (await plain.keys('session:*')).filter((key) => !key.includes(':alice'))

  test('a cookie of 110 characters, one key whose TTL is the rolling timeout, nothing readable in it', async () => {
    await plain.flushall()
    const shop = workshop({ session_rolling_timeout: 3600, session_absolute_timeout: 86_400 })
    const cookies = await logIn(shop, sessionData({ tokens: { access_token: 'very-secret-token' } }))
    expect(cookies.values.get('session')).toHaveLength(110)
    const [key = ''] = await keys()
    const { opened } = await visit(shop, cookies)
    expect(key).toBe(`session:${opened.kind === 'open' && opened.session.id}`)
    expect(await plain.ttl(key)).toBe(3600)
    expect((await plain.getBuffer(key))?.toString('latin1')).not.toMatch(/very-secret|alice|tokens/)
    const short = workshop({ session_absolute_timeout: 100 })
    await plain.flushall()
    await logIn(short)
    expect(await plain.ttl((await keys())[0] ?? '')).toBe(100)
  })

  test('the key deleted: the session is over, and a login begins', async () => {
    const flow = await startCodeFlow({ config: settings() })
    await plain.flushall()
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    expect((await browser.open('/anything')).status).toBe(200)
    await plain.del(...(await keys()))
    expect((await browser.open('/anything')).status).toBe(302)
  })

  test('G-131: data moved to another session’s key opens nothing', async () => {
    await plain.flushall()
    const shop = workshop()
    const [alice, bob] = [await logIn(shop), await logIn(shop, sessionData({ subject: 'bob' }))]
    const [one = '', other = ''] = await keys()
    const [first, second] = [await plain.getBuffer(one), await plain.getBuffer(other)]
    await plain.set(one, second ?? '')
    await plain.set(other, first ?? '')
    for (const cookies of [alice, bob]) expect((await visit(shop, cookies)).opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
  })

  test.for([
    ['truncated', (data: Buffer) => data.subarray(0, 20)],
    ['changed', (data: Buffer) => Buffer.concat([data.subarray(0, -1), Buffer.of((data.at(-1) ?? 0) ^ 1)])],
    ['empty', () => Buffer.alloc(0)],
    ['another kind', (data: Buffer) => Buffer.concat([Buffer.of(1), data.subarray(1)])],
  ] as const)('F-19: an entry that is %s counts as none', async ([, change]) => {
    await plain.flushall()
    const shop = workshop()
    const cookies = await logIn(shop)
    const [key = ''] = await keys()
    await plain.set(key, change((await plain.getBuffer(key)) as Buffer))
    expect((await visit(shop, cookies)).opened).toEqual({ kind: 'absent', reason: 'session_invalid' })
  })

  test('F-19: an entry of another type is an answer that cannot be used: undetermined', async () => {
    await plain.flushall()
    const shop = workshop()
    const cookies = await logIn(shop)
    const [key = ''] = await keys()
    await plain.del(key)
    await plain.lpush(key, 'x')
    expect((await visit(shop, cookies)).opened).toMatchObject({ kind: 'undetermined', reason: 'session_store_down' })
  })

  test('session_hash_storage_key: the key in the store is not the id', async () => {
    await plain.flushall()
    const shop = workshop({ session_hash_storage_key: true })
    const cookies = await logIn(shop)
    const { opened } = await visit(shop, cookies)
    expect(opened.kind).toBe('open')
    expect((await keys())[0]).not.toContain(opened.kind === 'open' ? opened.session.id : '')
  })

  test.for([false, true])('session_store_metadata keeps an index of live sessions a subject; hashed: %s', async (session_hash_subject) => {
    await plain.flushall()
    const shop = workshop({ session_store_metadata: true, session_hash_subject })
    const [one, two] = [await logIn(shop), await logIn(shop)]
    const sets = (await plain.keys('session:*')).filter((key) => key.split(':').length === 3)
    expect(sets).toEqual([session_hash_subject ? expect.not.stringContaining('alice') : 'session:ZGVmYXVsdA:alice'])
    expect(await plain.zcard(sets[0] ?? '')).toBe(2)
    const { exchange, opened } = await visit(shop, one)
    await shop.sessions.destroy(exchange, opened.kind === 'open' ? opened.session : undefined)
    expect(await plain.zcard(sets[0] ?? '')).toBe(1)
    expect((await visit(shop, two)).opened.kind).toBe('open')
  })

  test('a renewed id leads to the new one for ten seconds', async () => {
    await plain.flushall()
    const shop = workshop({ session_idling_timeout: 0 })
    const cookies = await logIn(shop)
    const old = cookies.field
    shop.clock.forward(2701)
    const { exchange, opened } = await visit(shop, cookies)
    if (opened.kind !== 'open') throw new Error('not open')
    const touched = await shop.sessions.touch(exchange, opened.session)
    expect(await plain.ttl(`session:${opened.session.id}`)).toBe(10)
    const late = await visit(shop, old)
    expect(late.opened).toMatchObject({ kind: 'open', session: { id: touched.id } })
    expect(late.exchange.downstream.get('set-cookie')).toHaveLength(1)
  })

  test('G-140, F-44: fifty requests through two gateways: one refresh', async () => {
    await plain.flushall()
    const [here, there] = [workshop(), workshop()]
    there.clock.ms = here.clock.ms
    const cookies = await logIn(here)
    let runs = 0
    const renewed = { kind: 'data', data: sessionData({ tokens: { access_token: 'at-2', refresh_token: 'rt-2' } }) } as const
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const shop = index % 2 ? here : there
        const { exchange, opened } = await visit(shop, cookies)
        if (opened.kind !== 'open') throw new Error('not open')
        if (opened.session.data.tokens.access_token === 'at-2') return opened.session.id
        const renewal = await shop.sessions.renew(exchange, opened.session, async (current) => {
          runs += 1
          expect(current.data.tokens.refresh_token).toBe('rt-1')
          await new Promise((resolve) => setTimeout(resolve, 100))
          return renewed
        })
        return renewal.kind === 'renewed' && renewal.session.id
      }),
    )
    expect(runs).toBe(1)
    expect(new Set(answers).size).toBe(1)
  })

  test('G-141: the lease outlives a slow token endpoint, and a dead holder gives way', async () => {
    await plain.flushall()
    const [slow, other] = [workshop({ timeout: 10_000 }), workshop({ timeout: 10_000 })]
    const cookies = await logIn(slow)
    const held = await visit(slow, cookies)
    if (held.opened.kind !== 'open') throw new Error('not open')
    // the holder dies in the middle: its work never ends
    void slow.sessions.renew(held.exchange, held.opened.session, () => new Promise(() => undefined))
    const lease = await expect
      .poll(async () => (await plain.keys('lease:renewal:*'))[0])
      .toBeDefined()
      .then(async () => (await plain.keys('lease:renewal:*'))[0] ?? '')
    expect(await plain.pttl(lease)).toBeGreaterThan(14_000)
    const waiting = await visit(other, cookies)
    if (waiting.opened.kind !== 'open') throw new Error('not open')
    let ran = false
    const renewal = other.sessions.renew(waiting.exchange, waiting.opened.session, async () => {
      ran = true
      return { kind: 'data', data: sessionData({ tokens: { access_token: 'at-2' } }) }
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(ran).toBe(false)
    await plain.pexpire(lease, 1) // its end comes
    expect(await renewal).toMatchObject({ kind: 'renewed' })
  })

  test('logout in one gateway is logout in the other, at once (G-144)', async () => {
    await plain.flushall()
    const [here, there] = [workshop(), workshop()]
    const cookies = await logIn(here)
    expect((await visit(there, cookies)).opened.kind).toBe('open')
    const { exchange, opened } = await visit(here, cookies)
    await here.sessions.destroy(exchange, opened.kind === 'open' ? opened.session : undefined)
    expect((await visit(there, cookies)).opened.kind).toBe('absent')
    expect(await keys()).toEqual([])
  })

  test('F-14, F-15: Redis down: 503, the cookie is kept, nothing reaches the upstream; back again, the same cookie works', async () => {
    const own = await startRedis()
    const flow = await startCodeFlow({
      config: {
        ...settings(),
        redis: redisConfig({ port: own.port }),
        auth_methods: ['session', 'authorization_code', 'bearer'],
        disable_session: ['bearer'],
      },
    })
    const browser = flow.newBrowser()
    await flow.signIn(browser)
    process.kill(own.pid, 'SIGSTOP')
    const answer = await browser.open('/anything')
    expect(answer).toMatchObject({
      status: 503,
      body: '{"message":"An unexpected error occurred"}',
      upstream: undefined,
      trace: { reason: 'session_store_down' },
    })
    expect(cookieNames(answer)).toEqual([])
    expect((await flow.ask({ bearer: flow.provider.token() })).status).toBe(200)
    process.kill(own.pid, 'SIGCONT')
    await expect.poll(async () => (await browser.open('/anything')).status, { timeout: 5000 }).toBe(200)
    await own.kill()
    expect((await browser.open('/anything')).status).toBe(503)
    // a login that could not be kept is refused, not repeated for ever
    const stranger = flow.newBrowser()
    expect(await flow.signIn(stranger)).toMatchObject({ status: 503, upstream: undefined })
    expect(stranger.cookies.has('session')).toBe(false)
    expect((await flow.newBrowser().open('/anything')).status).toBe(302)
  })

  test('G-175: browsers that only begin a login leave nothing behind', async () => {
    await plain.flushall()
    const flow = await startCodeFlow({ config: settings() })
    for (let round = 0; round < 20; round += 1) await flow.newBrowser().open('/anything')
    expect(await plain.dbsize()).toBe(0)
    await flow.signIn(flow.newBrowser())
    for (const key of await plain.keys('*')) expect(await plain.ttl(key)).toBeGreaterThan(0)
  })
})
