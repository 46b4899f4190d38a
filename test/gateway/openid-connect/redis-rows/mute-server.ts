import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { startRedis } from '../../../contracts/redis-server.js'

export interface MuteServer {
  readonly port: number
  close(): Promise<void>
}

const READY = 'redis_version:7.0.0\r\nloading:0\r\n'

/** Says once that it is ready and never anything again; `deaf`: reads nothing any more either. */
export async function startMute({ path, deaf = false }: { readonly path?: string; readonly deaf?: boolean } = {}): Promise<MuteServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.once('data', () => {
      socket.write(`$${READY.length}\r\n${READY}\r\n`)
      if (deaf) socket.pause()
      else socket.resume()
    })
  })
  await new Promise<Server>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', () => resolve(server))
    else server.listen(path, () => resolve(server))
  })
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A stopped server whose queue of connections is full: the kernel lets nobody else in. */
export async function startFull(): Promise<MuteServer> {
  const redis = await startRedis(['--tcp-backlog', '1'])
  process.kill(redis.pid, 'SIGSTOP')
  const waiting: Socket[] = []
  const isLetIn = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(redis.port, '127.0.0.1', () => resolve(true)).on('error', () => undefined)
      waiting.push(socket)
      setTimeout(() => resolve(false), 50)
    })
  while (await isLetIn());
  return {
    port: redis.port,
    async close() {
      for (const socket of waiting) socket.destroy()
      await redis.kill()
    },
  }
}
