import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A request as the upstream received it. */
export interface EchoedRequest {
  readonly method: string
  /** The request target, path and query. */
  readonly url: string
  /** Title-Case names, as httpbin shows them; repeated fields joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Echo {
  readonly url: string
  /** What arrived since the start or the last `clear`, oldest first, at most 1,000. */
  readonly received: readonly EchoedRequest[]
  clear(): void
  close(): Promise<void>
}

const MAX_BODY = 1024 * 1024
const MAX_BYTES = 100 * 1024 * 1024

/**
 * An httpbin-like upstream on loopback: `/get`, `/anything`, `/headers`, `/status/:code`, `/delay/:ms`, `/stream/:n`, `/bytes/:n`.
 * @param port TCP port; 0 picks a free one.
 */
export async function startEcho({ port = 0 }: { readonly port?: number } = {}): Promise<Echo> {
  const received: EchoedRequest[] = []
  const server = createServer((request, response) => {
    const echoed = { method: request.method ?? 'GET', url: request.url ?? '/', headers: titleCase(request.rawHeaders) }
    received.push(echoed)
    if (received.length > 1000) received.shift()
    answer(request, response, echoed).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    clear: () => void received.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, echoed: EchoedRequest): Promise<void> {
  const url = new URL(`http://echo${echoed.url.startsWith('/') ? echoed.url : '/'}`)
  const [, name = '', argument = ''] = url.pathname.split('/')
  const number = Number(argument)
  const body = await readBody(request)
  const json = (status: number, document: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(document, null, 2)}\n`)
  }
  const whole = {
    method: echoed.method,
    url: echoed.url,
    args: Object.fromEntries(url.searchParams),
    headers: echoed.headers,
    origin: request.socket.remoteAddress ?? '',
  }
  switch (name) {
    case '':
    case 'get':
    case 'anything':
      return json(200, body.length > 0 ? { ...whole, data: body.toString('utf8') } : whole)
    case 'headers':
      return json(200, { headers: echoed.headers })
    case 'status':
      return json(number >= 200 && number <= 599 ? number : 400, { status: number })
    case 'delay':
      await sleep(Math.min(number || 0, 60_000))
      return json(200, whole)
    case 'stream':
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      for (let id = 0; id < Math.min(number || 0, 100_000); id++) response.write(`${JSON.stringify({ id })}\n`)
      return void response.end()
    case 'bytes':
      return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(randomBytes(Math.min(number || 0, MAX_BYTES)))
    default:
      return json(404, { message: 'The echo service has /get, /anything, /headers, /status/:code, /delay/:ms, /stream/:n and /bytes/:n' })
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BODY) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function titleCase(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
    const value = rawHeaders[index + 1] ?? ''
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
  }
  return headers
}
