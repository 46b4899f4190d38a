import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openIdConnectFields } from '../../src/kong/openid-connect/fields.js'
import type { Redis as RedisConfig } from '../../src/kong/openid-connect/records.js'
import { findProgram } from '../support/programs.js'

export interface RedisServer {
  readonly port: number
  readonly pid: number
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>
}

/** A free port of loopback below the ephemeral range, so that no outgoing connection takes it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (isFree) {
      await new Promise((resolve) => server.close(resolve))
      return port
    }
  }
}

/** Starts a redis-server of our own without persistence; resolves when it accepts connections. */
export async function startRedis(
  args: readonly string[] = [],
  options: { readonly port?: number; readonly sentinelConfig?: string } = {},
): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-redis-'))
  const listening = args.includes('--port') ? [] : ['--port', String(port)]
  const own = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no']
  const child = spawn(
    findProgram('redis-server') ?? 'redis-server',
    options.sentinelConfig === undefined ? [...listening, ...own, ...args] : [options.sentinelConfig, '--sentinel'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  let said = ''
  await Promise.race([
    new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (/Ready to accept connections|Sentinel ID is/.test(said)) resolve()
      }),
    ),
    ended.then(() => Promise.reject(new Error(`redis-server ended at once: ${said}`))),
  ])
  return {
    port,
    pid: child.pid as number,
    async kill() {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The `redis` record of a configuration, with Kong's defaults. */
export const redisConfig = (settings: Partial<RedisConfig>): RedisConfig =>
  ({ ...openIdConnectFields('3.15').fields.get('redis')?.record?.defaults, ...settings }) as RedisConfig

/** Waits until something holds; for things another process does. */
export async function eventually(check: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  for (let waited = 0; waited < timeoutMs; waited += 50) {
    if (await check()) return
    await sleep(50)
  }
  throw new Error('it never came true')
}
