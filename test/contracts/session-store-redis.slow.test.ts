import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createRedisStore } from '../../src/gateway/plugins/openid-connect/session/redis-store.js'
import type { Redis as RedisConfig } from '../../src/kong/openid-connect/records.js'
import { describeWithPrograms, findProgram } from '../support/programs.js'
import { eventually, freePort, redisConfig, startRedis, type RedisServer } from './redis-server.js'
import { sessionStoreContract } from './session-store.js'

const log: string[] = []
const open = (settings: Partial<RedisConfig>) =>
  createRedisStore(redisConfig(settings), { now: Date.now, random: randomBytes, log: (level, line) => void log.push(`${level}: ${line}`) })
const forward = (seconds: number) => sleep(seconds * 1000 + 50)
const key = () => `session:${randomBytes(32).toString('base64url')}`
const folder = mkdtempSync(join(tmpdir(), 'oidcgw-redis-'))
const servers: RedisServer[] = []
const start = async (...given: Parameters<typeof startRedis>) => {
  const server = await startRedis(...given)
  servers.push(server)
  return server
}
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill().catch(() => undefined)))
  rmSync(folder, { recursive: true, force: true })
})

describeWithPrograms('the redis store behind Sentinel', ['redis-server', 'redis-cli'], () => {
  let settings: Partial<RedisConfig>
  let master: RedisServer
  beforeAll(async () => {
    const secrets = ['--requirepass', 'data-secret', '--masterauth', 'data-secret']
    master = await start(secrets)
    await start([...secrets, '--replicaof', '127.0.0.1', String(master.port)])
    const port = await freePort()
    const conf = join(folder, 'sentinel.conf')
    writeFileSync(
      conf,
      [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        'requirepass sentinel-secret',
        `sentinel monitor sessions 127.0.0.1 ${master.port} 1`,
        'sentinel auth-pass sessions data-secret',
        'sentinel down-after-milliseconds sessions 500',
        'sentinel failover-timeout sessions 2000',
      ].join('\n'),
    )
    await start([], { port, sentinelConfig: conf })
    settings = {
      sentinel_master: 'sessions',
      sentinel_nodes: [{ host: '127.0.0.1', port }],
      sentinel_role: 'master',
      sentinel_password: 'sentinel-secret',
      password: 'data-secret',
    }
    await eventually(async () => /slaves=1/.test(redisCli(port, ['-a', 'sentinel-secret', 'info', 'sentinel'])))
  })

  describe('keeps the contract', () => {
    sessionStoreContract(async () => ({ store: open(settings), second: () => open(settings), forward }))
  })

  test('a wrong Sentinel password or name is one failure, not a wait for ever', async () => {
    for (const wrong of [{ sentinel_password: 'wrong-secret' }, { sentinel_master: 'nobody' }]) {
      const store = open({ ...settings, ...wrong })
      onTestFinished(() => store.close())
      const started = performance.now()
      await expect(store.load(key())).rejects.toMatchObject({ code: 'ERR_STORE', message: expect.not.stringContaining('secret') })
      expect(performance.now() - started).toBeLessThan(5000)
    }
    expect(log.join('\n')).not.toMatch(/secret/)
  })

  test('a Sentinel that never answers gives way to the next', async () => {
    const mute = createServer((socket) => void socket.resume())
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void mute.close())
    const nodes = [{ host: '127.0.0.1', port: (mute.address() as AddressInfo).port }, ...(settings.sentinel_nodes ?? [])]
    const store = open({ ...settings, read_timeout: 300, sentinel_nodes: nodes })
    onTestFinished(() => store.close())
    await eventually(async () => (await store.load(key()).catch(() => 'down')) === undefined)
  })

  test('F-21: after a failover the session is still there', async () => {
    const store = open(settings)
    onTestFinished(() => store.close())
    const handle = await store.save(key(), Buffer.from('x'), 600)
    await sleep(200) // the replica has it
    await master.kill()
    await eventually(async () => (await store.load(handle).catch(() => undefined))?.toString() === 'x', 20_000)
    await eventually(async () => (await store.save(key(), Buffer.from('y'), 600).catch(() => undefined)) !== undefined, 20_000)
  })
})

describeWithPrograms('the redis store on a Cluster', ['redis-server', 'redis-cli'], () => {
  let settings: Partial<RedisConfig>
  let nodes: readonly RedisServer[]
  beforeAll(async () => {
    nodes = await Promise.all(
      [0, 1].map(async (index) =>
        start(['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${index}.conf`, '--requirepass', 'cluster-secret']),
      ),
    )
    const [one, two] = nodes as [RedisServer, RedisServer]
    const cli = (server: RedisServer, ...args: string[]) => redisCli(server.port, ['-a', 'cluster-secret', 'cluster', ...args])
    cli(one, 'addslotsrange', '0', '8191')
    cli(two, 'addslotsrange', '8192', '16383')
    cli(one, 'meet', '127.0.0.1', String(two.port))
    await eventually(async () => nodes.every((node) => /cluster_state:ok/.test(cli(node, 'info'))), 20_000)
    // only one of them is told: the other is found
    settings = { cluster_nodes: [{ ip: '127.0.0.1', port: one.port }], password: 'cluster-secret' }
  })

  describe('keeps the contract', () => {
    sessionStoreContract(async () => ({ store: open(settings), second: () => open(settings), forward }))
  })

  test('keys of every slot are found', async () => {
    const store = open(settings)
    onTestFinished(() => store.close())
    const handles = await Promise.all(Array.from({ length: 50 }, () => store.save(key(), Buffer.from('x'), 60)))
    for (const handle of handles) expect(await store.load(handle)).toEqual(Buffer.from('x'))
  })

  test('send_timeout: a node that takes no bytes is asked anew, over another connection', async () => {
    const plain = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1', password: 'cluster-secret' }))
    onTestFinished(() => plain.forEach((redis) => redis.disconnect()))
    const connections = async () => {
      const infos = await Promise.all(plain.map((redis) => redis.info('stats')))
      return infos.reduce((total, info) => total + Number(/total_connections_received:(\d+)/.exec(info)?.[1]), 0)
    }
    const signal = (name: NodeJS.Signals) => nodes.forEach(({ pid }) => process.kill(pid, name))
    for (const [send_timeout, isAnew] of [
      [100, true],
      [5000, false],
    ] as const) {
      const store = open({ ...settings, send_timeout, read_timeout: 10_000 })
      onTestFinished(() => store.close())
      await Promise.all(Array.from({ length: 20 }, () => store.save(key(), Buffer.from('x'), 60)))
      const before = await connections()
      signal('SIGSTOP')
      const saving = store.save(key(), Buffer.alloc(30_000_000), 60)
      await sleep(500)
      signal('SIGCONT')
      await saving
      expect((await connections()) > before, `after ${send_timeout} ms`).toBe(isAnew)
    }
  })

  test('a cluster that is not there is ERR_STORE, not a wait for ever', async () => {
    const store = open({ cluster_nodes: [{ ip: '127.0.0.1', port: await freePort() }] })
    onTestFinished(() => store.close())
    const started = performance.now()
    await expect(store.load(key())).rejects.toMatchObject({ code: 'ERR_STORE' })
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describeWithPrograms('the redis store over TLS', ['redis-server', 'openssl'], () => {
  let port: number
  beforeAll(async () => {
    const [cert, certKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=redis.example'
    const where = ['-addext', 'subjectAltName=DNS:redis.example', '-keyout', certKey, '-out', cert]
    execFileSync(findProgram('openssl') ?? 'openssl', [...request.split(' '), ...where], { stdio: 'ignore' })
    port = await freePort()
    await start(
      ['--port', '0', '--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', certKey, '--tls-auth-clients', 'no'],
      {
        port,
      },
    )
  })

  test('works with ssl; a certificate nobody vouches for is refused unless ssl_verify is off', async () => {
    const store = open({ port, ssl: true, ssl_verify: false, server_name: 'redis.example' })
    onTestFinished(() => store.close())
    const handle = await store.save(key(), Buffer.from('x'), 60)
    expect(await store.load(handle)).toEqual(Buffer.from('x'))
    for (const wrong of [{ ssl: true }, { ssl: false }]) {
      const other = open({ port, ...wrong })
      onTestFinished(() => other.close())
      await expect(other.load(handle)).rejects.toMatchObject({ code: 'ERR_STORE' })
    }
  })
})

function redisCli(port: number, args: readonly string[]): string {
  return execFileSync(findProgram('redis-cli') ?? 'redis-cli', ['-p', String(port), '--no-auth-warning', ...args], { encoding: 'utf8' })
}
