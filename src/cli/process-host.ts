import { OidcgwError } from '../errors.js'
import type { Host, HttpRequest, HttpResponse, RequestFunction, TlsOptions } from '../host.js'
import type { Dispatcher } from 'undici'
import { createProcessStdin } from './process-stdin.js'
import { createProcessStdout } from './process-stdout.js'

/** The real outside world. `signal` aborts on Ctrl-C and on a polite end. */
export function createProcessHost(signal: AbortSignal): Host {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: createProcessStdin(),
    stdout: createProcessStdout(),
    // Made when it is first used: a stream nobody uses costs start-up time.
    get stderr() {
      return process.stderr
    },
    now: () => new Date(),
    request: createRequest(process.env),
    openBrowser,
    signal,
  }
}

/**
 * HTTP over undici: no redirects, no decompression, nothing added. Proxies come from the environment, never for loopback.
 * One connection pool per set of TLS facts lives as long as the process.
 */
export function createRequest(env: Host['env']): RequestFunction {
  const dispatchers = new Map<string, Promise<Dispatcher>>()
  const dispatcherFor = (tls: TlsOptions | undefined) => {
    const key = JSON.stringify(tls ?? {})
    let dispatcher = dispatchers.get(key)
    if (!dispatcher) dispatchers.set(key, (dispatcher = createDispatcher(env, tls)))
    return dispatcher
  }
  return async (request) => {
    const { request: send } = await import('undici')
    const started = performance.now()
    const timeoutMs = request.timeoutMs ?? 30_000
    const signals = [AbortSignal.timeout(timeoutMs), ...(request.signal ? [request.signal] : [])]
    try {
      const answer = await send(request.url, {
        method: request.method as Dispatcher.HttpMethod,
        headers: { 'user-agent': 'oidcgw', ...(request.headers as Record<string, string | string[]> | undefined) },
        body: request.body ?? null,
        signal: AbortSignal.any(signals),
        dispatcher: await dispatcherFor(request.tls),
      })
      const body = await readBody(answer.body, request)
      return { status: answer.statusCode, headers: joinRepeated(answer.headers), body, durationMs: performance.now() - started }
    } catch (cause) {
      throw translateNetworkError(cause, request, timeoutMs)
    }
  }
}

async function createDispatcher(env: Host['env'], tls: TlsOptions | undefined): Promise<Dispatcher> {
  const [{ Agent, EnvHttpProxyAgent }, { rootCertificates }] = await Promise.all([import('undici'), import('node:tls')])
  const connect = {
    ...(tls?.ca && { ca: [...rootCertificates, tls.ca] }),
    ...(tls?.cert && { cert: tls.cert }),
    ...(tls?.key && { key: tls.key }),
    ...(tls?.allowInvalidCertificate && { rejectUnauthorized: false }),
  }
  const proxied = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].some((name) => env[name])
  if (!proxied) return new Agent({ connect, connections: 64 })
  const noProxy = [env['NO_PROXY'] ?? env['no_proxy'], 'localhost', '127.0.0.1', '[::1]', '::1'].filter(Boolean).join(',')
  return new EnvHttpProxyAgent({ connect, requestTls: connect, noProxy })
}

async function readBody(stream: AsyncIterable<Buffer>, { maxBodyBytes = 10 * 1024 * 1024, url }: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > maxBodyBytes)
      throw new OidcgwError('ERR_PROVIDER_RESPONSE', `the answer from ${url.origin} is larger than ${maxBodyBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function joinRepeated(headers: Readonly<Record<string, string | string[] | undefined>>): HttpResponse['headers'] {
  const joined: Record<string, string | string[] | undefined> = Object.create(null) as Record<string, string | string[] | undefined>
  for (const [name, value] of Object.entries(headers)) {
    const keepsList = name === 'set-cookie' || name === 'www-authenticate'
    joined[name] = keepsList ? (value === undefined ? undefined : [value].flat()) : Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}

function translateNetworkError(cause: unknown, { url, signal, method }: HttpRequest, timeoutMs: number): unknown {
  if (cause instanceof OidcgwError) return cause
  if (signal?.aborted) return new OidcgwError('ERR_ABORTED', 'interrupted', { cause })
  const { name, code = '', message } = cause as { name?: string; code?: string; message?: string }
  if (cause instanceof TypeError && code === 'UND_ERR_INVALID_ARG') return cause
  const target = url.origin
  if (
    name === 'TimeoutError' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT'
  ) {
    return new OidcgwError('ERR_NETWORK_TIMEOUT', `no answer from ${target} within ${timeoutMs} ms (${method})`, {
      cause,
      hint: 'Give it longer with --timeout, or check the address',
    })
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return new OidcgwError('ERR_TLS', `the TLS connection to ${target} failed: ${code}`, {
      cause,
      hint: 'Add the signing CA with --ca-file',
    })
  }
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name does not resolve',
    ECONNRESET: 'the connection was closed',
    UND_ERR_SOCKET: 'the connection was closed',
    EHOSTUNREACH: 'the host is unreachable',
  }
  return new OidcgwError('ERR_NETWORK', `cannot reach ${target}: ${reasons[code] ?? (code || message || 'unknown reason')}`, {
    cause,
    hint: 'Check the address and that the server runs',
  })
}

async function openBrowser(url: string, command?: string): Promise<void> {
  if (command) {
    const { spawn } = await import('node:child_process')
    const child = spawn(command, [url], { stdio: 'ignore', detached: true, shell: command.includes(' ') })
    child.on('error', () => undefined)
    child.unref()
    return
  }
  const { default: open } = await import('open')
  const child = await open(url)
  child.on('error', () => undefined)
}
