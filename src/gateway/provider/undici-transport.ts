import { rootCertificates } from 'node:tls'
import { Agent, ProxyAgent, request as send, type Dispatcher } from 'undici'
import { OidcgwError } from '../../errors.js'
import type { HttpResponse, TlsOptions } from '../../host.js'
import { redactUrl } from '../../http/redact.js'
import type { TraceSink } from '../../trace/trace.js'
import type { ForwardProxy, ProviderPurpose, ProviderRequest, ProviderTransport } from './transport.js'

/** Kong's default for `timeout`. */
const TIMEOUT_MS = 10_000
/** Answers of a provider are small; a 5 MB key set is an attack or a mistake (G-89). */
const MAX_BODY_BYTES = 1024 * 1024
/** Connections to one origin. */
const CONNECTIONS = 64

export interface ProviderTransportOptions {
  /** PEM of further roots, added to the built-in ones. */
  readonly ca?: string
  /** Milliseconds since the epoch, for the `at` of the steps. Default the real clock. */
  readonly now?: () => number
}

/**
 * Calls to providers over undici: no redirects, nothing added, one pool of connections per origin, TLS facts and proxy.
 * Every call leaves a step in the trace, its URL masked.
 */
export function createProviderTransport({ ca, now = Date.now }: ProviderTransportOptions = {}): ProviderTransport {
  const dispatchers = new Map<string, Dispatcher>()
  const dispatcherFor = (tls: TlsOptions | undefined, proxy: ForwardProxy | undefined): Dispatcher => {
    const key = JSON.stringify([tls ?? null, proxy ?? null])
    let dispatcher = dispatchers.get(key)
    if (!dispatcher) dispatchers.set(key, (dispatcher = createDispatcher({ ...(ca && { ca }), ...tls }, proxy)))
    return dispatcher
  }
  return {
    async send(purpose, request, trace) {
      const at = now()
      const started = performance.now()
      try {
        const answer = await call(request, dispatcherFor(request.tls, request.proxy), started)
        trace?.(step(purpose, request, at, started, { status: answer.status }))
        return answer
      } catch (cause) {
        const error = translate(cause, request)
        trace?.(step(purpose, request, at, started, { error: error.message }))
        throw error
      }
    },
    async close() {
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()))
      dispatchers.clear()
    },
  }
}

function createDispatcher(tls: TlsOptions, proxy: ForwardProxy | undefined): Dispatcher {
  const connect = {
    ...(tls.ca && { ca: [...rootCertificates, tls.ca] }),
    ...(tls.cert && { cert: tls.cert }),
    ...(tls.key && { key: tls.key }),
    ...(tls.allowInvalidCertificate && { rejectUnauthorized: false }),
  }
  if (!proxy) return new Agent({ connect, connections: CONNECTIONS })
  return new ProxyAgent({
    uri: proxy.url,
    requestTls: connect,
    connections: CONNECTIONS,
    // plain http goes through a proxy as an absolute target; many refuse CONNECT to port 80
    proxyTunnel: false,
    ...(proxy.authorization && { token: proxy.authorization }),
  })
}

async function call(request: ProviderRequest, dispatcher: Dispatcher, started: number): Promise<HttpResponse> {
  const signals = [AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS), ...(request.signal ? [request.signal] : [])]
  const answer = await send(request.url, {
    method: request.method as Dispatcher.HttpMethod,
    headers: { 'user-agent': 'oidcgw-gateway', ...(request.headers as Record<string, string | string[]> | undefined) },
    body: request.body ?? null,
    signal: AbortSignal.any(signals),
    dispatcher,
  })
  const chunks: Buffer[] = []
  let size = 0
  const limit = request.maxBodyBytes ?? MAX_BODY_BYTES
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the answer from ${request.url.origin} is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return {
    status: answer.statusCode,
    headers: joinRepeated(answer.headers),
    body: Buffer.concat(chunks),
    durationMs: performance.now() - started,
  }
}

function joinRepeated(headers: Readonly<Record<string, string | string[] | undefined>>): HttpResponse['headers'] {
  const joined = Object.create(null) as Record<string, string | string[] | undefined>
  for (const [name, value] of Object.entries(headers)) {
    const keepsList = name === 'set-cookie' || name === 'www-authenticate'
    joined[name] = keepsList && value !== undefined ? [value].flat() : Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}

function step(
  purpose: ProviderPurpose,
  { method, url }: ProviderRequest,
  at: number,
  started: number,
  outcome: { status: number } | { error: string },
): Parameters<TraceSink>[0] {
  const shown = new URL(redactUrl(url))
  return {
    kind: 'call',
    from: 'gateway',
    to: 'idp',
    what: `${method} ${shown.pathname}${shown.search}`,
    purpose,
    at,
    durationMs: performance.now() - started,
    ...outcome,
  }
}

const TIMEOUTS = new Set(['TimeoutError', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

function translate(cause: unknown, { url, timeoutMs = TIMEOUT_MS, method, signal }: ProviderRequest): OidcgwError {
  if (cause instanceof OidcgwError) return cause
  if (signal?.aborted) return new OidcgwError('ERR_ABORTED', 'interrupted', { cause })
  const { name = '', code = '', message = 'unknown reason' } = cause as { name?: string; code?: string; message?: string }
  if (TIMEOUTS.has(name) || TIMEOUTS.has(code)) {
    return new OidcgwError('ERR_NETWORK_TIMEOUT', `no answer from ${url.origin} within ${timeoutMs} ms (${method})`, { cause })
  }
  if (/CERT|SSL|TLS|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return new OidcgwError('ERR_TLS', `the TLS connection to ${url.origin} failed: ${code}`, {
      cause,
      hint: 'Trust the signing CA, or set ssl_verify to false for a test provider',
    })
  }
  return new OidcgwError('ERR_NETWORK', `cannot reach ${url.origin}: ${code || message}`, { cause })
}
