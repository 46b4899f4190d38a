import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { freePort, startRedis } from '../../../contracts/redis-server.js'
import { startFull, startMute } from './mute-server.js'
import type { ServerPlaces } from './server-rows.js'
import type { RedisStageOptions } from './stage.js'

const tlsFile = (name: string) => fileURLToPath(new URL(`../../../../fixtures/gateway/tls/${name}`, import.meta.url))

/** Starts every server that `SERVER_ROWS` speaks of. */
export async function startServerPlaces(until: (close: () => unknown) => void): Promise<Omit<RedisStageOptions<ServerPlaces>, 'until'>> {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-redis-'))
  until(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'two.sock')
  const deafSocket = join(folder, 'deaf.sock')
  const [port, tlsPort] = [await freePort(), await freePort()]
  const tls = ['--tls-cert-file', tlsFile('one.crt'), '--tls-key-file', tlsFile('one.key'), '--tls-auth-clients', 'no']
  const [two, guarded, full, mute, deaf, ...others] = await Promise.all([
    startRedis(['--unixsocket', socket]),
    startRedis(['--requirepass', 'hunter2', '--user', 'kong', 'on', '>hunter2', '~*', '&*', '+@all']),
    startFull(),
    startMute(),
    startMute({ path: deafSocket, deaf: true }),
    startRedis(['--tls-port', String(tlsPort), ...tls], { port }),
    startRedis(['--bind', '127.0.0.2'], { port }),
  ])
  for (const server of [two, guarded, ...others]) until(() => server.kill())
  for (const server of [full, mute, deaf]) until(() => server.close())
  const serverNames: string[] = []
  const named = await startNamed(port, serverNames)
  until(() => named.close())
  return {
    at: {
      port,
      tlsPort,
      namedPort: (named.address() as AddressInfo).port,
      otherPort: two.port,
      socket,
      guardedPort: guarded.port,
      fullPort: full.port,
      mutePort: mute.port,
      deafSocket,
    },
    servers: {
      one: { port },
      far: { port, host: '127.0.0.2' },
      two: { port: two.port },
      guarded: { port: guarded.port, password: 'hunter2' },
    },
    guarded: 'guarded',
    serverNames,
  }
}

/** TLS in front of a server without it. */
async function startNamed(port: number, names: string[]): Promise<Server> {
  const server = createServer({ cert: readFileSync(tlsFile('one.crt')), key: readFileSync(tlsFile('one.key')) }, (socket) => {
    names.push(socket.servername || '')
    const behind = connect(port, '127.0.0.1')
    socket
      .on('error', () => behind.destroy())
      .pipe(behind)
      .on('error', () => socket.destroy())
      .pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
