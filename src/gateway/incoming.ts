import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { parseTarget, type RequestPath } from '../http/path.js'
import { BodyIncomplete, PayloadTooLarge, type GatewayRequest } from './request.js'

/** What plugins may hold of a body in memory, bytes. */
export const BODY_LIMIT = 1024 * 1024

/** More header fields than this are refused; node's own cap would silently drop fields, `Content-Length` among them (G-01). */
const MAX_HEADER_FIELDS = 100
/** Longest request target, characters. */
const MAX_TARGET = 8 * 1024
/** Two of these would let two readers pick different ones (G-05, G-08, G-36). */
const SINGLE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'content-length',
  'content-type',
  'transfer-encoding',
  'proxy-authorization',
  'origin',
])
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::(\d{1,5}))?$/

/** A request that is refused before anybody judges it. */
export interface Refusal {
  readonly status: 400 | 405 | 414 | 417 | 431 | 501
  readonly message: string
  readonly why: string
}

const refuse = (status: Refusal['status'], message: string, why: string): Refusal => ({ status, message, why })
const badRequest = (why: string): Refusal => refuse(400, 'Bad request', why)

/**
 * Reads what node parsed into a {@link GatewayRequest}, or says why it is refused. Stricter than node where node lets two readings
 * of one message live: repeated single fields, codings beside `chunked`, other target forms, several hosts.
 */
export function readIncoming(message: IncomingMessage, response: ServerResponse): IncomingRequest | Refusal {
  const raw = message.rawHeaders
  if (raw.length > MAX_HEADER_FIELDS * 2) return refuse(431, 'Request header or cookie too large', 'too many header fields')
  if (message.httpVersionMajor !== 1) return badRequest(`HTTP/${message.httpVersion} is not spoken here`)
  const method = message.method ?? ''
  if (method === 'TRACE' || method === 'CONNECT') return refuse(405, 'Method not allowed', `${method} is not served`)
  const url = message.url ?? ''
  if (url.length > MAX_TARGET) return refuse(414, 'URI too long', 'the request target is too long')
  const target = parseTarget(url)
  if (!target.ok) return badRequest(target.why)

  const headers = Object.create(null) as Record<string, string | undefined>
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase()
    const value = raw[index + 1] as string
    const previous = headers[name]
    if (previous === undefined) headers[name] = value
    else if (SINGLE.has(name)) return badRequest(`two ${name} fields`)
    else headers[name] = `${previous}${name === 'cookie' ? '; ' : ', '}${value}`
  }

  const coding = headers['transfer-encoding']
  if (coding !== undefined) {
    if (message.httpVersionMinor === 0) return badRequest('Transfer-Encoding in HTTP/1.0')
    if (coding.toLowerCase() !== 'chunked') return refuse(501, 'Not implemented', 'a transfer coding other than chunked')
    if (headers['content-length'] !== undefined) return badRequest('both Transfer-Encoding and Content-Length')
  }
  const expectation = headers['expect']
  if (expectation !== undefined && expectation.toLowerCase() !== '100-continue')
    return refuse(417, 'Expectation failed', 'unknown expectation')

  const authority = HOST.exec((headers['host'] ?? '').toLowerCase())
  const port = authority?.[2] === undefined ? undefined : Number(authority[2])
  if (!authority?.[1] || (port !== undefined && (port > 65_535 || port === 0))) {
    if (headers['host'] !== undefined || message.httpVersionMinor > 0) return badRequest('the Host field is not host[:port]')
  }
  return new IncomingRequest(message, response, method, target.path, target.query, headers, authority?.[1] ?? '', port)
}

/** One request as it came in, its body still in the socket. */
export class IncomingRequest implements GatewayRequest {
  readonly message: IncomingMessage
  readonly #response: ServerResponse
  readonly method: string
  readonly path: RequestPath
  readonly query: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly hasBody: boolean
  #body: Promise<Buffer> | undefined
  #buffered: Buffer | undefined
  #continued = false

  constructor(
    message: IncomingMessage,
    response: ServerResponse,
    method: string,
    path: RequestPath,
    query: string,
    headers: Readonly<Record<string, string | undefined>>,
    host: string,
    port: number | undefined,
  ) {
    this.message = message
    this.#response = response
    this.method = method
    this.path = path
    this.query = query
    this.headers = headers
    this.scheme = (message.socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'
    this.host = host
    this.port = port ?? message.socket.localPort ?? (this.scheme === 'https' ? 443 : 80)
    const length = headers['content-length']
    this.hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  }

  get rawHeaders(): readonly string[] {
    return this.message.rawHeaders
  }

  get remoteAddress(): string {
    const address = this.message.socket.remoteAddress ?? ''
    return address.startsWith('::ffff:') ? address.slice(7) : address
  }

  get clientCertificate(): Buffer | undefined {
    const socket = this.message.socket as Partial<TLSSocket>
    const certificate = socket.encrypted ? socket.getPeerCertificate?.() : undefined
    return certificate?.raw
  }

  get sni(): string | undefined {
    const name = (this.message.socket as { servername?: string | false }).servername
    return typeof name === 'string' ? name.toLowerCase() : undefined
  }

  /** The body when a plugin has read it; undefined means it is still to be streamed (or absent). */
  get buffered(): Buffer | undefined {
    return this.#buffered
  }

  /**
   * True while the client still sends, and when it asks for another protocol: node drops what came in one packet behind such a request.
   * An answer given now must end the connection (G-14, G-160).
   */
  get isUnfinished(): boolean {
    return (this.hasBody && !this.message.complete) || this.headers['upgrade'] !== undefined
  }

  async body(): Promise<Buffer | undefined> {
    if (!this.hasBody) return undefined
    return await (this.#body ??= this.#read())
  }

  /** Tells a client that waits for it (RFC 9110 §10.1.1) to send its body. Only called when somebody wants that body. */
  allowBody(): void {
    if (this.#continued || this.headers['expect'] === undefined) return
    this.#continued = true
    this.#response.writeContinue()
  }

  async #read(): Promise<Buffer> {
    if (Number(this.headers['content-length'] ?? 0) > BODY_LIMIT) throw new PayloadTooLarge(BODY_LIMIT)
    this.allowBody()
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of this.message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += chunk.length
        // The limit is checked here as well: a chunked body declares no length.
        if (size > BODY_LIMIT) break
        chunks.push(chunk)
      }
    } catch (cause) {
      throw new BodyIncomplete('the client did not send its whole body', { cause })
    }
    if (size > BODY_LIMIT) throw new PayloadTooLarge(BODY_LIMIT)
    return (this.#buffered = Buffer.concat(chunks))
  }
}
