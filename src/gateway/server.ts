import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { OidcgwError } from '../errors.js'

export type RequestHandler = (message: IncomingMessage, response: ServerResponse) => void

/** Largest sum of all header octets of one request. */
const MAX_HEADER_BYTES = 16 * 1024

const OPTIONS = {
  insecureHTTPParser: false,
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 60_000,
  requireHostHeader: true,
  noDelay: true,
} as const

/**
 * A node server that leaves no default to chance: slow headers are cut after 10 s, header fields are counted by us (node's own cap drops
 * fields and keeps their framing, G-01), the lenient parser is off whatever the command line says, CONNECT is answered on purpose.
 */
export const createHardenedServer = (handler: RequestHandler): Server => harden(createServer(OPTIONS, handler), handler)

/** The same over TLS. Clients are asked for a certificate; whether one is needed, and whose, is for plugins to say (RFC 8705). */
export function createHardenedTlsServer(handler: RequestHandler, select: (servername: string) => SecureContext | undefined): TlsServer {
  const server = createTlsServer(
    {
      ...OPTIONS,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
      minVersion: 'TLSv1.2',
      requestCert: true,
      rejectUnauthorized: false,
      // Undefined leaves the server's own context: see setSecureContext.
      SNICallback: (servername, callback) => callback(null, select(servername)),
    },
    handler,
  )
  return harden(server, handler)
}

function harden<S extends Server | TlsServer>(server: S, handler: RequestHandler): S {
  // 0 means no cap, so that every field is seen; readIncoming refuses more than it allows.
  server.maxHeadersCount = 0
  // A client that waits for permission to send its body gets it only when somebody wants the body (G-18).
  server.on('checkContinue', handler)
  server.on('checkExpectation', handler)
  server.on('connect', (_message: IncomingMessage, socket: Duplex) => endRaw(socket, 405, 'Method Not Allowed'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else if (error.code === 'HPE_HEADER_OVERFLOW') endRaw(socket, 431, 'Request Header Fields Too Large')
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') endRaw(socket, 408, 'Request Timeout')
    else endRaw(socket, 400, 'Bad Request')
  })
  return server
}

function endRaw(socket: Duplex, status: number, reason: string): void {
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

/** @throws {OidcgwError} `ERR_PORT_BUSY` when somebody listens there already. */
export async function listen(server: Server | TlsServer, port: number, host: string): Promise<AddressInfo> {
  return await new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const isBusy = cause.code === 'EADDRINUSE' || cause.code === 'EACCES'
      const what = cause.code === 'EACCES' ? 'may not be opened by this user' : 'is in use'
      reject(
        isBusy
          ? new OidcgwError('ERR_PORT_BUSY', `port ${port} on ${host} ${what}`, {
              cause,
              hint: 'Pick another one with --port, or 0 for any free one',
            })
          : cause,
      )
    }
    server.once('error', onError)
    server.listen(port, host, () => {
      server.off('error', onError)
      resolve(server.address() as AddressInfo)
    })
  })
}

/** `http://host:port`, brackets around IPv6. */
export const urlOf = ({ address, port, family }: AddressInfo, scheme = 'http'): string =>
  `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`

/** How long answers under way may take to end after the server was told to stop, milliseconds. */
const GRACE_MS = 2_000

/** Stops listening, ends connections as they become idle, and cuts what is left after {@link GRACE_MS}. */
export async function closeServer(server: Server | TlsServer): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearInterval(sweep)
  clearTimeout(cut)
}
