import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import type { Gateway } from '../../src/gateway/gateway.js'
import { serve, type DocumentParts } from '../gateway/documents.js'

/** A message as raw bytes showed it; nothing repaired, nothing joined. */
export interface RawMessage {
  readonly start: string
  /** In the order and spelling received. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export const field = ({ fields }: RawMessage, name: string): string[] =>
  fields.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

export const statusOf = (message: RawMessage | undefined): number => Number(message?.start.split(' ')[1] ?? 0)

/** Cuts complete messages off the front of `text`; a message without framing has no body, so what follows is read as the next one. */
function takeMessage(text: string, bodyless = false): { message: RawMessage; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const fields = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  const head = { start, fields, body: '' }
  let rest = text.slice(end + 4)
  if (bodyless) return { message: head, rest }
  if (field(head, 'transfer-encoding').length > 0) {
    let body = ''
    for (;;) {
      const line = /^([0-9a-f]+)\r\n/i.exec(rest)
      if (!line) return undefined
      const size = Number.parseInt(line[1] as string, 16)
      if (rest.length < line[0].length + size + 2) return undefined
      body += rest.slice(line[0].length, line[0].length + size)
      rest = rest.slice(line[0].length + size + 2)
      if (size === 0) return { message: { ...head, body }, rest }
    }
  }
  const length = Number(field(head, 'content-length')[0] ?? 0)
  if (rest.length < length) return undefined
  return { message: { ...head, body: rest.slice(0, length) }, rest: rest.slice(length) }
}

export interface RawUpstream {
  readonly port: number
  readonly url: string
  /** Every request that a naive reader would see. */
  readonly requests: readonly RawMessage[]
  /** Connections made so far. */
  readonly connections: () => number
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** An upstream of bytes: reads what arrives as naively as the framing allows and answers with the given bytes. */
export async function rawUpstream(
  answer: string | ((request: RawMessage, socket: Socket) => string | undefined) = OK,
): Promise<RawUpstream> {
  const requests: RawMessage[] = []
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let taken = takeMessage(text); taken; taken = takeMessage(text)) {
        requests.push(taken.message)
        text = taken.rest
        const bytes = typeof answer === 'string' ? answer : answer(taken.message, socket)
        if (bytes !== undefined) socket.write(bytes, 'latin1')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, requests, connections: () => connections }
}

/** Answers as soon as something has come, whatever body was announced. */
export async function hastyUpstream(): Promise<Pick<RawUpstream, 'url'>> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('data', () => socket.write(OK))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export interface RawAnswers {
  readonly messages: readonly RawMessage[]
  /** True when the gateway ended the connection. */
  readonly isClosed: boolean
  readonly text: string
}

export interface RawOptions {
  /** Stop after this many answers; otherwise when the connection closes. Default 1. */
  readonly answers?: number
  /** Wait until the gateway closes the connection, whatever was answered. */
  readonly untilClose?: boolean
  /** Answers carry no body although they declare one. */
  readonly isHead?: boolean
}

/** Writes bytes on a fresh connection and reads answers. Fails after five seconds of silence. */
export async function sendRaw(
  gateway: Gateway,
  bytes: string,
  { answers = 1, untilClose = false, isHead = false }: RawOptions = {},
): Promise<RawAnswers> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  const messages: RawMessage[] = []
  let text = ''
  let unread = ''
  return await new Promise((resolve, reject) => {
    const finish = (isClosed: boolean): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ messages, isClosed, text })
    }
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end after 5 s; got ${JSON.stringify(text)}`))
    }, 5_000)
    socket.on('error', () => finish(true)).on('close', () => finish(true))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      unread += chunk.toString('latin1')
      for (let taken = takeMessage(unread, isHead); taken; taken = takeMessage(unread, isHead)) {
        unread = taken.rest
        if (!taken.message.start.startsWith('HTTP/1.1 1')) messages.push(taken.message)
      }
      if (!untilClose && messages.length >= answers) finish(false)
    })
    socket.write(bytes, 'latin1')
  })
}

/** Route P is protected by this: `Authorization: Bearer good` opens it, and then it says who that is. */
export const gate: Plugin = {
  name: 'gate',
  priority: 1_050,
  create: () => ({
    managedHeaders: ['x-userinfo', 'x-id-token', 'x-access-token', 'x-refresh-token', 'x-role'],
    access({ request, upstream }) {
      if (request.headers['authorization'] !== 'Bearer good') {
        return {
          status: 401,
          headers: { 'WWW-Authenticate': 'Bearer realm="test"' },
          body: '{"message":"Unauthorized"}',
          reason: 'no_credential',
        }
      }
      upstream.set('X-Userinfo', 'alice')
      return undefined
    },
  }),
}

/** A gateway with the open route O at `/public` and the protected route P at `/admin`, to one upstream. */
export async function serveGate(upstream: Pick<RawUpstream, 'url'>, more: DocumentParts = {}): Promise<Gateway> {
  return await serve(
    {
      services: [{ url: upstream.url }],
      routes: [
        { name: 'P', paths: ['/admin'], strip_path: false },
        { name: 'O', paths: ['/public'], strip_path: false },
        ...(more.routes ?? []),
      ],
      plugins: [{ name: 'gate', route: 'P' }, ...(more.plugins ?? [])],
    },
    { plugins: { gate } },
  )
}

/** Lines of a request with a Host, ended as HTTP wants it. */
export const request = (start: string, fields: readonly string[] = [], body = ''): string =>
  [`${start} HTTP/1.1`, 'Host: gateway.test', ...fields, '', body].join('\r\n')
