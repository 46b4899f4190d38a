import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createRedisStore } from '../../src/gateway/plugins/openid-connect/session/redis-store.js'
import type { Redis as RedisConfig } from '../../src/kong/openid-connect/records.js'
import { describeWithPrograms } from '../support/programs.js'
import { redisConfig, startRedis, type RedisServer } from './redis-server.js'
import { sessionStoreContract } from './session-store.js'

describeWithPrograms('the redis store', ['redis-server'], () => {
  let server: RedisServer
  let plain: Redis
  beforeAll(async () => {
    server = await startRedis(['--requirepass', 'hunter2', '--user', 'kong', 'on', '>acl-secret', '~*', '&*', '+@all'])
    plain = new Redis({ port: server.port, host: '127.0.0.1', password: 'hunter2' })
  })
  afterAll(async () => {
    plain.disconnect()
    await server.kill()
  })

  /** Brings the end of every key nearer; the server has no other clock to move. */
  const forward = async (seconds: number) => {
    for (const name of await plain.keys('*')) {
      const left = await plain.pttl(name)
      if (left > 0) await plain.pexpire(name, left - seconds * 1000)
    }
  }

  const log: string[] = []
  const open = (settings: Partial<RedisConfig> = {}) =>
    createRedisStore(redisConfig({ port: server.port, password: 'hunter2', ...settings }), {
      now: Date.now,
      random: randomBytes,
      log: (level, message) => void log.push(`${level}: ${message}`),
    })
  const opened = (settings: Partial<RedisConfig> = {}) => {
    const store = open(settings)
    onTestFinished(() => store.close())
    return store
  }
  const key = () => `session:${randomBytes(32).toString('base64url')}`

  describe('keeps the contract', () => {
    sessionStoreContract(async () => ({ store: open(), second: () => open(), forward }))
  })

  test('writes `[prefix:]<cookie name>:<id>` with the TTL', async () => {
    const [bare, prefixed] = [key(), key()]
    await opened().save(bare, Buffer.from('x'), 100)
    await opened({ prefix: 'sessions' }).save(prefixed, Buffer.from('x'), 100)
    expect(await plain.ttl(bare)).toBeGreaterThan(98)
    expect(await plain.exists(`sessions:${prefixed}`)).toBe(1)
    expect(await plain.exists(prefixed)).toBe(0)
  })

  test('uses the database it is told', async () => {
    const name = key()
    await opened({ database: 3 }).save(name, Buffer.from('x'), 100)
    expect(await plain.exists(name)).toBe(0)
    await plain.select(3)
    expect(await plain.exists(name)).toBe(1)
    await plain.select(0)
  })

  test('logs in with an ACL user', async () => {
    const store = opened({ username: 'kong', password: 'acl-secret' })
    const handle = await store.save(key(), Buffer.from('x'), 100)
    expect(await store.load(handle)).toEqual(Buffer.from('x'))
  })

  test.for([
    { name: 'a wrong password', settings: { password: 'wrong-and-never-logged' } },
    { name: 'no password', settings: { password: null } },
    { name: 'a wrong user', settings: { username: 'stranger', password: 'acl-secret' } },
  ])('F-22: $name is one clear failure that names no secret', async ({ settings }) => {
    log.length = 0
    const failure = await opened(settings)
      .load(key())
      .then(
        () => undefined,
        (error: unknown) => error as Error & { code: string },
      )
    expect(failure).toMatchObject({ code: 'ERR_STORE', message: expect.stringMatching(/redis could not be asked: .*(NOAUTH|WRONGPASS)/) })
    expect(`${failure?.message} ${log.join(' ')}`).not.toMatch(/never-logged|acl-secret|hunter2/)
  })

  test.for([
    ['a space', 'a b'],
    ['a line end', 'a\r\nDEL x'],
    ['a format', '%s'],
    ['NUL', 'a\0b'],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a wildcard', '*'],
    ['nothing', ''],
  ])('G-130: an id of %s never reaches the server', async ([, id]) => {
    const gets = async () => /cmdstat_get:calls=(\d+)/.exec(await plain.info('commandstats'))?.[1]
    const before = await gets()
    await expect(opened().load(`session:${id}`)).rejects.toThrow(TypeError)
    expect(await gets()).toBe(before)
  })

  test('a server that is not there is ERR_STORE within its timeouts, and the next command tries again', async () => {
    const gone = await startRedis()
    const store = createRedisStore(redisConfig({ port: gone.port }), {
      now: Date.now,
      random: randomBytes,
      log: (_, line) => void log.push(line),
    })
    onTestFinished(() => store.close())
    const handle = await store.save(key(), Buffer.from('x'), 100)
    await gone.kill()
    log.length = 0
    const started = performance.now()
    for (let attempt = 0; attempt < 3; attempt += 1) await expect(store.load(handle)).rejects.toMatchObject({ code: 'ERR_STORE' })
    expect(performance.now() - started).toBeLessThan(6000)
    const again = await startRedis([], { port: gone.port })
    onTestFinished(() => again.kill())
    await expect.poll(() => store.load(handle).catch(() => 'down'), { timeout: 5000 }).toBeUndefined() // restarted empty: no session, no error (F-16)
    expect(log.filter((line) => line.includes('redis:'))).toHaveLength(1)
    expect(log.filter((line) => line.includes('answers again'))).toHaveLength(1)
  })

  test('F-18: a server that answers late is given up after read_timeout, and what it says then is nobody’s (G-131)', async () => {
    const store = opened({ read_timeout: 100 })
    const [mine, yours] = [await store.save(key(), Buffer.from('mine'), 100), await store.save(key(), Buffer.from('yours'), 100)]
    await plain.client('PAUSE', '400', 'ALL')
    await expect(store.load(mine)).rejects.toMatchObject({ code: 'ERR_STORE' })
    await sleep(350)
    expect(await store.load(yours)).toEqual(Buffer.from('yours'))
    expect(await store.load(mine)).toEqual(Buffer.from('mine'))
  })

  test('the index lists live sessions of a group and forgets ended ones', async () => {
    const { index } = opened()
    const now = Date.now() / 1000
    await index?.add('session:ZGVmYXVsdA:alice', 'session:a', now - 5)
    await index?.add('session:ZGVmYXVsdA:alice', 'session:b', now + 60)
    expect(await plain.zrange('session:ZGVmYXVsdA:alice', '0', '-1')).toEqual(['session:b'])
    expect(await plain.ttl('session:ZGVmYXVsdA:alice')).toBeGreaterThan(50)
    await index?.remove('session:ZGVmYXVsdA:alice', 'session:b')
    expect(await plain.exists('session:ZGVmYXVsdA:alice')).toBe(0)
  })
})
