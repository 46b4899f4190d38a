import type { CustomFetch } from 'openid-client'
import { OidcgwError } from '../errors.js'
import type { Host, HttpRequest, HttpResponse } from '../host.js'
import { maskKnown, secretsOf } from '../http/redact.js'
import type { ClientOptions } from './client-options.js'

/** `localhost`, `*.localhost`, 127.0.0.0/8 and `[::1]` (RFC 6761 §6.3, RFC 8252 §8.3). */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/**
 * Refuses plain http beyond loopback. Asked for each request, not once for the issuer: metadata may point elsewhere.
 * @throws {OidcgwError} `ERR_INSECURE_TRANSPORT`
 */
export function assertSecure(url: URL, { allowHttp = false }: Pick<ClientOptions, 'allowHttp'>): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || isLoopback(url)))) return
  throw new OidcgwError('ERR_INSECURE_TRANSPORT', `${url.origin} would be spoken to without TLS`, {
    hint: 'Use https, or allow it with --allow-http',
  })
}

/** A fetch for openid-client and jose over the host's one transport: same TLS facts, timeouts, proxies and errors as everything else. */
export function fetchOver(host: Pick<Host, 'request' | 'signal'>, options: ClientOptions): CustomFetch {
  return async (url, { method, headers, body }) => {
    const target = new URL(url)
    assertSecure(target, options)
    const asked: HttpRequest = {
      method,
      url: target,
      headers,
      ...(body !== undefined && body !== null && { body: body instanceof Uint8Array ? body : String(body as string | URLSearchParams) }),
      signal: host.signal,
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
      ...(options.tls && { tls: options.tls }),
    }
    const answer = withoutEcho(await host.request(asked), asked)
    const received = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) for (const one of [value ?? []].flat()) received.append(name, one)
    const empty = answer.status === 204 || answer.status === 304
    return new Response(empty ? null : new Uint8Array(answer.body), { status: answer.status, headers: received })
  }
}

/** A refusal without what was sent: some providers repeat it (`Invalid refresh token: …`), and a message repeats what they say. */
function withoutEcho(answer: HttpResponse, asked: HttpRequest): HttpResponse {
  if (answer.status < 400) return answer
  const mask = maskKnown(secretsOf(asked))
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(mask) : value && mask(value),
  ])
  return {
    ...answer,
    headers: Object.fromEntries(headers) as HttpResponse['headers'],
    body: Buffer.from(mask(answer.body.toString('utf8'))),
  }
}
