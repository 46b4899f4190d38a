import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OidcgwError } from '../errors.js'
import { PAGES, PAGE_HEADERS } from './loopback-pages.js'

export interface LoopbackOptions {
  /** `127.0.0.1` (default), `localhost` or `[::1]`: as the redirect URI spells it. The listener never leaves loopback. */
  readonly host?: string
  /** TCP port; 0 (default) picks a free one. */
  readonly port?: number
  /** Exact path of the redirect. Default `/callback`. */
  readonly path?: string
}

export interface WaitOptions {
  /** Gives up after this long. Default 120,000. */
  readonly timeoutMs?: number
  readonly signal: AbortSignal
}

/** The one redirect that came, with its browser still waiting for a page. */
export interface Redirect {
  /** Query of a GET, body of a `form_post`. */
  readonly parameters: URLSearchParams
  /** Shows the browser how it ended. */
  readonly answer: (page: 'success' | 'failure') => Promise<void>
}

export interface Loopback {
  readonly redirectUri: URL
  /**
   * @throws {OidcgwError} `ERR_LOGIN_TIMEOUT` when nobody came, `ERR_LOGIN_ABANDONED` when the signal aborted.
   */
  readonly wait: (options: WaitOptions) => Promise<Redirect>
  /** Closes the listener and every connection; again does nothing. */
  readonly close: () => Promise<void>
}

const MAX_FORM_BYTES = 64 * 1024

/**
 * Listens on the loopback interface for exactly one redirect: exact path, exact Host (against DNS rebinding), GET or form POST; everything
 * else gets 404, 405 or 421 and changes nothing.
 *
 * @throws {OidcgwError} `ERR_PORT_BUSY`
 * @see RFC 8252 §7.3
 */
export async function startLoopback({ host = '127.0.0.1', port = 0, path = '/callback' }: LoopbackOptions = {}): Promise<Loopback> {
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 32 * 1024 })
  await listen(server, host, port)
  const redirectUri = new URL(`http://${host}:${(server.address() as AddressInfo).port}${path}`)
  let deliver: ((redirect: Redirect) => void) | undefined
  const received = new Promise<Redirect>((resolve) => (deliver = resolve))
  server.on('request', (request, response) => {
    receive(request, response, redirectUri)
      .then((redirect) => {
        if (!redirect) return undefined
        if (!deliver) return reply(response, 410, PAGES.elsewhere)
        deliver(redirect)
        deliver = undefined
        return undefined
      })
      .catch(() => response.destroy())
  })
  const close = async (): Promise<void> => {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return { redirectUri, close, wait: (options) => waitFor(received, options) }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const address = host === '[::1]' ? '::1' : '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new OidcgwError('ERR_PORT_BUSY', `cannot listen on ${host}:${port} for the redirect (${cause.code ?? 'error'})`, {
          cause,
          hint: 'Free the port, or choose another with --redirect-port if the provider allows it',
        }),
      ),
    )
    server.listen(port, address, resolve)
  })
}

async function waitFor(received: Promise<Redirect>, { timeoutMs = 120_000, signal }: WaitOptions): Promise<Redirect> {
  let stop = (): void => undefined
  const given = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(
        new OidcgwError('ERR_LOGIN_TIMEOUT', `nobody signed in within ${Math.round(timeoutMs / 1000)} s`, {
          hint: 'Try again, or wait longer with --login-timeout',
        }),
      )
    }, timeoutMs)
    const abort = (): void => reject(new OidcgwError('ERR_LOGIN_ABANDONED', 'interrupted while waiting for the sign-in'))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    stop = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  })
  try {
    return await Promise.race([received, given])
  } finally {
    stop()
  }
}

/** The redirect, or undefined when this request was none and has been answered. */
async function receive(request: IncomingMessage, response: ServerResponse, redirectUri: URL): Promise<Redirect | undefined> {
  const refuse = async (status: number): Promise<undefined> => {
    request.resume()
    await reply(response, status, PAGES.elsewhere)
  }
  const url = URL.parse(request.url ?? '', redirectUri.href)
  if (request.headers.host !== redirectUri.host) return refuse(421)
  if (url?.pathname !== redirectUri.pathname || url.origin !== redirectUri.origin) return refuse(404)
  if (request.method !== 'GET' && request.method !== 'POST') return refuse(405)
  const parameters = request.method === 'GET' ? url.searchParams : await readForm(request)
  return parameters ? { parameters, answer: (page) => reply(response, page === 'success' ? 200 : 400, PAGES[page]) } : refuse(415)
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_FORM_BYTES) return undefined
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

async function reply(response: ServerResponse, status: number, page: string): Promise<void> {
  await new Promise<void>((resolve) => {
    response.on('close', resolve)
    response.writeHead(status, { ...PAGE_HEADERS, 'content-length': Buffer.byteLength(page) }).end(page, resolve)
  })
}
