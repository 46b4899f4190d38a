import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { Dispatcher, buildConnector } from 'undici'
import { OidcgwError } from '../errors.js'
import type { Host, TlsOptions } from '../host.js'
import { translateNetworkError } from './network-error.js'
import type { HeaderPair, PeerCertificateFacts, ProbeAnswer, ProbeRequest } from './request.js'

export interface SendOptions {
  /** From start to the end of the body. Default 30,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** How much of the body is kept; all of it is always read. Default 1 MiB. */
  readonly maxBodyBytes?: number
}

/** Sends requests exactly as given and reads answers to their end. */
export interface Transport {
  /** @throws {OidcgwError} `ERR_NETWORK`, `ERR_NETWORK_TIMEOUT`, `ERR_TLS`, `ERR_ABORTED`; any HTTP status is a value. */
  send(request: ProbeRequest, options?: SendOptions): Promise<ProbeAnswer>
  close(): Promise<void>
}

export interface TransportOptions {
  /** Proxies (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`) come from here; never for loopback. Default none. */
  readonly env?: Host['env']
  readonly tls?: TlsOptions
  /** `host:port` → address to connect to instead, as curl's `--resolve`. SNI and Host stay. */
  readonly resolve?: Readonly<Record<string, string>>
  /** Connections per origin. Default 64. */
  readonly connections?: number
}

/** One pool per origin over undici's dispatcher (`fetch` costs ten times as much and normalises paths). */
export async function createTransport(options: TransportOptions = {}): Promise<Transport> {
  const certificates = new Map<string, PeerCertificateFacts>()
  const dispatcher = await createDispatcher(options, certificates)
  const shared: Shared = { certificates, aborts: createAborts() }
  return {
    send: (request, sendOptions = {}) =>
      new Promise((resolve, reject) => {
        dispatch(dispatcher, request, sendOptions, shared, resolve, reject)
      }),
    close: () => {
      shared.aborts.close()
      return dispatcher.destroy()
    },
  }
}

interface Shared {
  readonly certificates: ReadonlyMap<string, PeerCertificateFacts>
  readonly aborts: Aborts
}

/** One listener a signal, however many requests wait for it: a thousand listeners on one signal are slow, and Node warns. */
interface Aborts {
  add(signal: AbortSignal, abort: () => void): () => void
  /** Takes the listeners off again. */
  close(): void
}

function createAborts(): Aborts {
  const waiting = new Map<AbortSignal, Set<() => void>>()
  const closing = new AbortController()
  return {
    add(signal, abort) {
      const known = waiting.get(signal) ?? new Set()
      if (!waiting.has(signal)) {
        waiting.set(signal, known)
        signal.addEventListener('abort', () => [...known].forEach((each) => each()), { once: true, signal: closing.signal })
      }
      known.add(abort)
      return () => void known.delete(abort)
    },
    close: () => closing.abort(),
  }
}

function dispatch(
  dispatcher: Dispatcher,
  request: ProbeRequest,
  { timeoutMs = 30_000, signal, maxBodyBytes = 1024 * 1024 }: SendOptions,
  { certificates, aborts }: Shared,
  resolve: (answer: ProbeAnswer) => void,
  reject: (error: unknown) => void,
): void {
  if (signal?.aborted) return reject(new OidcgwError('ERR_ABORTED', 'interrupted'))
  const started = performance.now()
  const chunks: Buffer[] = []
  let controller: Dispatcher.DispatchController | undefined
  let [kept, bodyBytes, firstByteMs, status, statusMessage] = [0, 0, 0, 0, '']
  let headers: HeaderPair[] = []
  const fail = (cause: unknown): void => {
    release()
    reject(translateNetworkError(cause, { target: request.origin, method: request.method, timeoutMs, ...(signal && { signal }) }))
  }
  const stop = (reason: Error): void => {
    controller?.abort(reason)
    fail(reason)
  }
  const timer = setTimeout(() => stop(new DOMException('timed out', 'TimeoutError')), timeoutMs)
  const abort = (): void => stop(new DOMException('aborted', 'AbortError'))
  const forget = signal && aborts.add(signal, abort)
  const release = (): void => {
    clearTimeout(timer)
    forget?.()
  }
  const flat: string[] = []
  for (const [name, value] of request.headers) flat.push(name, value)
  try {
    dispatcher.dispatch(
      {
        origin: request.origin,
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers: flat,
        body: request.body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (given) => void (controller = given),
        onResponseStart: (given, code, _parsed, message) => {
          if (code < 200) return
          firstByteMs = performance.now() - started
          status = code
          statusMessage = message ?? ''
          headers = readRawHeaders(given.rawHeaders)
        },
        onResponseData: (_given, chunk) => {
          bodyBytes += chunk.length
          const room = maxBodyBytes - kept
          if (room <= 0) return
          const part = chunk.length > room ? chunk.subarray(0, room) : chunk
          chunks.push(part)
          kept += part.length
        },
        onResponseEnd: () => {
          release()
          const certificate = certificates.get(request.origin)
          const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
          const totalMs = performance.now() - started
          resolve({ status, statusMessage, headers, body, bodyBytes, firstByteMs, totalMs, ...(certificate && { certificate }) })
        },
        onResponseError: (_given, cause) => fail(cause),
      },
    )
  } catch (cause) {
    fail(cause)
  }
}

function readRawHeaders(raw: Dispatcher.DispatchController['rawHeaders']): HeaderPair[] {
  const pairs: HeaderPair[] = []
  if (!Array.isArray(raw)) return pairs
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([latin1(raw[index]), latin1(raw[index + 1])])
  return pairs
}

const latin1 = (value: Buffer | string | undefined): string => (typeof value === 'string' ? value : (value?.toString('latin1') ?? ''))

async function createDispatcher(
  { env = {}, tls, resolve = {}, connections = 64 }: TransportOptions,
  certificates: Map<string, PeerCertificateFacts>,
): Promise<Dispatcher> {
  const [{ Agent, EnvHttpProxyAgent, buildConnector: build }, { rootCertificates }] = await Promise.all([
    import('undici'),
    import('node:tls'),
  ])
  const connectOptions: buildConnector.BuildOptions = {
    ...(tls?.ca && { ca: [...rootCertificates, tls.ca] }),
    ...(tls?.cert && { cert: tls.cert }),
    ...(tls?.key && { key: tls.key }),
    ...(tls?.allowInvalidCertificate && { rejectUnauthorized: false }),
  }
  const proxied = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].some((name) => env[name])
  if (proxied) {
    const noProxy = [env['NO_PROXY'] ?? env['no_proxy'], 'localhost', '127.0.0.1', '[::1]', '::1'].filter(Boolean).join(',')
    return new EnvHttpProxyAgent({ connect: connectOptions, requestTls: connectOptions, noProxy })
  }
  const base = build(connectOptions)
  const connect: buildConnector.connector = (given, callback) => {
    const port = given.port || (given.protocol === 'https:' ? '443' : '80')
    const address = resolve[`${given.hostname}:${port}`]
    base(address === undefined ? given : { ...given, hostname: address }, (...result) => {
      const socket = result[1]
      if (socket && given.protocol === 'https:') {
        const origin = new URL(`https://${given.host ?? given.hostname}${given.host?.includes(':') ? '' : `:${port}`}`).origin
        const facts = certificateFacts(socket as TLSSocket)
        if (facts) certificates.set(origin, facts)
      }
      callback(...result)
    })
  }
  return new Agent({ connect, connections })
}

function certificateFacts(socket: TLSSocket): PeerCertificateFacts | undefined {
  const certificate = socket.getPeerCertificate() as DetailedPeerCertificate | Record<string, never>
  if (!certificate.subject) return undefined
  const name = (entity: { readonly [attribute: string]: string | string[] | undefined }): string =>
    Object.entries(entity)
      .map(([attribute, value]) => `${attribute}=${[value].flat().join('+')}`)
      .join(', ')
  return {
    subject: name({ ...certificate.subject }),
    issuer: name({ ...certificate.issuer }),
    subjectAltNames: (certificate.subjectaltname ?? '').split(', ').filter(Boolean),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
    fingerprint256: certificate.fingerprint256,
    protocol: socket.getProtocol() ?? undefined,
    authorized: socket.authorized,
  }
}
